"""What became of each class: births and deaths, told apart from new names, mergers, splits, pauses and seasons."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.calendar import DAYS_PER_MONTH
from auditor.estimators.churn import ClassEvent, Event, Flow, MonthlyCounts
from auditor.estimators.seasonality import seasonality
from auditor.inputs.labels import folded
from auditor.model import ClassChange, Growth
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from auditor.inputs.taxonomy import Entry

# Events, and which of them the taxonomy dates.
DATED_EVENTS: Key[tuple[tuple[ClassEvent, ...], frozenset[tuple[int, Event]]]] = Key("dated events")
CLASS_CHANGES: Key[tuple[ClassChange, ...]] = Key("class changes")
GROWTH: Key[Growth | None] = Key("growth")

MONTHS_TO_MATCH = 3
MAIN_SHARE = 0.5
KINDS = ("renamed", "merged", "split", "born", "died", "dormant", "returned", "seasonal")


def in_force(
    events: tuple[ClassEvent, ...], names: tuple[str, ...], monthly: MonthlyCounts, entries: Sequence[Entry]
) -> tuple[tuple[ClassEvent, ...], frozenset[tuple[int, Event]]]:
    """``events`` with the dates that the taxonomy gives instead of the ones found, and which those are.

    Dates outside the months of the records say nothing about these and are left out.
    """
    first, last = monthly.months[0], monthly.months[-1]
    known = {(event.code, event.event): event for event in events}
    given: set[tuple[int, Event]] = set()
    totals = monthly.counts.sum(axis=0)
    for code, name in enumerate(names):
        periods = [entry for entry in entries if entry.folded == folded(name)]
        if not periods:
            continue
        starts, ends = [entry.start for entry in periods], [entry.end for entry in periods]
        for event, when in ((Event.BORN, _outermost(starts, min)), (Event.DIED, _outermost(ends, max))):
            if when is not None and first < (month := when.date().replace(day=1)) <= last:
                known[code, event] = ClassEvent(code, event, month, int(totals[code]))
                given.add((code, event))
    ordered = sorted(known.values(), key=lambda event: (event.code, event.month, event.event))
    return tuple(ordered), frozenset(given)


def _outermost(moments: list[datetime | None], choose: Callable[[Iterable[datetime]], datetime]) -> datetime | None:
    """The first or the last of all moments; None where one of them is open."""
    known = [moment for moment in moments if moment is not None]
    return choose(known) if len(known) == len(moments) else None


def changes(
    names: tuple[str, ...],
    events: tuple[ClassEvent, ...],
    flows: tuple[Flow, ...],
    monthly: MonthlyCounts,
    given: frozenset[tuple[int, Event]] = frozenset(),
) -> tuple[ClassChange, ...]:
    """One or more per class that changed. ``given`` are the events that the taxonomy dates.

    Renamed: one class dies and most of its texts go to one born within three months. Merged: most go to one class
    that is older, or that others went to as well; either way the heir gains at least half of what the class had.
    Split: they spread over several classes, or a class is born out of one that lives on with less. A class whose birth
    is told as a new name is not told twice.
    """
    born = {event.code: event for event in events if event.event is Event.BORN}
    died = {event.code: event for event in events if event.event is Event.DIED}
    main = {
        flow.source: flow.target
        for flow in flows
        if flow.event is Event.DIED
        and flow.share >= MAIN_SHARE
        and _moved(monthly, flow.source, flow.target, died[flow.source].month)
    }
    renamed = {
        source
        for source, target in main.items()
        if list(main.values()).count(target) == 1 and _together(born.get(target), died[source])
    }
    successors = {target for source, target in main.items() if _together(born.get(target), died[source])}
    told = []
    for code, event in died.items():
        heirs = sorted((f for f in flows if f.event is Event.DIED and f.source == code), key=lambda f: -f.share)
        others = [main[code]] if code in main else [flow.target for flow in heirs]
        if code in main:
            kind = "renamed" if code in renamed else "merged"
        else:
            kind = "split" if len(heirs) > 1 and sum(flow.share for flow in heirs) >= MAIN_SHARE else "died"
        told.append(_change(names, event, kind, others, given))
    for code, event in born.items():
        if code not in successors:
            origins = sorted((f for f in flows if f.event is Event.BORN and f.target == code), key=lambda f: -f.share)
            carved = bool(origins) and origins[0].share >= MAIN_SHARE
            carved = carved and _lost(monthly, origins[0].source, code, event.month)
            others = [flow.source for flow in origins][: 1 if carved else None]
            told.append(_change(names, event, "split" if carved else "born", others, given))
    for code in set(range(len(names))) - set(born) - set(died):
        told += seasonality(names[code], code, monthly)
    return tuple(sorted(told, key=lambda change: (KINDS.index(change.kind), -change.rows, change.label)))


def _change(
    names: tuple[str, ...],
    event: ClassEvent,
    kind: str,
    others: Sequence[int],
    given: frozenset[tuple[int, Event]],
) -> ClassChange:
    source = "taxonomy" if (event.code, event.event) in given else "records"
    return ClassChange(names[event.code], kind, event.month, tuple(names[o] for o in others), event.rows, source)


def _together(birth: ClassEvent | None, death: ClassEvent) -> bool:
    return birth is not None and _months_apart(birth.month, death.month) <= MONTHS_TO_MATCH


def _moved(monthly: MonthlyCounts, source: int, target: int, month: date) -> bool:
    """Whether ``target`` got, from ``month`` on, at least half of the share of the rows that ``source`` lost."""
    gain = _gain(monthly, month)
    return bool(gain[target] >= -gain[source] / 2)


def _lost(monthly: MonthlyCounts, source: int, target: int, month: date) -> bool:
    """Whether ``source`` lost, from ``month`` on, at least half of the share of the rows that ``target`` got."""
    gain = _gain(monthly, month)
    return bool(-gain[source] >= gain[target] / 2)


def _gain(monthly: MonthlyCounts, month: date) -> NDArray[np.float64]:
    """What each class (K,) gained in share of the rows from ``month`` on."""
    after = np.array([each >= month for each in monthly.months])
    total = monthly.counts.sum(axis=1)
    before, later = (monthly.counts[part].sum(axis=0) / max(total[part].sum(), 1) for part in (~after, after))
    return np.asarray(later - before)


def growth(told: tuple[ClassChange, ...], monthly: MonthlyCounts) -> Growth | None:
    """How fast the taxonomy grows, as a Poisson process: the next birth is due after the mean time between two.

    Births are classes born or split off; a new name is none. None where the records span less than a year.
    """
    if len(monthly.months) < 13:
        return None
    years = len(monthly.months) / 12
    births = sum(change.kind == "born" or (change.kind == "split" and len(change.others) == 1) for change in told)
    due = monthly.months[-1] + timedelta(days=DAYS_PER_MONTH * 12 * years / births) if births else None
    first, last = (int((part.sum(axis=0) > 0).sum()) for part in (monthly.counts[:12], monthly.counts[-12:]))
    return Growth(first, last, births / years, due)


def _months_apart(left: date, right: date) -> int:
    return abs((left.year - right.year) * 12 + left.month - right.month)
