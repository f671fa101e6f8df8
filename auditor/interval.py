"""What a 90 % interval is made of, wherever one is told."""

from __future__ import annotations

from math import sqrt

LEVEL = 0.90
# Its half-width in standard errors.
Z_90 = 1.645
# What lies under the root of so many of its variances is taken for chance (house rule, 2026).
SHRINK = 3.0


def error_of_mean(variance: float, size: float) -> float:
    """The standard error of a mean of ``size`` values; of a share never under that of one of either kind more."""
    return sqrt(max(variance, 1 / (size + 2)) / size)


def kept(value: float, variance: float) -> float:
    """What is left of a ``value`` that is drawn towards none (positive-part James and Stein 1961)."""
    return max(0.0, 1 - SHRINK * variance / value**2) if value else 0.0
