"""Rolling-origin backtest (Tashman 2000): a model at every cut, scored on every later period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.moments import empty_moments, moments_of, score, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Features
    from auditor.evidence.periods import Periods


@dataclass(frozen=True)
class Backtest:
    """``accuracy[i, j]`` (P, P): trained on periods up to and including i, scored on period j; NaN for j <= i.

    ``predicted[i]`` (n,) holds the class that the model at cut i gives to each later row, -1 elsewhere.
    """

    periods: Periods
    accuracy: NDArray[np.float64]
    predicted: NDArray[np.int16]


def rolling_origin(phi: Features, codes: Codes, n_classes: int, periods: Periods, ridge: float) -> Backtest:
    """Periods enter in time order; each cut costs their moments and one solve."""
    n_periods = len(periods.names)
    accuracy = np.full((n_periods, n_periods), np.nan)
    predicted = np.full((n_periods, len(codes)), -1, np.int16)
    seen = empty_moments(phi.shape[1], n_classes)
    by_period = [np.flatnonzero(periods.codes == period) for period in range(n_periods)]
    for cut in range(n_periods - 1):
        if len(by_period[cut]):
            seen = seen + moments_of(phi, codes, by_period[cut], n_classes)
        if not seen.n:
            continue
        later = np.concatenate(by_period[cut + 1 :])
        predicted[cut, later] = score(phi, later, solve(seen, ridge)).argmax(axis=1)
        right = predicted[cut] == codes
        for period in range(cut + 1, n_periods):
            if len(by_period[period]):
                accuracy[cut, period] = right[by_period[period]].mean()
    return Backtest(periods, accuracy, predicted)
