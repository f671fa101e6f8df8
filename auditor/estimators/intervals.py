"""Interval helpers for the headline figures."""

from __future__ import annotations

from dataclasses import replace
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest, norm

from auditor.interval import LEVEL, Z_90, error_of_mean
from auditor.model import Estimate, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray


def share_estimate(successes: int, n: int, method: Words) -> Estimate:
    """A share with its 90 % Wilson interval (Wilson 1927)."""
    interval = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return Estimate(successes / n, float(interval.low), float(interval.high), "share", method)


def share_of_others(successes: int, n: int, method: Words, ahead: float, spread: float) -> Estimate:
    """A share, with the 90 % interval of what others get of such records: they are ``ahead`` on average, and differ by
    a standard deviation of ``spread``. The share itself lies inside.
    """
    own = share_estimate(successes, n, method)
    low, high = (hypot(own.value - end, Z_90 * spread) for end in (own.low or 0.0, own.high or 1.0))
    ends = min(ahead - low, 0.0), max(ahead + high, 0.0)
    return replace(own, low=max(own.value + ends[0], 0.0), high=min(own.value + ends[1], 1.0))


def paired_difference(better: int, worse: int, n: int) -> tuple[float, float]:
    """By how much one way is right more often than another on the same ``n`` records, where it alone is right on the
    ``better`` and the other alone on the ``worse``; and the half-width of its 90 % interval.
    """
    mean = (better - worse) / n
    return mean, Z_90 * error_of_mean((better + worse) / n - mean**2, n)


def weighted_share(
    values: NDArray[np.float64], weights: NDArray[np.float64], method: Words, z: float | None = None
) -> Estimate:
    """The mean of ``values`` (m,) from 0 to 1 by their ``weights`` (m,), with its 90 % Wilson interval at the effective
    sample size (Kish 1965); ``z`` replaces the normal quantile.
    """
    z = float(norm.ppf((1 + LEVEL) / 2)) if z is None else z
    size = float(weights.sum() ** 2 / (weights**2).sum())
    value = float(weights @ values / weights.sum())
    centre = (value + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * float(np.sqrt(value * (1 - value) / size + (z / (2 * size)) ** 2))
    return Estimate(value, max(centre - half, 0.0), min(centre + half, 1.0), "share", method)
