"""The decision in money, worked out: what each way nets, where that turns, and what knowing more is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import TRAINED, GateStatus, Way
from reports import first_screen, numbers, text, words
from reports.tables import Table

if TYPE_CHECKING:
    from auditor.model import AuditResult, RepairValue, Valuation


def facts(result: AuditResult, valuation: Valuation) -> list[str]:
    """The sum in sentences."""
    lines = [_basis(valuation), first_screen.ranges(valuation), _gain(valuation), _chances(valuation)]
    lines += [_turns(valuation), _uncounted(result)]
    if valuation.repair:
        lines.append(_repair(valuation, valuation.repair))
    if valuation.subset is not None:
        lines.append(_subset(valuation.subset))
    notes = map(text.message, valuation.notes[first_screen.MOST_NOTES :])
    return [line for line in [*lines, *map(words.sentence, notes)] if line]


def ways(valuation: Valuation) -> Table:
    """What each way nets, how sure that is, and how old its model gets."""
    lines = []
    for each in valuation.ways:
        net, low, high = (numbers.money(value, whole=True) for value in (each.net.value, each.net.low, each.net.high))
        lines.append(
            (
                words.WAYS[each.way],
                net,
                f"{low} to {high}",
                numbers.chance(each.best),
                "–" if each.retrained_months is None else numbers.every(each.retrained_months),
            )
        )
    return Table(("Way", "Nets a month", "90 % interval", "Chance to net most", "Trained again"), tuple(lines))


def at_costs(valuation: Valuation) -> Table | None:
    """What each way nets over prompting where a wrongly filed record costs more or less."""
    if not valuation.at_costs:
        return None
    shown = [way for way in Way if way is not Way.PROMPT and all(way in each.net for each in valuation.at_costs)]
    lines = tuple(
        (
            numbers.money(each.error_cost),
            *(numbers.gain(each.net[way] - each.net[Way.PROMPT]) for way in shown),
            words.WAYS[each.best],
            numbers.chance(each.training_pays),
        )
        for each in valuation.at_costs
    )
    return Table(("An error costs", *(words.WAYS[way] for way in shown), "Nets most", "Training pays"), lines)


def assumptions(valuation: Valuation) -> Table:
    """Every figure that the sum rests on, and how it is known."""
    lines = tuple(
        (words.sentence(each.label), numbers.quantity(each.value, each.unit), words.one_line(each.source))
        for each in valuation.assumptions
    )
    return Table(("Figure", "Value", "Known from"), lines)


def _uncounted(result: AuditResult) -> str:
    """That labels which look wrong cost no way anything, where too few are sure to."""
    held = [each for gate in result.gates for each in gate.criteria if each.measurement == "label_noise_rate"]
    labels = result.facts.labels if result.facts else None
    if labels is None or labels.at_random.value or labels.reviewed or not held or held[0].status is GateStatus.PASS:
        return ""
    return (
        "The sum counts no mistakes at random: whether the "
        f"{numbers.share(held[0].observed)} of labels that look wrong are wrong, a fresh sheet tells."
    )


def _basis(valuation: Valuation) -> str:
    known = "" if valuation.error_cost_set else ", which is assumed: nobody said what one costs"
    volume = f"{numbers.count(valuation.monthly_volume)} records a month"
    source = f" ({words.one_line(text.message(valuation.volume_from))})" if valuation.volume_from else ""
    return (
        f"The sum runs over {valuation.months} months and {volume}{source}. A wrongly filed record costs "
        f"{numbers.money(valuation.error_cost)}{known}."
    )


def _gain(valuation: Valuation) -> str:
    """What the answer nets over prompting; empty where it is prompting."""
    if not valuation.net_a_month.value:
        return ""
    net, low, high = (
        numbers.money(value, whole=True)
        for value in (valuation.net_a_month.value, valuation.net_a_month.low, valuation.net_a_month.high)
    )
    return f"The answer nets {net} a month over prompting ({low} to {high})."


def _chances(valuation: Valuation) -> str:
    net = {each.way: each.net.value for each in valuation.ways if each.way in TRAINED}
    better = f", {words.A_WAY[max(net, key=lambda way: net[way])]}," if net else ""
    return (
        f"The better trained way{better} is worth more than prompting with a chance of "
        f"{numbers.chance(valuation.training_pays)}, fine-tuning more than an ordinary classifier with "
        f"{numbers.chance(valuation.tuning_pays)}."
    )


def _turns(valuation: Valuation) -> str:
    """Break-even in volume, error cost and time."""
    found = []
    if valuation.break_even_volume is not None:
        found.append(f"{numbers.about(valuation.break_even_volume)} records a month")
    if valuation.break_even_error_cost is not None:
        found.append(f"{numbers.money(valuation.break_even_error_cost)} an error")
    line = f"The break-even of training and prompting is at {words.joined(found, 'or')}." if found else _NEVER
    if valuation.break_even_months is not None and valuation.break_even_months <= valuation.months:
        months = words.plural(max(1, round(valuation.break_even_months)), "month")
        line += f" The first training has paid for itself after {months}."
    return line


_NEVER = "Either training or prompting is ahead at every volume and every error cost."


def _subset(adds: float) -> str:
    than = f"{'more' if adds > 0 else 'less'} than the best single way, the routing paid"
    return (
        f"Training for some classes, prompting for the rest nets {numbers.money(abs(adds), whole=True)} a month {than}."
    )


def _repair(valuation: Valuation, repair: RepairValue) -> str:
    lost, low, high = numbers.figures(
        (repair.label_cost.value, repair.label_cost.low, repair.label_cost.high), "points"
    )
    back = numbers.figure(repair.recovered, "points")
    return (
        f"Wrong labels cost the best way {lost} on true labels ({low} to {high}). Reading the "
        f"{numbers.count(repair.rows)} listed records gives {back} back and costs "
        f"{numbers.money(repair.cost, whole=True)}; over {valuation.months} months it nets "
        f"{numbers.money(repair.net, whole=True)}, a month's delay counted, and beats acting now with a chance of "
        f"{numbers.chance(repair.pays)}."
    )
