"""The periods in which an export is compared with itself: how many records each holds, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS_PER_MONTH = 365.25 / 12
MAX_PERIODS = 24
MIN_MEDIAN_ROWS = 200
BY_COUNT = "equal count"


@dataclass(frozen=True)
class Calendar:
    """``names`` (P,) in time order, the ``unit``, the ``months`` that each lasts, and the ``rows`` (P,) of each.

    Periods of equal counts last as many on average.
    """

    names: tuple[str, ...]
    unit: str
    months: int
    rows: NDArray[np.int64]

    @property
    def choice(self) -> str:
        """Which unit, and why."""
        median = int(np.median(self.rows))
        if self.unit == BY_COUNT:
            return (
                f"periods of equal counts, {self.months} months long on average, as no unit of the calendar gives "
                f"three or more of which the median one holds {MIN_MEDIAN_ROWS} records; here it holds {median:,}"
            )
        if self.unit == "year":
            return f"years, the longest unit; the median one holds {median:,} records"
        return (
            f"{self.unit}s, the shortest unit of which there are at most {MAX_PERIODS} and the median one holds "
            f"{MIN_MEDIAN_ROWS} records or more; it holds {median:,}"
        )
