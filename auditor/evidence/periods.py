"""Periods that hold enough rows each: units of the calendar, or equal counts where dates are sparse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.calendar import BY_COUNT, DAYS_PER_MONTH, MAX_PERIODS, MIN_MEDIAN_ROWS, Calendar
from auditor.evidence.counted import crossed
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

PERIODS: Key[Periods] = Key("periods")

MIN_PERIODS = 3
# Periods of equal counts stand for equal times only where their lengths differ little.
SHORTEST_TO_MEAN = 0.5
ENOUGH_DATED = MIN_PERIODS * MIN_MEDIAN_ROWS
LENGTHS = {"month": ("1mo", 1), "quarter": ("3mo", 3), "half-year": ("6mo", 6), "year": ("1y", 12)}


@dataclass(frozen=True)
class Periods:
    """The ``calendar``, and the period, ``codes`` (n,), of each row: -1 without a date."""

    calendar: Calendar
    codes: NDArray[np.int32]

    @property
    def with_undated(self) -> NDArray[np.int32]:
        """Codes (n,) in which the rows without a date are one more period."""
        return np.where(self.codes < 0, len(self.calendar.names), self.codes).astype(np.int32)

    def counts(self, codes: Codes, n_classes: int) -> NDArray[np.int64]:
        """Dated rows by period and class, by ``codes`` (n,): (P, K)."""
        dated = self.codes >= 0
        return crossed(self.codes[dated], codes[dated], len(self.calendar.names), n_classes)


def periods_of(names: tuple[str, ...], codes: NDArray[np.int32], unit: str, months: int) -> Periods:
    """Of rows whose periods are ``codes`` (n,), indices of ``names``, -1 without a date."""
    return Periods(Calendar(names, unit, months, np.bincount(codes[codes >= 0], minlength=len(names))), codes)


def choose_periods(times: pl.Series, granularity: str) -> Periods | None:
    """The shortest unit with at most 24 periods whose median holds 200 rows; None under three periods.

    A year alone ("year" ``granularity``) is never split. Where no unit holds enough rows, periods of equal counts
    serve, and where these last very different times, years.
    """
    if times.null_count() == len(times):
        return None
    units = ["year"] if granularity == "year" else list(LENGTHS)
    for unit in units:
        periods = _periods(times, unit)
        rows = periods.calendar.rows
        enough = len(rows) <= MAX_PERIODS and np.median(rows) >= MIN_MEDIAN_ROWS
        long = (rows > 0).sum() >= MIN_PERIODS
        if enough and long:
            return periods
    by_count = None if granularity == "year" else _by_count(times)
    return by_count or (periods if long else None)


def _by_count(times: pl.Series) -> Periods | None:
    """As many periods of 200 rows or more as there can be, cut between days; None if they last very different times."""
    days = times.dt.date()
    ordered = days.drop_nulls().sort()
    for count in range(min(MAX_PERIODS, len(ordered) // MIN_MEDIAN_ROWS), MIN_PERIODS - 1, -1):
        starts = ordered.gather([round(len(ordered) * part / count) for part in range(count)]).unique().sort()
        ends = [*starts[1:], ordered[-1] + timedelta(days=1)]
        lengths = np.array([(end - start).days for start, end in zip(starts, ends, strict=True)]) / DAYS_PER_MONTH
        if lengths.min() >= max(1.0, SHORTEST_TO_MEAN * lengths.mean()):
            codes = starts.search_sorted(days.fill_null(date.min), side="right").to_numpy().astype(np.int32) - 1
            names = tuple(
                f"{start:%Y-%m} to {end - timedelta(days=1):%Y-%m}" for start, end in zip(starts, ends, strict=True)
            )
            return periods_of(names, codes, BY_COUNT, round(lengths.mean()))
    return None


def _periods(times: pl.Series, unit: str) -> Periods:
    every, months = LENGTHS[unit]
    starts = times.dt.truncate(every)
    dated = pl.DataFrame({"start": starts})
    calendar = dated.select(
        pl.datetime_range(pl.col("start").min(), pl.col("start").max(), every).cast(starts.dtype)
    ).to_series()
    codes = dated.join(
        pl.DataFrame({"start": calendar}).with_row_index("code"),
        on="start",
        how="left",
        maintain_order="left",
    )["code"]
    names = tuple(_name(start.year, start.month, unit) for start in calendar)
    return periods_of(names, codes.cast(pl.Int32).fill_null(-1).to_numpy(), unit, months)


def _name(year: int, month: int, unit: str) -> str:
    match unit:
        case "month":
            return f"{year}-{month:02d}"
        case "quarter":
            return f"{year} Q{(month + 2) // 3}"
        case "half-year":
            return f"{year} H{(month + 5) // 6}"
        case _:
            return str(year)
