"""Interval helpers for the headline figures."""

from __future__ import annotations

from scipy.stats import binomtest

from auditor.model import Estimate

LEVEL = 0.90
# Half-width of such an interval in standard errors.
Z_90 = 1.645


def share_estimate(successes: int, n: int, method: str) -> Estimate:
    """A share with its 90 % Wilson interval (Wilson 1927)."""
    interval = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return Estimate(successes / n, float(interval.low), float(interval.high), "share", method)
