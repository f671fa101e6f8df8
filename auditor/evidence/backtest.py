"""Rolling-origin backtest (Tashman 2000): a model at every cut, scored on every later period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.moments import Moments, empty_moments, moments_of, score
from auditor.evidence.narrow import carried_over
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Rows
    from auditor.evidence.narrow import Narrow
    from auditor.evidence.periods import Periods

PAST: Key[Past] = Key("backtest")


@dataclass(frozen=True)
class Backtest:
    """``accuracy[i, j]`` (P, P): trained on periods up to and including i, scored on period j; NaN for j <= i.

    ``macro_f1`` (P, P) is the mean F1 of the classes that period j holds, in the same cells.
    ``predicted[i]`` (n,) holds the class that the model at cut i gives to each later row, -1 elsewhere.
    """

    periods: Periods
    accuracy: NDArray[np.float64]
    macro_f1: NDArray[np.float64]
    predicted: NDArray[np.int16]


@dataclass(frozen=True)
class AskedScores:
    """``scores`` (P, q, K) that the model at each cut gives to those ``rows`` (q,) that are later; NaN elsewhere."""

    rows: Rows
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Past:
    """What one pass over the periods gives: the ``backtest``, the scores of some rows, and the moments of packs of
    periods.
    """

    backtest: Backtest
    asked: AskedScores
    packs: tuple[Moments, ...]


def rolling_origin(
    narrow: Narrow,
    wide: NDArray[np.int32],
    codes: Codes,
    n_classes: int,
    periods: Periods,
    packs: NDArray[np.int8],
    asked: Rows,
) -> Past:
    """Periods enter in time order; each cut costs their moments and one solve. Empty periods make no cut.

    Models are ``narrow``, and their answers carried over to what random folds answer at full width, ``wide`` (n,); the
    scores and moments kept are narrow.

    ``asked`` (q,) are the rows, in order, whose scores are kept; ``packs`` (P + 1,) names the pack, from 0, that
    takes the moments of each period and of the rows without a date.
    """
    phi, fit = narrow.phi, narrow.moments.fit
    n_periods = len(periods.names)
    accuracy, macro = np.full((2, n_periods, n_periods), np.nan)
    predicted = np.full((n_periods, len(codes)), -1, np.int16)
    kept = np.full((n_periods, len(asked), n_classes), np.nan, np.float32)
    packed = [empty_moments(phi.shape[1], n_classes) for _ in range(packs.max() + 1)]
    seen = empty_moments(phi.shape[1], n_classes)
    models: list[NDArray[np.float32]] = []
    cuts: list[int] = []
    for period in range(n_periods):
        rows = np.flatnonzero(periods.codes == period)
        if not len(rows):
            continue
        if models:
            # All models so far read the period's rows together, in one matrix product.
            scores = score(phi, rows, np.hstack(models)).reshape(len(rows), len(models), n_classes)
            answers = carried_over(scores.argmax(axis=2).T, narrow.out_of_fold.predicted[rows], wide[rows])
            predicted[np.ix_(np.array(cuts), rows)] = answers
            of_asked = np.flatnonzero(periods.codes[asked] == period)
            kept[np.ix_(np.array(cuts), of_asked)] = scores[np.searchsorted(rows, asked[of_asked])].swapaxes(0, 1)
            accuracy[cuts, period] = (answers == codes[rows]).mean(axis=1)
            macro[cuts, period] = [macro_f1(codes[rows], said, n_classes) for said in answers]
        of_period = moments_of(phi, codes, rows, n_classes)
        packed[packs[period]] += of_period
        if period < n_periods - 1:
            seen += of_period
            models.append(fit.weights(seen))
            cuts.append(period)
    undated = np.flatnonzero(periods.codes < 0)
    if len(undated):
        packed[packs[n_periods]] += moments_of(phi, codes, undated, n_classes)
    return Past(Backtest(periods, accuracy, macro, predicted), AskedScores(asked, kept), tuple(packed))


def macro_f1(truth: Codes, said: NDArray[np.int64], n_classes: int) -> float:
    """The mean F1 over the classes that ``truth`` (n,) holds."""
    support, answered, right = (np.bincount(each, minlength=n_classes) for each in (truth, said, truth[truth == said]))
    held = support > 0
    return float((2 * right[held] / (support[held] + answered[held])).mean())
