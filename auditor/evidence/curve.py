"""The learning curve from nested random blocks, and the power law that extrapolates it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import curve_fit

from auditor.evidence.intervals import Z_90
from auditor.evidence.moments import empty_moments, moments_of
from auditor.evidence.proxy import FoldMoments, accuracies
from auditor.model import LearningCurve, LearningPoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Features

REPEATS = 2
BLOCKS_OF_A_FOLD = (1 / 16, 1 / 4, 1 / 2)
SMALLEST_TRAINING_SET = 40
FORECAST_SIZES = (1.5, 2.0, 4.0)
REFITS = 100


def learning_curve(phi: Features, codes: Codes, moments: FoldMoments) -> LearningCurve | None:
    """Held-out accuracy by training rows, with a 90 % interval, and its forecast; None under 200 rows."""
    measured: dict[int, list[float]] = {}
    n_folds = len(moments.parts)
    for repeat in range(REPEATS):
        held_out = np.flatnonzero(moments.folds == repeat)
        models = dict(_nested_models(phi, codes, moments, repeat, n_folds))
        values = accuracies(phi, codes, held_out, list(models.values()))
        for size, value in zip(models, values, strict=True):
            measured.setdefault(size, []).append(float(value))
    complete = (size for size, values in measured.items() if len(values) == REPEATS and size >= SMALLEST_TRAINING_SET)
    sizes = np.array(sorted(complete), float)
    if len(sizes) < 4:
        return None
    values = np.array([measured[int(size)] for size in sizes])
    means = values.mean(axis=1)
    n_test = len(codes) / n_folds * REPEATS
    error = np.sqrt(values.var(axis=1, ddof=1) / REPEATS + means * (1 - means) / n_test)
    points = tuple(_point(size, mean, Z_90 * spread) for size, mean, spread in zip(sizes, means, error, strict=True))
    return LearningCurve(points, _extrapolate(sizes, means, error, len(codes)))


def _nested_models(
    phi: Features, codes: Codes, moments: FoldMoments, repeat: int, n_folds: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Models on growing training sets: parts of one fold, then whole folds added one by one."""
    order = [(repeat + step) % n_folds for step in range(1, n_folds)]
    first = np.flatnonzero(moments.folds == order[0])
    # The smallest fold decides, so that every repeat has the same sizes.
    fold_size = len(codes) // n_folds
    first = np.random.default_rng(repeat).permutation(first)
    seen, done = empty_moments(phi.shape[1], moments.total.cross.shape[1]), 0
    for share in BLOCKS_OF_A_FOLD:
        size = int(share * fold_size)
        if size - done < 1 or size < SMALLEST_TRAINING_SET:
            continue
        seen = seen + moments_of(phi, codes, first[done:size], seen.cross.shape[1])
        done = size
        yield size, moments.fit.weights(seen)
    whole = moments.parts[order[0]]
    yield fold_size, moments.fit.weights(whole)
    for step, fold in enumerate(order[1:], start=2):
        whole = whole + moments.parts[fold]
        yield step * fold_size, moments.fit.weights(whole)


def _extrapolate(
    sizes: NDArray[np.float64], means: NDArray[np.float64], error: NDArray[np.float64], n: int
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
    rng = np.random.default_rng(0)
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
    """The fitted law at sizes ``at`` (m,); None where the fit does not converge."""

    def law(size: NDArray[np.float64], ceiling: float, scale: float, rate: float) -> NDArray[np.float64]:
        return ceiling - scale * size**-rate

    start = (min(float(means[-1]) + 0.05, 1.0), 0.05, 0.5)
    try:
        fitted, _ = curve_fit(law, sizes, means, start, sigma=weights, bounds=((0, 0, 0.05), (1, 1, 2)))
    except RuntimeError:
        return None
    return law(at, *fitted)


def _point(size: float, mean: float, half_width: float) -> LearningPoint:
    return LearningPoint(int(size), float(mean), float(max(0, mean - half_width)), float(min(1, mean + half_width)))
