"""Why the answer is what it is: one sentence in money and in wrongly filed records a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.governance import permitted
from auditor.model import SURE, TRAINED, TRAINING, Decision, GateStatus, Route, StepKind, Way
from reports import numbers, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Level, RepairValue, Valuation, WayValue


def sentence(result: AuditResult, chosen: Way | None) -> str:
    """The sum behind the answer; ``chosen`` is the way that it names, None where it names no single one."""
    valuation, decision = weighed(result), result.verdict.decision
    if valuation is None:
        return _unmeasured(result)
    if chosen is not Way.TODAY and not permitted(result.governance):
        return "Nobody may train on these records, which leaves prompting."
    if decision is Decision.FIX_DATA_FIRST and valuation.repair:
        said = _repair_first(valuation, valuation.repair)
    elif decision is Decision.FINE_TUNE_SUBSET and valuation.subset is not None:
        said = _some_classes(result, valuation, valuation.subset)
    else:
        said, left_open = _compared(valuation, chosen or (Way.FINE_TUNED if decision in TRAINING else Way.PROMPT))
        return f"{said}, {_price(valuation)}{left_open}." if said else _unmeasured(result)
    return f"{said}, {_price(valuation)}."


def weighed(result: AuditResult) -> Valuation | None:
    """The sum, where it says anything: not where the data cannot answer."""
    return None if result.verdict.decision is Decision.INCONCLUSIVE else result.valuation


def today_is_best(valuation: Valuation) -> bool:
    """Whether no way nets more than today's handling."""
    return bool(valuation.ways) and max(valuation.ways, key=lambda each: each.net.value).way is Way.TODAY


def _price(valuation: Valuation) -> str:
    assumed = "" if valuation.error_cost_set else "an assumed "
    return f"counting {assumed}{numbers.money(valuation.error_cost)} per error"


def _unmeasured(result: AuditResult) -> str:
    used, least = result.run.intake.rows_used, max((step.rows for step in result.verdict.steps), default=0)
    if used < least:
        return (
            f"{words.plural(used, 'record')} with text and label are too few to decide: a first answer takes {least}."
        )
    if result.valuation and result.valuation.monthly_volume <= 0:
        return "Nobody said how many records come a month, and the export does not tell."
    if any(step.kind is StepKind.TEXT for step in result.verdict.steps):
        return _untold(result)
    silent = [words.GATES[gate.id].lower() for gate in result.gates if gate.status is GateStatus.UNKNOWN]
    if not silent:
        return "Too little could be measured to do the sum."
    return f"Too little could be measured to do the sum: there is no figure for {words.joined(silent)}."


def _untold(result: AuditResult) -> str:
    if result.facts and result.facts.ambiguous:
        return (
            "Records with the same text carry different labels: no model of these texts is right in more than "
            f"{numbers.share(result.facts.ceiling)} of them. Something else decides the label."
        )
    return "The text does not tell the classes apart: a model finds them no more often than one answer for all would."


def _repair_first(valuation: Valuation, repair: RepairValue) -> str:
    lost = numbers.figure(repair.label_cost.value, "points")
    saved = numbers.about(repair.recovered * valuation.monthly_volume)
    gain = _about(repair.net / valuation.months)
    return (
        f"Wrong labels cost {lost}; reading the {numbers.count(repair.rows)} listed records first is expected to net "
        f"{gain} a month more than acting now, and to file {saved} fewer of {_volume(valuation)} wrongly"
    )


def _some_classes(result: AuditResult, valuation: Valuation, adds: float) -> str:
    routed = [row for row in result.classes if row.route is Route.FINE_TUNE]
    share = numbers.share(sum(row.volume_share for row in routed))
    return (
        f"Fine-tuning {len(routed)} of {words.plural(len(result.classes), 'class', 'classes')}, {share} of the "
        f"volume, is expected to save {_about(valuation.net_a_month.value)} a month against prompting for all and "
        f"{numbers.money(adds, whole=True)} against the best single way"
    )


