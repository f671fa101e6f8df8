"""The learning curve from nested random blocks, and the power law that extrapolates it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import curve_fit

from auditor.interval import Z_90
from auditor.model import Estimate, LearningCurve, LearningPoint
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

LEARNING_CURVE: Key[LearningCurve] = Key("learning curve")

REPEATS = 2
SMALLEST_TRAINING_SET = 40
FORECAST_SIZES = (1.0, 1.5, 2.0, 4.0)
# Standard error of what twice the rows are said to add, times the root of the rows, over 20 sets of 500 to 5,000 rows;
# from 10,000 on, where none was measured, it shrinks no further: benchmarks/results/calibration.md.
DOUBLING_ERROR, MEASURED_TO = 0.55, 10_000
REFITS = 100


@dataclass(frozen=True)
class HeldOut:
    """Accuracies on a held-out fold, one in ``folds`` of all ``rows``, ``by_size`` of the training set."""

    by_size: Mapping[int, Sequence[float]]
    rows: int
    folds: int


def learning_curve(held_out: HeldOut, seed: int) -> LearningCurve | None:
    """Accuracy by training rows, with a 90 % interval, and its forecast; None under four sizes, so some 200 rows."""
    complete = (
        size for size, values in held_out.by_size.items() if len(values) == REPEATS and size >= SMALLEST_TRAINING_SET
    )
    sizes = np.array(sorted(complete), float)
    if len(sizes) < 4:
        return None
    values = np.array([held_out.by_size[int(size)] for size in sizes])
    means = values.mean(axis=1)
    n_test = held_out.rows / held_out.folds * REPEATS
    error = np.sqrt(values.var(axis=1, ddof=1) / REPEATS + means * (1 - means) / n_test)
    points = tuple(_point(size, mean, Z_90 * spread) for size, mean, spread in zip(sizes, means, error, strict=True))
    return LearningCurve(points, _extrapolate(sizes, means, error, held_out.rows, seed))


def doubling_error(rows: int) -> float:
    """The standard error of what twice the ``rows`` are said to add to accuracy."""
    return DOUBLING_ERROR / math.sqrt(min(rows, MEASURED_TO))


def doubled(level: float, error: float, rows: int) -> Estimate:
    """Accuracy on twice the ``rows``, which the law puts at ``level``; ``error`` is the standard error of today's."""
    value, half_width = min(level, 1.0), Z_90 * math.hypot(error, doubling_error(rows))
    method = "power law on the learning curve"
    return Estimate(value, max(value - half_width, 0.0), min(value + half_width, 1.0), "share", method)


def _extrapolate(
    sizes: NDArray[np.float64], means: NDArray[np.float64], error: NDArray[np.float64], n: int, seed: int
) -> tuple[LearningPoint, ...]:
    """``accuracy = ceiling - scale·size^-rate`` (Viering and Loog 2022), larger sizes weighing more.

    The interval comes from refits to the points plus their noise. More rows do not cost accuracy, so it does not
    reach below today's; and it reaches up to where the last doubling's gain would lead if it did not shrink.
    """
    scaled = sizes / sizes[-1]
    weights = np.maximum(error, 1e-3) / np.sqrt(scaled)
    growth = n * np.array(FORECAST_SIZES) / sizes[-1]
    fitted = _power_law(scaled, means, weights, growth)
    if fitted is None:
        return ()
    rng = np.random.default_rng(seed)
    refits = [_power_law(scaled, means + rng.normal(0, error), weights, growth) for _ in range(REFITS)]
    low, high = np.quantile([refit for refit in refits if refit is not None] or [fitted], (0.05, 0.95), axis=0)
    doubling = max(means[-1] - np.interp(sizes[-1] / 2, sizes, means), 0.0)
    low = np.maximum(low, means[-1] - Z_90 * error[-1])
    high = np.maximum(high, means[-1] + doubling * np.log2(growth) + Z_90 * error[-1])
    value = np.clip(fitted, low, high)
    return tuple(
        LearningPoint(int(n * times), float(v), float(max(lo, 0)), float(min(hi, 1)))
        for times, v, lo, hi in zip(FORECAST_SIZES, value, low, high, strict=True)
    )


def _power_law(
    sizes: NDArray[np.float64], means: NDArray[np.float64], weights: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The last mean and what the fitted law adds to it at sizes ``at`` (m,); None where the fit does not converge.

    A curve that still bends upwards ends above its law.
    """

    def law(size: NDArray[np.float64], ceiling: float, scale: float, rate: float) -> NDArray[np.float64]:
        return ceiling - scale * size**-rate

    # Points of hardly any accuracy and their noise lie below 0 too.
    start = (float(np.clip(means[-1] + 0.05, 0, 1)), 0.05, 0.5)
    try:
        fitted, _ = curve_fit(law, sizes, means, start, sigma=weights, bounds=((0, 0, 0.05), (1, 1, 2)))
    except RuntimeError:
        return None
    return np.minimum(float(means[-1]) + law(at, *fitted) - law(sizes[-1], *fitted), 1.0)


def _point(size: float, mean: float, half_width: float) -> LearningPoint:
    return LearningPoint(int(size), float(mean), float(max(0, mean - half_width)), float(min(1, mean + half_width)))
