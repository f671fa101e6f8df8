"""An old model that gets part of the new labels, beside one that has them all."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.retraining import Refreshed
from auditor.evidence.moments import moments_of, score

if TYPE_CHECKING:
    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Moments
    from auditor.evidence.periods import Periods
    from auditor.evidence.proxy import FoldMoments
    from auditor.keys import Lots

SHARES = (1 / 8, 1 / 4, 1 / 2)


def refreshed(
    phi: Features, codes: Codes, moments: FoldMoments, periods: Periods, every: float, lots: Lots
) -> Refreshed | None:
    """Of a model ``every`` months old, on the last period; None where that is too short.

    The old model is all moments minus the recent ones, so the cost is one pass over these.
    """
    last, months = len(periods.calendar.names) - 1, periods.calendar.months
    window = max(1, round(every / months))
    new = np.flatnonzero((periods.codes >= last - window) & (periods.codes < last))
    test = np.flatnonzero(periods.codes == last)
    if window >= last or len(new) < len(SHARES) + 1 or not len(test):
        return None
    order = new[lots[new].order("retraining")]
    n_classes = moments.total.cross.shape[1]
    bounds = [0, *(round(share * len(new)) for share in SHARES), len(new)]
    parts = [moments_of(phi, codes, np.sort(order[a:b]), n_classes) for a, b in pairwise(bounds)]
    trained = moments.total - moments_of(phi, codes, test, n_classes)

    def right(seen: Moments) -> int:
        answers = score(phi, test, moments.fit.weights(seen)).argmax(axis=1)
        return int((answers == codes[test]).sum())

    fresh = right(trained)
    for part in parts:
        trained = trained - part
    by_share = {}
    for part, share in zip(parts, SHARES, strict=False):
        trained = trained + part
        by_share[share] = right(trained)
    return Refreshed(len(new) * every / (window * months), len(test), fresh, by_share)
