"""What training adds to retrieval over the months after it, from how that went in the same history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.evidence.forecast import periods_ahead, recency
from auditor.evidence.intervals import Z_90

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence import Evidence


@dataclass(frozen=True)
class LaterGain:
    """Shares of right answers over ``months`` after training, and their difference ``gain`` with its 90 % interval.

    ``routed_gain`` is that of the routed answers: the trained model keeps those classes, by what it predicts, in which
    it was right more often by the margin on one half of the rows, measured on the other.
    """

    months: int
    trained: float
    retrieval: float
    gain: float
    low: float
    high: float
    routed_gain: float


def later_gain(evidence: Evidence, horizon: int, margin: float) -> LaterGain:
    """The mean over the rows that retrieval in order answered, and the models of every age up to ``horizon`` months.

    Each period weighs by its rows, and half as much per year that it is back, as in the forecast.
    Raises NotApplicable where no period has an earlier model.
    """
    chosen, ordered, past = evidence.periods, evidence.retrieval_in_order, evidence.backtest
    period = chosen.codes[ordered.queries]
    ages = np.arange(1, periods_ahead(chosen.months, horizon) + 1)
    cut = period[:, None] - ages
    said = np.where(cut >= 0, past.predicted[np.maximum(cut, 0), ordered.queries[:, None]], -1)
    row, age = np.nonzero(said >= 0)
    if not len(row):
        raise NotApplicable("no period has an earlier model")
    truth = evidence.codes[ordered.queries]
    answers, of_period = said[row, age], period[row]
    trained, retrieved = (answers == truth[row]).astype(float), (ordered.vote == truth)[row].astype(float)
    recent = recency(len(chosen.names), chosen.months)
    weight = (chosen.rows * recent / np.maximum(np.bincount(of_period, minlength=len(chosen.names)), 1))[of_period]
    gain, error = _mean(trained - retrieved, weight, of_period)
    routed = _routed(answers, trained - retrieved, weight, ordered.queries[row] % 2 == 0, margin)
    return LaterGain(
        int(ages[-1]) * chosen.months,
        float(np.average(trained, weights=weight)),
        float(np.average(retrieved, weights=weight)),
        gain,
        gain - Z_90 * error,
        gain + Z_90 * error,
        float(np.average(routed, weights=weight)),
    )


def _mean(
    values: NDArray[np.float64], weight: NDArray[np.float64], of_period: NDArray[np.int32]
) -> tuple[float, float]:
    """Weighted mean with its standard error; rows of a period stand together (Liang and Zeger 1986)."""
    mean = float(np.average(values, weights=weight))
    by_period = np.bincount(of_period, weight * (values - mean))
    n = len(np.unique(of_period))
    return mean, float(np.sqrt((by_period**2).sum() * n / max(n - 1, 1)) / weight.sum())


def _routed(
    answers: NDArray[np.int16],
    gain: NDArray[np.float64],
    weight: NDArray[np.float64],
    half: NDArray[np.bool_],
    margin: float,
) -> NDArray[np.float64]:
    """The gain (m,) of each answer that the trained model keeps, 0 where retrieval answers."""
    routed = np.zeros(len(gain))
    size = int(answers.max()) + 1
    for chosen_on in (half, ~half):
        total = np.bincount(answers[chosen_on], weight[chosen_on], size)
        mean = np.bincount(answers[chosen_on], (weight * gain)[chosen_on], size) / np.maximum(total, 1e-12)
        kept = ~chosen_on & ((total > 0) & (mean >= margin))[answers]
        routed[kept] = gain[kept]
    return routed
