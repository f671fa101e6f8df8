"""Calendar periods that hold enough rows each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_PERIODS = 24
MIN_MEDIAN_ROWS = 200
LENGTHS = {"month": ("1mo", 1), "quarter": ("3mo", 3), "half-year": ("6mo", 6), "year": ("1y", 12)}


@dataclass(frozen=True)
class Periods:
    """``names`` in time order, ``codes`` (n,) per row (-1 without a date), the ``months`` that each lasts."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]
    unit: str
    months: int

    @property
    def with_undated(self) -> NDArray[np.int32]:
        """Codes (n,) in which the rows without a date are one more period."""
        return np.where(self.codes < 0, len(self.names), self.codes).astype(np.int32)

    @property
    def choice(self) -> str:
        """Which unit, and why."""
        median = int(np.median(self.rows))
        if self.unit == "year":
            return f"years, the longest unit; the median one holds {median:,} records"
        return (
            f"{self.unit}s, the shortest unit of which there are at most {MAX_PERIODS} and the median one holds "
            f"{MIN_MEDIAN_ROWS} records or more; it holds {median:,}"
        )

    @property
    def rows(self) -> NDArray[np.int64]:
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))


def choose_periods(times: pl.Series, granularity: str) -> Periods | None:
    """The shortest unit with at most 24 periods whose median holds 200 rows; None under three periods.

    A year alone ("year" ``granularity``) is never split. Where no unit holds enough rows, the year serves.
    """
    if times.null_count() == len(times):
        return None
    candidates = ["year"] if granularity == "year" else list(LENGTHS)
    for unit in candidates:
        periods = _periods(times, unit)
        rows = periods.rows
        enough = len(rows) <= MAX_PERIODS and np.median(rows) >= MIN_MEDIAN_ROWS
        if enough or unit == "year":
            return periods if (rows > 0).sum() >= 3 else None
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
    return Periods(names, codes.cast(pl.Int32).fill_null(-1).to_numpy(), unit, months)


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
