"""Classes that are born or die, found month by month, and which texts change hands then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

MONTHLY_COUNTS: Key[MonthlyCounts] = Key("counts by month")
CLASS_EVENTS: Key[tuple[ClassEvent, ...]] = Key("class events")
FLOWS: Key[tuple[Flow, ...]] = Key("flows")

RATE_RATIO = 0.1
EVIDENCE = 12.0
MIN_ROWS = 20
FLOW_SHARE = 0.15


class Event(StrEnum):
    BORN = "born"
    DIED = "died"


@dataclass(frozen=True)
class ClassEvent:
    """One class whose share of the rows starts from, or falls to, less than a tenth at ``month``."""

    code: int
    event: Event
    month: date
    rows: int


@dataclass(frozen=True)
class Flow:
    """Texts that changed hands when ``event`` happened: ``rows`` of them moved from ``source`` to ``target``.

    After a death: of the texts that the model of the day still calls ``source``, ``share`` is filed under ``target``.
    After a birth: of the texts filed under ``target``, the model of the day would call ``share`` ``source``.
    """

    event: Event
    source: int
    target: int
    rows: int
    share: float


@dataclass(frozen=True)
class Moved:
    """How many texts, ``rows`` (K,), changed hands with each class at an ``event``, by the model of the day."""

    event: ClassEvent
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class MonthlyCounts:
    """``counts`` (M, K) rows by month and class; ``months`` (M,) are first days."""

    months: tuple[date, ...]
    counts: NDArray[np.int64]


def class_events(monthly: MonthlyCounts) -> tuple[ClassEvent, ...]:
    """Births and deaths by the change point with the largest Poisson likelihood ratio, at the next month with rows.

    An event needs a rate on its empty side below a tenth of the other side's and a log likelihood ratio of
    ``EVIDENCE`` above the log of the number of change points tried; and both again without the class that swells most
    on the empty side, which would make everything else look rare.
    """
    counts = monthly.counts
    total = counts.sum(axis=1)
    tried = int((np.cumsum(total)[:-1] > 0).sum())
    threshold = EVIDENCE + np.log(max(tried * counts.shape[1], 1))
    events = []
    for code, series in enumerate(counts.T):
        if series.sum() < MIN_ROWS:
            continue
        for event in Event:
            ratios = log_ratios(series, total, event)
            if not len(ratios) or ratios.max() <= threshold:
                continue
            at = int(ratios.argmax())
            empty = np.arange(len(series)) > at if event is Event.DIED else np.arange(len(series)) <= at
            if log_ratios(series, rows_without_flood(counts, empty), event)[at] > threshold:
                start = at + 1 + int((total[at + 1 :] > 0).argmax())
                events.append(ClassEvent(code, event, monthly.months[start], int(series.sum())))
    return tuple(events)


def log_ratios(series: NDArray[np.int64], exposure: NDArray[np.int64], event: Event) -> NDArray[np.float64]:
    """Log likelihood ratio (M - 1,) of a change after each month; minus infinity where it is not ``event``."""
    before, seen_before = np.cumsum(series)[:-1].astype(float), np.cumsum(exposure)[:-1].astype(float)
    after, seen_after = series.sum() - before, exposure.sum() - seen_before
    rate_before, rate_after = before / np.maximum(seen_before, 1), after / np.maximum(seen_after, 1)
    overall = series.sum() / max(exposure.sum(), 1)
    ratio = xlogy(before, rate_before) + xlogy(after, rate_after) - xlogy(series.sum(), overall)
    empty, full = (rate_after, rate_before) if event is Event.DIED else (rate_before, rate_after)
    told = (empty <= RATE_RATIO * full) & (seen_before > 0) & (seen_after > 0)
    return np.asarray(np.where(told, ratio, -np.inf))


def rows_without_flood(counts: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows a month (M,) of all classes but the one whose share is larger in ``part`` of the months by the most."""
    inside, outside = (each.sum(axis=0) / max(each.sum(), 1) for each in (counts[part], counts[~part]))
    return np.asarray(counts.sum(axis=1) - counts[:, int((inside - outside).argmax())])


def flows(moves: Iterable[Moved]) -> tuple[Flow, ...]:
    """Where the texts of dead classes went and those of born ones came from, ``FLOW_SHARE`` or more each."""
    found: list[Flow] = []
    for moved in moves:
        code, event, total = moved.event.code, moved.event.event, moved.rows.sum()
        if total < MIN_ROWS:
            continue
        for other in np.flatnonzero(moved.rows >= FLOW_SHARE * total):
            pair = (code, int(other)) if event is Event.DIED else (int(other), code)
            found.append(Flow(event, *pair, int(moved.rows[other]), float(moved.rows[other] / total)))
    return tuple(found)
