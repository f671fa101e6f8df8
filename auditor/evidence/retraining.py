"""How often a model must be trained again, and on how many new labels, to stay near what a fresh one would do."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.moments import moments_of, score
from auditor.interval import Z_90
from auditor.model import Retraining
from auditor.results import Key

if TYPE_CHECKING:
    from auditor.evidence.ageing import Ageing
    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Moments
    from auditor.evidence.periods import Periods
    from auditor.evidence.proxy import FoldMoments
    from auditor.keys import Lots

RETRAINING: Key[Retraining | None] = Key("retraining cadence")

TOLERANCE = 0.03
SHARES = (1 / 8, 1 / 4, 1 / 2)
RECOVERED = 0.01


def retraining(
    phi: Features,
    codes: Codes,
    moments: FoldMoments,
    periods: Periods,
    age: Ageing | None,
    tolerance: float,
    lots: Lots,
) -> Retraining | None:
    """How long until age alone costs ``tolerance``, and the labels from one experiment on the last period.

    By models of different age on records of one period. None where models of one age only were seen. A loss that may
    well be none, by its 90 % interval, sets no date.
    """
    if age is None or age.by_age is None:
        return None
    a_month, error = age.by_age
    every = tolerance / a_month if a_month - Z_90 * error > 0 else None
    if every is not None and every > age.seen_months:
        every = None
    labels = None if every is None else _labels_each(phi, codes, moments, periods, every, lots)
    return Retraining(every, labels, tolerance, round(age.seen_months))


def _labels_each(
    phi: Features, codes: Codes, moments: FoldMoments, periods: Periods, every: float, lots: Lots
) -> int | None:
    """The fewest new labels with which a model ``every`` months old answers the last period as one with all does.

    As, to within a point. The old model is all moments minus the recent ones, so the cost is one pass over these.
    """
    last = len(periods.names) - 1
    window = max(1, round(every / periods.months))
    new = np.flatnonzero((periods.codes >= last - window) & (periods.codes < last))
    test = np.flatnonzero(periods.codes == last)
    if window >= last or len(new) < len(SHARES) + 1 or not len(test):
        return None
    order = new[lots[new].order("retraining")]
    per_time = len(new) * every / (window * periods.months)
    n_classes = moments.total.cross.shape[1]
    bounds = [0, *(round(share * len(new)) for share in SHARES), len(new)]
    blocks = [np.sort(order[a:b]) for a, b in pairwise(bounds)]
    parts = [moments_of(phi, codes, block, n_classes) for block in blocks]
    trained = moments.total - moments_of(phi, codes, test, n_classes)

    def right(seen: Moments) -> float:
        answers = score(phi, test, moments.fit.weights(seen)).argmax(axis=1)
        return float((answers == codes[test]).mean())

    fresh = right(trained)
    for part in parts:
        trained = trained - part
    for part, share in zip(parts, SHARES, strict=False):
        trained = trained + part
        if right(trained) >= fresh - RECOVERED:
            return max(1, round(share * per_time))
    return max(1, round(per_time))
