"""The pass of a rolling-origin backtest: a model at every cut answers the rows of every later period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.backtest import Scored
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
class AskedScores:
    """``scores`` (P, q, K) that the model at each cut gives to those ``rows`` (q,) that are later; NaN elsewhere."""

    rows: Rows
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Past:
    """What one pass over the periods gives: the class ``predicted`` (P, n) by the model at each cut for each later row,
    -1 elsewhere, the answers counted, the scores of some rows, and the moments of packs of periods.
    """

    predicted: NDArray[np.int16]
    scored: Scored
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
    n_periods = len(periods.calendar.names)
    known = np.zeros((n_periods, n_periods), bool)
    said, right = np.zeros((2, n_periods, n_periods, n_classes), np.int64)
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
            known[cuts, period] = True
            for cut, answer in zip(cuts, answers, strict=True):
                said[cut, period] = np.bincount(answer, minlength=n_classes)
                right[cut, period] = np.bincount(answer[answer == codes[rows]], minlength=n_classes)
        of_period = moments_of(phi, codes, rows, n_classes)
        packed[packs[period]] += of_period
        if period < n_periods - 1:
            seen += of_period
            models.append(fit.weights(seen))
            cuts.append(period)
    undated = np.flatnonzero(periods.codes < 0)
    if len(undated):
        packed[packs[n_periods]] += moments_of(phi, codes, undated, n_classes)
    scored = Scored(periods.calendar, known, periods.counts(codes, n_classes), said, right)
    return Past(predicted, scored, AskedScores(asked, kept), tuple(packed))
