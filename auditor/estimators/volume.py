"""How many records a month the decision is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.model import Figure, OneOf, Template, Words
from auditor.results import Key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VOLUME: Key[Volume] = Key("volume")

YEAR, QUARTER = 12, 3
# Below half or above twice the year's mean, the last months are another volume, not a season (house rule, 2026).
MOVED = 2.0
# Where nothing tells the time that an export covers: as long as the decision reaches.
ASSUMED_MONTHS = 24
SPREAD = Template("spread", "no dates: the records spread over {months}, assumed", fields={"months": Figure("months")})
ALL_MONTHS = Template("all_months", "the mean of the {months} in the export", fields={"months": Figure("months")})
LAST_MONTHS = Template(
    "last_months",
    "the mean of the last three months, as it {moved} from {before} within the year",
    fields={"moved": OneOf({"fell": "fell", "rose": "rose"}), "before": Figure("count", 0)},
)


@dataclass(frozen=True)
class Volume:
    """Records a month, and which ones they are."""

    monthly: float
    said: Words


def monthly_volume(per_month: NDArray[np.int64] | None, rows: int) -> Volume:
    """From the rows of each month (M,), oldest first; None without dates.

    The mean of the last twelve months, or of the last three where these hold less than half or more than twice as many
    a month as the nine before them. The last month is left out where it holds less than half of the one before: it is
    not over.
    """
    if per_month is None:
        return Volume(rows / ASSUMED_MONTHS, SPREAD.of(months=ASSUMED_MONTHS))
    counts = per_month
    if len(counts) > 1 and counts[-1] < counts[-2] / 2:
        counts = counts[:-1]
    year = counts[-YEAR:]
    if len(year) < YEAR:
        return Volume(
            float(year.mean()),
            ALL_MONTHS.of(months=len(year)) if len(year) > 1 else "the mean of the one month in the export",
        )
    last, before = float(year[-QUARTER:].mean()), float(year[:-QUARTER].mean())
    if last * MOVED < before or last > MOVED * before:
        return Volume(last, LAST_MONTHS.of(moved="fell" if last < before else "rose", before=round(before)))
    return Volume(float(year.mean()), "the mean of the last twelve months")
