"""How often a model must be trained again, and on how many new labels, to stay near what a fresh one would do."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.moments import moments_of, score
from auditor.model import Retraining

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.backtest import Backtest
    from auditor.evidence.moments import Codes, Features
    from auditor.evidence.proxy import FoldMoments

TOLERANCE = 0.03
MIN_PAIRS = 2
SHARES = (1 / 8, 1 / 4, 1 / 2)
RECOVERED = 0.01


def loss_by_age(accuracy: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accuracy (A,) that a model loses to the freshest one by being 0, 1, ... periods older, on the same rows.

    Ages with fewer than two scored periods are left out. The loss never falls with age: isotonic regression.
    """
    from sklearn.isotonic import isotonic_regression

    losses, weights = [0.0], [float(rows.sum())]
    for age in range(2, len(accuracy)):
        scored = np.arange(age, len(accuracy))
        loss = accuracy[scored - 1, scored] - accuracy[scored - age, scored]
        known = np.isfinite(loss)
        if known.sum() < MIN_PAIRS:
            break
        weight = rows[scored][known].astype(float)
        losses.append(float(np.average(loss[known], weights=weight)))
        weights.append(float(weight.sum()))
    return np.asarray(isotonic_regression(losses, sample_weight=weights, y_min=0.0))


def months_within(loss: NDArray[np.float64], months: int, tolerance: float) -> float | None:
    """How many months older than the freshest a model is when ``loss`` reaches ``tolerance``; None if it never does.

    Interpolated between the ages, which are ``months`` apart.
    """
    above = np.flatnonzero(loss > tolerance)
    if not len(above):
        return None
    at = int(above[0])
    step = loss[at] - loss[at - 1]
    return float(months * (at - 1 + (tolerance - loss[at - 1]) / step))


def retraining(
    phi: Features, codes: Codes, moments: FoldMoments, backtest: Backtest, tolerance: float, seed: int
) -> Retraining | None:
    """The cadence from the backtest, and the labels from one experiment on the last period; None without two ages."""
    periods = backtest.periods
    loss = loss_by_age(backtest.accuracy, periods.rows)
    if len(loss) < 2:
        return None
    every = months_within(loss, periods.months, tolerance)
    labels = None if every is None else _labels_each(phi, codes, moments, backtest, every, seed)
    return Retraining(every, labels, tolerance, len(loss) * periods.months)


def _labels_each(
    phi: Features, codes: Codes, moments: FoldMoments, backtest: Backtest, every: float, seed: int
) -> int | None:
    """The fewest new labels with which a model ``every`` months old answers the last period as one with all does.

    As, to within a point. The old model is all moments minus the recent ones, so the cost is one pass over these.
    """
    periods = backtest.periods
    last = len(periods.names) - 1
    window = max(1, round(every / periods.months))
    new = np.flatnonzero((periods.codes >= last - window) & (periods.codes < last))
    test = np.flatnonzero(periods.codes == last)
    fresh = backtest.accuracy[last - 1, last]
    if window >= last or len(new) < len(SHARES) + 1 or not len(test) or not np.isfinite(fresh):
        return None
    order = np.random.default_rng(seed).permutation(new)
    per_time = len(new) * every / (window * periods.months)
    n_classes = moments.total.cross.shape[1]
    bounds = [0, *(round(share * len(new)) for share in SHARES), len(new)]
    blocks = [np.sort(order[a:b]) for a, b in pairwise(bounds)]
    parts = [moments_of(phi, codes, block, n_classes) for block in blocks]
    trained = moments.total - moments_of(phi, codes, test, n_classes)
    for part in parts:
        trained = trained - part
    for part, share in zip(parts, SHARES, strict=False):
        trained = trained + part
        right = score(phi, test, moments.fit.weights(trained)).argmax(axis=1) == codes[test]
        if right.mean() >= fresh - RECOVERED:
            return max(1, round(share * per_time))
    return max(1, round(per_time))
