"""What stands behind the sum: what moves it most, the figures that it rests on, and what it had to assume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.judge.costs import costs_of
from auditor.judge.decision import behind_vote
from auditor.model import PERCENT, Assumption, Template, TornadoBar, Tuning, Way
from auditor.prices import ASSUMED, KEYS, MEASURED, PRICES, SET, STATED

if TYPE_CHECKING:
    from auditor.judge.decision import Known
    from auditor.model import Facts, Words

MOST_BARS = 8

# What must be known of a trial's answers.
ENDED = {
    Tuning.CUT: "The trial's fine-tuning was stopped before its end and counts as far as it came: a whole one may come "
    "out otherwise. Run auditor trial with more --minutes.",
    Tuning.PROBE: "In the trial fine-tuning gained nothing on validation rows over a linear probe on the encoder as it "
    "is: the probe's answers count, as a team would keep it.",
}
_A_FLOOR = ": it counts as a floor, and the expectation stands beside it."
WEAK = Template(
    "weak",
    "The prompt measured gets {right} right, below what prompts reach on sets like this" + _A_FLOOR,
    fields={"right": PERCENT},
)
WEAK_BY_VOTE = Template(
    "weak_by_vote",
    "The prompt measured gets {right} right, below the {vote} of copying the label of the nearest records" + _A_FLOOR,
    fields={"right": PERCENT, "vote": PERCENT},
)


def moves(now: Known) -> tuple[TornadoBar, ...]:
    """What the better trained way nets over prompting with one price halved and doubled, what moves it most first."""
    way, facts, stakes = now.better_trained, now.facts, now.stakes
    price = {key: float(values.mean()) for key, values in now.drawn.price.items()}
    ahead = float((now.found[way].accuracy - now.found[Way.PROMPT].accuracy).mean()) * stakes.worth

    def net(changed: Mapping[str, float]) -> float:
        total = ahead
        for sign, each in ((-1, way), (1, Way.PROMPT)):
            costs = costs_of(each, {**price, **changed}, facts, stakes.months, now.found[each].cadence)
            total += sign * (costs.fixed + stakes.months * stakes.volume * costs.per_record)
        return float(total)

    bars = [
        TornadoBar(key, PRICES[key].label, net({key: value / 2}), net({key: value * 2})) for key, value in price.items()
    ]
    base = net({})
    bars += [
        TornadoBar("error_cost", KEYS["error_cost"].label, base - ahead / 2, base + ahead),
        TornadoBar("monthly_volume", KEYS["monthly_volume"].label, *_by_volume(now, way, base)),
    ]
    ranked = sorted(bars, key=lambda bar: -abs(bar.at_double - bar.at_half))
    return tuple(bar for bar in ranked[:MOST_BARS] if abs(bar.at_double - bar.at_half) > 1)


def _by_volume(now: Known, way: Way, base: float) -> tuple[float, float]:
    fixed = float((now.found[way].fixed - now.found[Way.PROMPT].fixed).mean())
    by_records = base + fixed
    return by_records / 2 - fixed, by_records * 2 - fixed


def assumptions(facts: Facts, given: Mapping[str, float]) -> tuple[Assumption, ...]:
    priced = [
        Assumption(key, price.label, given.get(key, price.value), price.unit, SET if key in given else ASSUMED)
        for key, price in KEYS.items()
        if key in PRICES or key in given or key in {"error_cost", "months"}
    ]
    measured = [
        ("monthly_volume", facts.monthly_volume or 0.0, STATED["monthly_volume"].label, "records a month"),
        ("tokens_per_record", facts.tokens_per_record, "A record", "tokens"),
        ("taxonomy_tokens", facts.taxonomy_tokens, "The classes and their definitions", "tokens"),
        ("training_rows", float(facts.rows), "Records trained on", "records"),
    ]
    return (
        *priced,
        *(Assumption(key, label, value, unit, MEASURED) for key, value, label, unit in measured if key not in given),
    )


def notes(now: Known, *, permitted: bool) -> tuple[Words, ...]:
    """What the sum had to assume."""
    facts = now.facts
    said: list[Words] = []
    if not permitted:
        said.append("An answer under [governance] says that nobody may train on these records: training is no choice.")
    if facts.trained and facts.trial and facts.trial.tuning in ENDED:
        said.append(ENDED[facts.trial.tuning])
    if facts.ageing is None:
        said.append("No dates: what age costs a model is assumed from exports that have them.")
    if now.too_good:
        said.append(
            "The trained model's answers are too good for rows that it has not seen: it was probably trained on them, "
            "so they do not count."
        )
    if now.weak_prompt and facts.prompt:
        right = facts.prompt.right.value
        if facts.vote and behind_vote(facts):
            said.append(WEAK_BY_VOTE.of(right=right, vote=facts.vote.value))
        else:
            said.append(WEAK.of(right=right))
    return tuple(said)
