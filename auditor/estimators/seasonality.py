"""Classes that pause and come back, or that come back every year at the same season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from auditor.estimators.churn import EVIDENCE, MIN_ROWS, rows_without_flood
from auditor.model import ClassChange

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from auditor.estimators.churn import MonthlyCounts

MIN_PAUSE = 3
SEASON_MONTHS = 6
IN_SEASON = 0.8


def seasonality(name: str, code: int, monthly: MonthlyCounts) -> list[ClassChange]:
    """The season or the longest pause of the class ``code``.

    A pause must be sure without the class that swells most in it, too.
    """
    series, n_classes = monthly.counts[:, code], monthly.counts.shape[1]
    rows = int(series.sum())
    if rows < MIN_ROWS:
        return []
    total = monthly.counts.sum(axis=1)
    threshold = EVIDENCE + np.log(n_classes * len(series))
    if (season := _season(series, total, monthly.months, threshold)) is not None:
        return [ClassChange(name, "seasonal", season, (), rows, "records")]
    active = np.flatnonzero(series)
    gap = int(np.diff(active).argmax()) if len(active) > 1 else 0
    if len(active) < 2 or active[gap + 1] - active[gap] <= MIN_PAUSE:
        return []
    pause = slice(active[gap] + 1, active[gap + 1])
    inside = np.isin(np.arange(len(series)), np.arange(pause.start, pause.stop))
    others = rows_without_flood(monthly.counts, inside)
    expected = min(rows * seen[inside].sum() / max(seen[~inside].sum(), 1) for seen in (total, others))
    if expected <= threshold:
        return []
    return [
        ClassChange(name, kind, monthly.months[at], (), rows, "records")
        for kind, at in (("dormant", pause.start), ("returned", pause.stop))
    ]


def _season(
    series: NDArray[np.int64], total: NDArray[np.int64], months: tuple[date, ...], threshold: float
) -> date | None:
    """The first month of the season's first occurrence, where at most six calendar months in a row hold 80 %.

    Of the rate, not of the rows; by a G test over the calendar months, and in each of two years or more.
    """
    if len(series) < 24:
        return None
    month = np.array([each.month - 1 for each in months])
    rows, seen = (np.bincount(month, weights=each, minlength=12) for each in (series, total))
    rate = rows / np.maximum(seen, 1)
    expected = seen * rows.sum() / seen.sum()
    held = rows > 0
    statistic = 2 * float((rows[held] * np.log(rows[held] / expected[held])).sum())
    if -stats.chi2.logsf(statistic, 11) <= threshold:
        return None
    length, start = next(
        (length, start)
        for length in range(1, 13)
        for start in np.argsort([-rate[np.arange(at, at + length) % 12].sum() for at in range(12)])[:1]
        if rate[np.arange(start, start + length) % 12].sum() >= IN_SEASON * rate.sum()
    )
    if length > SEASON_MONTHS:
        return None
    inside = np.isin(month, np.arange(start, start + length) % 12)
    year = np.array([each.year for each in months]) - (month < start)
    full = [each for each in np.unique(year) if (inside & (year == each)).sum() == length]
    busy = [
        each for each in full if series[inside & (year == each)].sum() > 0.5 * series[inside].sum() / max(len(full), 1)
    ]
    if len(busy) < 2 or len(busy) < len(full):
        return None
    return months[int(np.flatnonzero(inside & (month == start))[0])]
