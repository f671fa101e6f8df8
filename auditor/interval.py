"""What a 90 % interval is made of, wherever one is told."""

from __future__ import annotations

from math import sqrt

LEVEL = 0.90
# Its half-width in standard errors.
Z_90 = 1.645


def error_of_mean(variance: float, size: float) -> float:
    """The standard error of a mean of ``size`` values; of a share never under that of one of either kind more."""
    return sqrt(max(variance, 1 / (size + 2)) / size)
