"""The rule: which way, whether to repair or to measure first, and what would turn it. Codes and figures only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from auditor.interval import Z_90
from auditor.judge.costs import first_training
from auditor.judge.draws import Draws, Laws, draw, with_floor, with_prompt
from auditor.judge.repair import Repaired, repaired
from auditor.judge.routes import ByClass, Subset, by_class, subset
from auditor.judge.value import SHEETS, WAYS, Line, Stakes, best_way, lines, worth_of_sheet
from auditor.model import SURE, TRAINED, ClassFacts, Decision, NextStep, SheetWorth, StepKind, Way
from auditor.prices import ERROR_COST, MONTHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.model import Facts

    Values = NDArray[np.float64]

# A repair asks besides that wrong labels cost so much (design, "The verdict as a decision").
LABELS_COST = 0.015
# Under so many records nothing can be measured (house rule, 2026).
LEAST_ROWS = 200
# A measured prompt under this quantile of what was expected is a weak one, and so is one that is surely further behind
# the vote of the nearest records than this: a capable model that is shown such records seldom does worse than to copy
# the label that most of them carry (house rule, 2026; benchmarks/results/prompted_small.md).
LOW_END, BEHIND_VOTE = 0.05, 0.05
# A trained model that removes more of the errors than nearly any published one was asked about its own training rows.
TOO_GOOD = 0.9
# The decision turns on the error cost where it turns between these.
ASKED_BETWEEN = (1.0, 50.0)


@dataclass(frozen=True)
class Known:
    """What the rule reads: the ensemble, the ways at their best cadence, and the sums that follow."""

    facts: Facts
    stakes: Stakes
    drawn: Draws
    found: Mapping[Way, Line]
    nets: Mapping[Way, Values]
    classes: ByClass
    subset: Subset | None
    repaired: Repaired | None
    sheets: tuple[SheetWorth, ...]
    measured: bool
    weak_prompt: bool
    too_good: bool

    @property
    def best(self) -> Way:
        return best_way(self.found, self.stakes.worth)

    @property
    def better_trained(self) -> Way:
        return max(TRAINED, key=lambda way: float(self.nets[way].mean()))

    @property
    def training_pays(self) -> float:
        return _beats(self.nets[self.better_trained], self.nets[Way.PROMPT])

    @property
    def tuning_pays(self) -> float:
        return _beats(self.nets[Way.FINE_TUNED], self.nets[Way.ORDINARY])

    @property
    def best_sheet(self) -> SheetWorth | None:
        """The size that is worth most beyond its cost, where any is."""
        found = max(self.sheets, key=lambda sheet: sheet.worth - sheet.cost, default=None)
        return found if found and found.worth > found.cost else None


@dataclass(frozen=True)
class Ruled:
    """The decision, whether a measurement comes first, and the next steps, the first one first."""

    decision: Decision
    measure_first: bool
    steps: tuple[NextStep, ...]


def known(facts: Facts, given: Mapping[str, float], laws: Laws, seed: int = 0) -> Known:
    """``given`` are the figures of `[cost]` that somebody set."""
    too_good = facts.trained is not None and _too_good(facts)
    if too_good:
        fresh = facts.fresh and replace(facts.fresh, trained=None, trained_behind=None)
        facts = replace(facts, trained=None, fresh=fresh)
    stakes = stakes_of(facts, given)
    drawn, weak = _ensemble(facts, given, laws, seed)
    asked = facts.prompt is not None or (facts.fresh is not None and facts.fresh.prompt is not None)
    measured = asked and not weak
    sums = _sums(drawn, facts, stakes, measured=measured)
    return Known(facts, stakes, drawn, *sums, _sheets(drawn, sums.nets, facts, seed), measured, weak, too_good)


def at_stakes(now: Known, stakes: Stakes) -> Known:
    """All else as it is, but for what a sheet is worth there."""
    sums = _sums(now.drawn, now.facts, stakes, measured=now.measured)
    return Known(now.facts, stakes, now.drawn, *sums, (), now.measured, now.weak_prompt, now.too_good)


class _Sums(NamedTuple):
    """What hangs on the stakes, in the order of `Known`."""

    found: Mapping[Way, Line]
    nets: Mapping[Way, Values]
    classes: ByClass
    subset: Subset | None
    repaired: Repaired | None


def _sums(drawn: Draws, facts: Facts, stakes: Stakes, *, measured: bool) -> _Sums:
    found = lines(drawn, facts, stakes)
    classes = by_class(drawn, found, facts, stakes)
    return _Sums(
        found,
        {way: found[way].net(stakes.worth) for way in WAYS},
        classes,
        subset(classes, drawn, found, facts, stakes) if measured else None,
        repaired(drawn, found, facts, stakes),
    )


def _ensemble(facts: Facts, given: Mapping[str, float], laws: Laws, seed: int) -> tuple[Draws, bool]:
    """The ensemble with all that was measured, and whether the measured prompt is a weak one: then it is a floor.

    A fresh sheet says what is true; how right a way is on the labels as given does not follow from it. Answers that it
    scores are not counted once more by the labels as given.
    """
    by_given = draw(replace(facts, fresh=None), laws, given, seed)
    prompt, sheet = facts.prompt, facts.fresh
    weak = prompt is not None and (
        prompt.right.value < float(np.quantile(by_given.given[Way.PROMPT], LOW_END)) or behind_vote(facts)
    )

    def asked(drawn: Draws) -> Draws:
        if prompt is None:
            return drawn
        return with_floor(drawn, prompt) if weak else with_prompt(drawn, prompt, seed)

    if sheet is None:
        return asked(by_given), weak
    if weak:
        sheet = replace(sheet, prompt=None, behind=None)
    drawn = draw(replace(facts, fresh=sheet, trained=None if sheet.trained else facts.trained), laws, given, seed)
    if sheet.prompt is None:
        drawn = asked(drawn)
    return replace(drawn, given=asked(by_given).given), weak


def behind_vote(facts: Facts) -> bool:
    """Whether a measured prompt is well behind the vote of the nearest records, beyond what few rows make of it."""
    if facts.prompt is None or facts.vote is None:
        return False
    error = np.hypot(facts.prompt.right.error, facts.vote.error)
    return bool(facts.vote.value - facts.prompt.right.value - Z_90 * error > BEHIND_VOTE)


def stakes_of(facts: Facts, given: Mapping[str, float]) -> Stakes:
    return Stakes(
        given.get("months", MONTHS),
        given.get("monthly_volume", facts.monthly_volume or 0.0),
        given.get("error_cost", ERROR_COST),
        given.get("retraining_every_months"),
    )


def _sheets(drawn: Draws, nets: Mapping[Way, Values], facts: Facts, seed: int) -> tuple[SheetWorth, ...]:
    price = {key: float(drawn.price[key].mean()) for key in ("labelling_price", "measuring_hours", "hourly_rate")}
    once = price["measuring_hours"] * price["hourly_rate"]
    sizes = [rows for rows in SHEETS if rows <= facts.rows]
    return tuple(
        SheetWorth(rows, worth_of_sheet(drawn, nets, rows, seed), rows * price["labelling_price"] + once)
        for rows in sizes
    )


def _too_good(facts: Facts) -> bool:
    assert facts.trained is not None  # noqa: S101 - the caller looked
    ordinary = facts.trained.right.value + facts.trained.behind.value
    removed = (facts.trained.right.value - ordinary) / max(1 - ordinary, 1e-9)
    return removed > TOO_GOOD and facts.trained.right.value - facts.trained.right.error > ordinary


def _beats(first: Values, other: Values) -> float:
    return float((first > other).mean())


def rule(now: Known, *, permitted: bool = True, turns_on_error_cost: bool = False) -> Ruled:
    """Two questions in turn: does the better trained way beat prompting, does fine-tuning beat the ordinary one?

    While the opponent is unmeasured a yes takes `SURE` at both; once it is measured, expected value decides. Between a
    prompt and an ordinary classifier it always does, as both can be undone.
    """
    decision, measure_first = decided(now, permitted=permitted)
    # What a measurement is worth without leave to train, where one way is left, is nothing.
    alone = not permitted and decision is Decision.PROMPT_WITH_RETRIEVAL
    steps = (_acting(now, decision),) if alone else _steps(now, decision, turns_on_error_cost=turns_on_error_cost)
    return Ruled(decision, measure_first, steps)


def decided(now: Known, *, permitted: bool) -> tuple[Decision, bool]:
    """The decision, and whether a measurement comes before it."""
    if now.facts.rows < LEAST_ROWS or now.stakes.volume <= 0 or untold(now.facts):
        return Decision.INCONCLUSIVE, False
    if not permitted:
        return Decision.PROMPT_WITH_RETRIEVAL, False
    if repair_first(now):
        return Decision.FIX_DATA_FIRST, False
    nets, best = now.nets, now.best
    routed = now.subset is not None and now.subset.net.mean() > max(float(net.mean()) for net in nets.values())
    if routed or best is Way.FINE_TUNED:
        assert not routed or now.subset is not None  # noqa: S101 - routed says so
        tuned = now.subset.net if routed and now.subset else nets[Way.FINE_TUNED]
        others = [nets[Way.PROMPT], nets[Way.ORDINARY]]
        sure = all(_beats(tuned, other) >= SURE for other in others) and _beats(tuned, np.maximum(*others)) >= SURE
        if now.measured or sure:
            return (Decision.FINE_TUNE_SUBSET if routed else Decision.FINE_TUNE), False
        if now.best_sheet is not None or now.weak_prompt:
            return Decision.PROMPT_WITH_RETRIEVAL, True
        # Not worth a measurement: the better of the two ways that can be undone.
        best = max((Way.PROMPT, Way.ORDINARY), key=lambda way: float(nets[way].mean()))
    return (Decision.ORDINARY_CLASSIFIER if best is Way.ORDINARY else Decision.PROMPT_WITH_RETRIEVAL), False


def untold(facts: Facts) -> bool:
    """Whether the texts do not tell the labels, and nobody labelled records afresh: equal texts carry different ones,
    or the ordinary classifier finds the classes no more often than by chance, and no other model was asked.
    """
    if facts.fresh is not None:
        return False
    asked = facts.prompt is not None or facts.trained is not None
    return facts.ambiguous or not (asked or _skilled(facts.by_class, facts.rows))


def _skilled(classes: Sequence[ClassFacts], rows: int) -> bool:
    """Whether the mean recall of the classes surely beats that of one answer for all."""
    recall = np.array([each.recall for each in classes])
    of_class = np.maximum(rows * np.array([each.share for each in classes]), 1)
    error = np.sqrt((recall * (1 - recall) / of_class).sum()) / len(classes)
    return bool(recall.mean() - Z_90 * error > 1 / len(classes))


def repair_first(now: Known) -> bool:
    """Whether the repair pays for the way that would follow it, and wrong labels cost that way enough."""
    found = now.repaired
    if found is None or float(found.label_cost.mean()) < LABELS_COST or found.pays < SURE:
        return False
    return float(found.net.mean()) > max(float(net.mean()) for net in now.nets.values())


def _steps(now: Known, decision: Decision, *, turns_on_error_cost: bool) -> tuple[NextStep, ...]:
    """What to do next, the first thing first; a repair that pays stands second where something is to be measured."""
    if decision is Decision.INCONCLUSIVE:
        enough = now.facts.rows >= LEAST_ROWS and now.stakes.volume > 0
        return (NextStep(StepKind.TEXT, 0, 0.0, 0.0) if enough else NextStep(StepKind.EXPORT, LEAST_ROWS, 0.0, 0.0),)
    steps = [NextStep(StepKind.ERROR_COST, 0, 0.0, 0.0)] if turns_on_error_cost else []
    if decision is Decision.FIX_DATA_FIRST:
        steps += _reading(now)
    elif now.weak_prompt:
        measuring = float((now.drawn.price["measuring_hours"] * now.drawn.price["hourly_rate"]).mean())
        steps.append(NextStep(StepKind.STRONGER_MODEL, 0, measuring, max((s.worth for s in now.sheets), default=0.0)))
    elif sheet := now.best_sheet:
        kind = StepKind.LARGER_SHEET if now.measured else StepKind.SHEET
        steps.append(NextStep(kind, sheet.rows, sheet.cost, sheet.worth))
    if decision is not Decision.FIX_DATA_FIRST and now.repaired and now.repaired.pays >= SURE:
        steps += _reading(now)
    return tuple(steps[:2]) or (_acting(now, decision),)


def _reading(now: Known) -> list[NextStep]:
    """The repair, where it is expected to net something."""
    found = now.repaired
    worth = 0.0 if found is None else float(found.gain.mean()) + found.cost
    if found is None or worth <= found.cost:
        return []
    return [NextStep(StepKind.REPAIR, now.facts.labels.listed, found.cost, worth)]


def _acting(now: Known, decision: Decision) -> NextStep:
    """What setting up a trained way costs, and what it is worth over prompting before that. A prompt is the default."""
    price = {key: float(values.mean()) for key, values in now.drawn.price.items()}
    match decision:
        case Decision.ORDINARY_CLASSIFIER:
            net, cost = now.nets[Way.ORDINARY], price["ordinary_hours"] * price["hourly_rate"]
        case Decision.FINE_TUNE:
            net, cost = now.nets[Way.FINE_TUNED], float(first_training(price, now.facts))
        case Decision.FINE_TUNE_SUBSET if now.subset:
            net, cost = now.subset.net, float(first_training(price, now.facts))
        case _:
            return NextStep(StepKind.ACT, 0, 0.0, 0.0)
    return NextStep(StepKind.ACT, 0, cost, max(float((net - now.nets[Way.PROMPT]).mean()) + cost, 0.0))
