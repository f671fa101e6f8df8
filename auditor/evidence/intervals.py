"""Interval helpers for the headline figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest

from auditor.model import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.90
# Half-width of such an interval in standard errors.
Z_90 = 1.645


def share_estimate(successes: int, n: int, method: str) -> Estimate:
    """A share with its 90 % Wilson interval (Wilson 1927)."""
    interval = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return Estimate(successes / n, float(interval.low), float(interval.high), "share", method)


def mean_error(values: NDArray[np.generic], weights: NDArray[np.float64] | None = None) -> float:
    """The standard error of the mean of ``values`` (n,), at the effective sample size of their ``weights`` (Kish 1965).

    That of a share is never under one right and one wrong answer more.
    """
    each, of = values.astype(float), np.ones(len(values)) if weights is None else weights
    size = float(of.sum() ** 2 / (of**2).sum())
    variance = float(np.average((each - np.average(each, weights=of)) ** 2, weights=of))
    return float(np.sqrt(max(variance, 1 / (size + 2)) / size))
