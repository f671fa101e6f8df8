"""The learning curve from nested random blocks, and the power law that extrapolates it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import curve_fit

from auditor.evidence.logistic import logistic_weights
from auditor.evidence.moments import empty_moments, moments_of, score
from auditor.evidence.naive_bayes import class_counts
from auditor.interval import Z_90
from auditor.model import LearningCurve, LearningPoint
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import scipy.sparse as sp
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Moments, Rows
    from auditor.evidence.proxy import FoldMoments
    from auditor.evidence.surrogate import Surrogate
    from auditor.keys import Lots

LEARNING_CURVE: Key[LearningCurve] = Key("learning curve")

REPEATS = 2
BLOCKS_OF_A_FOLD = (1 / 16, 1 / 4, 1 / 2)
SMALLEST_TRAINING_SET = 40
FORECAST_SIZES = (1.0, 1.5, 2.0, 4.0)
# Standard error of what twice the rows are said to add, over 20 sets and sizes: benchmarks/results/calibration.md.
DOUBLING_ERROR = 0.010
REFITS = 100


def learning_curve(
    phi: Features, texts: sp.csr_matrix, codes: Codes, moments: FoldMoments, model: Surrogate, lots: Lots
) -> LearningCurve | None:
    """Held-out accuracy of the surrogate by training rows, with a 90 % interval, and its forecast; None under 200 rows.

    ``phi`` (n, D) are the features and ``texts`` (n, V) the term counts that ``model`` was trained on.
    """
    measured: dict[int, list[float]] = {}
    n_classes, n_folds, fold_size = moments.total.cross.shape[1], len(moments.parts), _fold_size(moments)
    if fold_size < SMALLEST_TRAINING_SET:
        return None
    for repeat in range(REPEATS):
        held_out = np.flatnonzero(moments.folds == repeat)
        nested = list(_nested_models(phi, codes, moments, model, repeat, lots))
        scores = score(phi, held_out, np.hstack([weights for *_, weights in nested]))
        for (size, rows, _), linear in zip(nested, np.split(scores, len(nested), axis=1), strict=True):
            counts = class_counts(texts, codes, rows, n_classes)
            right = model.answers(linear, texts[held_out], counts) == codes[held_out]
            measured.setdefault(size, []).append(float(right.mean()))
        # The largest models are those of the out-of-fold predictions.
        right = model.out_of_fold.predicted[held_out] == codes[held_out]
        measured.setdefault((n_folds - 1) * fold_size, []).append(float(right.mean()))
    complete = (size for size, values in measured.items() if len(values) == REPEATS and size >= SMALLEST_TRAINING_SET)
    sizes = np.array(sorted(complete), float)
    if len(sizes) < 4:
        return None
    values = np.array([measured[int(size)] for size in sizes])
    means = values.mean(axis=1)
    n_test = len(codes) / len(moments.parts) * REPEATS
    error = np.sqrt(values.var(axis=1, ddof=1) / REPEATS + means * (1 - means) / n_test)
    points = tuple(_point(size, mean, Z_90 * spread) for size, mean, spread in zip(sizes, means, error, strict=True))
    return LearningCurve(points, _extrapolate(sizes, means, error, len(codes), lots.seed))


def _fold_size(moments: FoldMoments) -> int:
    """Of the smallest fold, so that every repeat has the same sizes."""
    return int(np.bincount(moments.folds, minlength=len(moments.parts)).min())


def _nested_models(
    phi: Features, codes: Codes, moments: FoldMoments, model: Surrogate, repeat: int, lots: Lots
) -> Iterator[tuple[int, Rows, NDArray[np.float32]]]:
    """The size, the rows and the linear model of each training set but the largest."""
    n_classes = moments.total.cross.shape[1]
    weights: NDArray[np.float32] | None = None
    for size, rows, of_rows in _nested_rows(phi, codes, moments, repeat, lots):
        if model.by_logistic:
            weights = logistic_weights(phi, codes, rows, n_classes, weights)
        else:
            weights = moments.fit.weights(of_rows)
        yield size, rows, weights


def _nested_rows(
    phi: Features, codes: Codes, moments: FoldMoments, repeat: int, lots: Lots
) -> Iterator[tuple[int, Rows, Moments]]:
    """Growing training sets: parts of one fold, then whole folds added one by one, up to the last.

    The size of whole folds is that of as many of the smallest.
    """
    n_folds, n_classes = len(moments.parts), moments.total.cross.shape[1]
    order = [(repeat + step) % n_folds for step in range(1, n_folds - 1)]
    first = np.flatnonzero(moments.folds == order[0])
    fold_size = _fold_size(moments)
    first = first[lots[first].order("learning curve")]
    seen, done = empty_moments(phi.shape[1], n_classes), 0
    for share in BLOCKS_OF_A_FOLD:
        size = int(share * fold_size)
        if size - done < 1 or size < SMALLEST_TRAINING_SET:
            continue
        more = moments_of(phi, codes, first[done:size], n_classes)
        more += seen
        seen = more
        done = size
        yield size, first[:size], seen
    whole = moments.parts[order[0]]
    yield fold_size, first, whole
    for step, fold in enumerate(order[1:], start=2):
        whole = whole + moments.parts[fold]
        yield step * fold_size, np.flatnonzero(np.isin(moments.folds, order[:step])), whole


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

    start = (min(float(means[-1]) + 0.05, 1.0), 0.05, 0.5)
    try:
        fitted, _ = curve_fit(law, sizes, means, start, sigma=weights, bounds=((0, 0, 0.05), (1, 1, 2)))
    except RuntimeError:
        return None
    return np.minimum(float(means[-1]) + law(at, *fitted) - law(sizes[-1], *fitted), 1.0)


def _point(size: float, mean: float, half_width: float) -> LearningPoint:
    return LearningPoint(int(size), float(mean), float(max(0, mean - half_width)), float(min(1, mean + half_width)))
