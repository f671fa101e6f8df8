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
    """Periods enter in time order; each cut costs their moments and one solve. Empty periods make no cut."""
    n_periods = len(periods.names)
    accuracy = np.full((n_periods, n_periods), np.nan)
    predicted = np.full((n_periods, len(codes)), -1, np.int16)
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
            answers = scores.argmax(axis=2).T
            predicted[np.ix_(np.array(cuts), rows)] = answers
            accuracy[cuts, period] = (answers == codes[rows]).mean(axis=1)
        if period < n_periods - 1:
            seen = seen + moments_of(phi, codes, rows, n_classes)
            models.append(solve(seen, ridge))
            cuts.append(period)
    return Backtest(periods, accuracy, predicted)