def _compared(valuation: Valuation, chosen: Way) -> tuple[str, str]:
    """What the chosen way nets against the others and how many fewer records it files wrongly than the first; and what
    is left open.
    """
    ways = {each.way: each for each in valuation.ways}
    rivals = _rivals(ways, chosen)
    if chosen not in ways or not rivals:
        return "", ""
    own, first = ways[chosen], rivals[0]
    gain = own.net.value - first.net.value
    if chosen is Way.PROMPT and gain < 0:
        return _not_yet_earned(valuation, ways, first)
    further = own.net.value - rivals[1].net.value if len(rivals) > 1 and chosen is not Way.TODAY else 0.0
    others = [(gain, first), *([(further, rivals[1])] if further > 0 else [])]
    fewer, left_open = _in_use(valuation, own, first)
    filed = f", and to file {fewer} wrongly than {words.A_WAY[first.way]}" if fewer else ""
    return f"{words.DOING[chosen]} is expected to {_saves(own, others)}{filed}", left_open


def _in_use(valuation: Valuation, own: WayValue, other: WayValue) -> tuple[str, str]:
    """How many fewer records the one files wrongly, where that is known; else that it is not."""
    if not (_is_known(own.later) and _is_known(other.later)):
        return "", "; how many either files wrongly in use is not known"
    if not _surely_differ(own, other):
        return "", "; whether it files fewer wrongly in use is not known"
    return _fewer(valuation, own, other), ""


def _saves(own: WayValue, others: list[tuple[float, WayValue]]) -> str:
    """``save about $128 a month against an ordinary classifier and $475 against fine-tuning``."""
    (gain, first), *more = others
    loses_less = own.net.value < 0 <= gain
    verb = "save" if gain >= 0 and not loses_less else "lose"
    beside = "less than" if loses_less else "against"
    said = f"{verb} {_about(abs(gain))} a month {beside} {words.inside(words.DOING[first.way])}"
    for further, rival in more:
        said += f" and {numbers.money(further, whole=True)} {beside} {words.inside(words.DOING[rival.way])}"
    return said


def _surely_differ(own: WayValue, other: WayValue) -> bool:
    """Whether one of both is right more often in use: beside a prompt with a chance of four in five, else where their
    intervals lie apart.
    """
    chances = [each.ahead for each in (own, other) if each.ahead is not None]
    if len(chances) == 1 and Way.PROMPT in {own.way, other.way}:
        return max(chances[0], 1 - chances[0]) >= SURE
    if own.later is None or other.later is None:
        return False
    return max(own.later.low, other.later.low) > min(own.later.high, other.later.high)


def _not_yet_earned(valuation: Valuation, ways: dict[Way, WayValue], trained: WayValue) -> tuple[str, str]:
    """What the better trained way would save, by the less certain of both questions."""
    rival, chance = Way.PROMPT, valuation.training_pays
    if trained.way is Way.FINE_TUNED and Way.ORDINARY in ways and valuation.tuning_pays < chance:
        rival, chance = Way.ORDINARY, valuation.tuning_pays
    gain = _about(trained.net.value - ways[rival].net.value)
    fewer, left_open = _in_use(valuation, trained, ways[rival])
    said = (
        f"{words.DOING[trained.way]} would save {gain} a month against {words.inside(words.DOING[rival])}, with a "
        f"chance of {numbers.chance(chance)}{f', and file {fewer} wrongly' if fewer else ''}"
    )
    return said, left_open


def _rivals(ways: dict[Way, WayValue], chosen: Way) -> list[WayValue]:
    """The other ways: prompting first against a trained one, else the one that nets most."""
    others = [each for way, each in ways.items() if way not in {chosen, Way.TODAY}]
    return sorted(others, key=lambda each: (chosen in TRAINED and each.way is not Way.PROMPT, -each.net.value))


def _fewer(valuation: Valuation, own: WayValue, other: WayValue) -> str:
    """``8,100 fewer of 100,000 records``; empty where one of both is not known."""
    if own.later is None or other.later is None:
        return ""
    difference = (own.later.value - other.later.value) * valuation.monthly_volume
    if abs(difference) < 1:
        return f"no more of {_volume(valuation)}"
    return f"{numbers.about(difference)} {'fewer' if difference > 0 else 'more'} of {_volume(valuation)}"


def _is_known(level: Level | None) -> bool:
    return level is None or numbers.says_something(level.low, level.high, "share")


def _volume(valuation: Valuation) -> str:
    return f"{numbers.count(valuation.monthly_volume)} records a month"


def _about(value: float) -> str:
    said = numbers.money(value, whole=True)
    return said if said.startswith("under") else f"about {said}"
