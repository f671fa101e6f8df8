"""How far a figure of a run moves by chance alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from auditor.interval import Z_90, error_of_mean

if TYPE_CHECKING:
    from auditor.history.record import Record

# The ordinary classifier's accuracy stands twice in a report: as measured by random folds, and as the sum expects it of
# a classifier on all rows, with what is uncertain about that. The first moves with the records alone.
_AS_MEASURED = ("accuracy_given_labels",)
# Shares of records have the noise of a count, but for those that follow from the whole, and those of the records of a
# source and class, which are called all together or not at all.
_COUNTED = ("_share", "_rate", "accuracy_given_labels")
_NO_COUNT = (
    "probability_training_pays",
    "covered_volume_share",
    "starved_volume_share",
    "churned_volume_share",
    "systematic_share",
    "repeated_systematic_share",
)
# Labels that look wrong are counted among the clearest records, 200 at the least; where labels lean towards a model's
# next guesses, each that is counted stands for two (decision 3), which doubles the variance.
_LABEL_NOISE = "label_noise_rate"
_FEWEST_CLEAR, _STANDS_FOR = 200, 2


@dataclass(frozen=True)
class Level:
    """A figure and its standard error."""

    value: float
    error: float


def level_of(record: Record, name: str) -> Level | None:
    """The figure ``name`` with its noise: from its interval, else, for a share of records, that of a count of as many
    different records. None where the run did not measure it, or where nobody knows its noise.
    """
    size = max(record.measured.get("unique_rows", record.rows), 1)
    estimate = None if name in _AS_MEASURED else record.estimates.get(name)
    if estimate is not None:
        value, low, high = estimate.value, estimate.low, estimate.high
    elif name in record.measured:
        value = record.measured[name]
        low, high = (record.measured.get(f"{_stem(name)}_{side}") for side in ("low", "high"))
    else:
        return None
    if low is not None and high is not None and high > low:
        return Level(value, max((high - low) / 2 / Z_90, _least(size)))
    if name == _LABEL_NOISE and low is not None and high is None:
        return Level(value, _noise_error(value, low))
    if low is not None and value > low:
        return Level(value, max((value - low) / Z_90, _least(size)))
    if not 0 <= value <= 1 or name in _NO_COUNT or not name.endswith(_COUNTED):
        return None
    return Level(value, binomial_error(value, size))


def _stem(name: str) -> str:
    """Such as ``reviewed_noise`` of ``reviewed_noise_rate``, whose bounds are ``reviewed_noise_low`` and ``_high``."""
    return name.removesuffix("_rate")


def binomial_error(share: float, size: float) -> float:
    """The standard error of a share of ``size`` records, never under that of one more of each kind."""
    return error_of_mean(share * (1 - share), size)


def _noise_error(rate: float, low: float) -> float:
    """The standard error of a ``rate`` of wrong labels, from its lower bound, Wilson's (1927), which tells of how many
    records; the bound itself lies nearer than an upper one would.
    """
    size = Z_90**2 * low * (1 - low) / (rate - low) ** 2 if 0 < low < rate else 0
    return sqrt(_STANDS_FOR) * binomial_error(rate, max(size, _FEWEST_CLEAR))


def _least(size: float) -> float:
    return binomial_error(0, size)


def new_rows_level(old: Level, new: Level, rows_before: int, rows_after: int) -> Level:
    """The figure of the records that came: where the newer export holds the older one, counts subtract, and so do the
    variances of sums.
    """
    came = rows_after - rows_before
    value = min(max((new.value * rows_after - old.value * rows_before) / came, 0.0), 1.0)
    variance = ((new.error * rows_after) ** 2 - (old.error * rows_before) ** 2) / came**2
    return Level(value, max(sqrt(max(variance, 0.0)), binomial_error(value, came)))


def p_worse(old: Level, new: Level, worse: float) -> float:
    """The one-sided chance of a change that is ``worse`` by so much, where nothing changed."""
    return 1 - NormalDist().cdf(worse / sqrt(old.error**2 + new.error**2))
