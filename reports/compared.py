"""This audit beside the one before it: since the last one, and what corrections did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports import numbers, text, words
from reports.tables import Table

if TYPE_CHECKING:
    from auditor.model import AuditResult, Corrections, Estimate, MovedFigure, Since


def since(found: Since) -> Table:
    """The five named figures, then the gates whose status moved."""
    figures = [
        (_named(each), *text.figures((each.before, each.after), each.unit), each.change) for each in found.figures
    ]
    gates = [
        (
            words.GATES[each.gate],
            words.STATUSES[each.before],
            words.STATUSES[each.after],
            "worse" if each.fell else "within noise",
        )
        for each in found.gates
        if each.before is not each.after
    ]
    return Table(("", "Then", "Now", "Change"), (*figures, *gates))


def _named(each: MovedFigure) -> str:
    names = ", ".join(words.shorten(name, 40) for name in each.names[:3])
    return f"{each.label} ({names})" if names else each.label


def corrected(found: Corrections) -> list[str]:
    """What people did, and what the audit that listed the records expected of it."""
    labels = words.plural(found.changed, "label")
    lines = [
        f"{labels} corrected and {numbers.count(found.confirmed)} confirmed, laid over the export; "
        f"the audit of {found.time:%Y-%m-%d} had listed {words.plural(found.listed, 'record')}."
    ]
    if found.gone:
        lines.append(
            f"{words.plural(found.gone, 'correction')} found no record: gone, or another text or label by now."
        )
    if found.forecast:
        value, low, high = numbers.figures((found.forecast.value, found.forecast.low, found.forecast.high), "share")
        lines.append(
            f"It expected an ordinary classifier to be right on {value} of the records, by their labels, once the "
            f"listed ones are read ({low} to {high})."
        )
    return lines


def before_and_now(found: Corrections, result: AuditResult) -> Table:
    """The figures of both audits."""
    lines = [
        (words.ESTIMATES[name][0], _figure(before), _figure(result.estimates[name]))
        for name, before in found.before.items()
        if name in result.estimates and name in words.ESTIMATES
    ]
    return Table(("", "Before", "Now"), tuple(lines))


def _figure(estimate: Estimate) -> str:
    value = numbers.estimate_value(estimate)
    both = estimate.low is not None and estimate.high is not None
    return f"{value} ({numbers.interval_words(estimate)})" if both else value
