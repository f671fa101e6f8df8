"""Claims before anything is written about them or filed: who, when, how much, and the true reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sample_data.defects import FIRST_DAY, LAST_DAY, day_number
from sample_data.taxonomy import CATEGORIES, row_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_data.text import Ints, Strings

_DAYS = day_number(LAST_DAY) + 1
_WEEKDAY_VOLUME = (1.0, 1.0, 1.0, 1.0, 0.9, 0.25, 0.1)

PAYERS = (
    "Northlake Health",
    "Cobalt Mutual",
    "Summit Ridge Plan",
    "Meridian Behavioral",
    "Harborview Insurance",
    "Prairie State Medicaid",
    "Evergreen Care",
    "Unity Choice",
    "Bluestem HMO",
    "Atlas Employer Trust",
    "Lakeshore Medicaid",
    "Crescent Advantage",
    "Pinnacle PPO",
    "Tidewater Group",
)
SEGMENT_PAYER = 3
FACILITIES = (
    "Alder Center",
    "Birch Hollow Recovery",
    "Cedar Bend Clinic",
    "Clearwater Behavioral Health",
    "Copper Hill Hospital",
    "Eastgate Center",
    "Fox River Recovery",
    "Glenwood Clinic",
    "Granite Falls Behavioral Health",
    "Harbor Point Hospital",
    "Juniper Center",
    "Kestrel Recovery",
    "Linden Clinic",
    "Maple Grove Behavioral Health",
    "Millbrook Hospital",
    "North Fork Center",
    "Oak Terrace Recovery",
    "Pine Ridge Clinic",
    "Red Canyon Behavioral Health",
    "Stillwater Hospital",
    "Westfield Center",
    "Willow Run Recovery",
)
CODERS = tuple(f"coder_{number:02d}" for number in range(1, 19))
HABIT_CODER = 3


@dataclass(frozen=True)
class Base:
    """The rows before anything is written or filed, in the order of their dates."""

    claim_id: Strings
    day: Ints
    payer: Ints
    facility: Ints
    coder: Ints
    amount: NDArray[np.float64]
    concept: Ints


def _day_volume(rng: np.random.Generator) -> NDArray[np.float64]:
    days = np.datetime64(FIRST_DAY) + np.arange(_DAYS)
    month = days.astype("datetime64[M]").astype(np.int64)
    noise = rng.normal(1.0, 0.03, size=month[-1] - month[0] + 1)
    # Day 0 of the epoch was a Thursday.
    weekday = (days.astype(np.int64) + 3) % 7
    volume = np.array(_WEEKDAY_VOLUME)[weekday] * noise[month - month[0]]
    return np.asarray(volume / volume.sum(), dtype=np.float64)


def _uneven(rng: np.random.Generator, values: int, rows: int) -> Ints:
    weights = np.linspace(1.9, 0.4, values)
    return rng.choice(values, size=rows, p=weights / weights.sum())


def base_rows(rng: np.random.Generator, rows: int) -> Base:
    numbers = rng.choice(10**9, size=rows, replace=False)
    return Base(
        claim_id=np.array([f"CLM{number:09d}" for number in numbers.tolist()], dtype=object),
        day=np.sort(rng.choice(_DAYS, size=rows, p=_day_volume(rng))),
        payer=_uneven(rng, len(PAYERS), rows),
        facility=_uneven(rng, len(FACILITIES), rows),
        coder=_uneven(rng, len(CODERS), rows),
        amount=np.round(rng.lognormal(6.6, 0.8, size=rows), 2),
        concept=rng.permutation(np.repeat(np.arange(len(CATEGORIES)), row_counts(rows))),
    )
