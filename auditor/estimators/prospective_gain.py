"""What training adds to retrieval over the months after it, from how that went in the same history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t

from auditor.errors import NotApplicable
from auditor.estimators.ageing import GROWN, LEAST_ROWS
from auditor.estimators.forecast import periods_ahead, recency
from auditor.interval import LEVEL, Z_90
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.ageing import Ageing
    from auditor.estimators.in_order import InOrder
    from auditor.model import Forecast

PROSPECTIVE_GAIN: Key[ProspectiveGain] = Key("gain in the months after")
FORECAST_LATER: Key[Forecast | None] = Key("forecast of an ordinary classifier")


@dataclass(frozen=True)
class ProspectiveGain:
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


@dataclass(frozen=True)
class _Answers:
    """Per answer (m,) of models up to ``oldest`` periods old: who was ``right``, the class ``said`` by the surrogate,
    the ``row`` of the sample, its ``period`` and its ``weight``.
    """

    oldest: int
    said: NDArray[np.int16]
    right: NDArray[np.bool_]
    retrieval_right: NDArray[np.bool_]
    row: NDArray[np.int64]
    period: NDArray[np.int32]
    weight: NDArray[np.float64]


def prospective_gain(asked: InOrder, half: NDArray[np.bool_], horizon: int, margin: float) -> ProspectiveGain:
    """The mean over the rows ``asked``, and over the models of every age up to ``horizon`` months that were trained on
    half of the dated rows or more; on any rows, where those answer under 200 rows.

    Each period weighs by its rows, and half as much per year that it is back, as in the forecast. The classes to route
    are chosen on a random ``half`` (q,) of the rows, and on the other.
    Raises NotApplicable where no period has an earlier model.
    """
    found = _answers(asked, horizon)
    if not len(found.said):
        raise NotApplicable("no period has an earlier model")
    each = found.right.astype(float) - found.retrieval_right
    gain = float(np.average(each, weights=found.weight))
    half_width = max(_half_width(each - gain, found.weight, group) for group in (found.period, found.row))
    routed = _routed(found.said, each, found.weight, half[found.row], margin)
    return ProspectiveGain(
        found.oldest * asked.calendar.months,
        float(np.average(found.right, weights=found.weight)),
        float(np.average(found.retrieval_right, weights=found.weight)),
        gain,
        gain - half_width,
        gain + half_width,
        float(np.average(routed, weights=found.weight)),
    )


def forecast_later(
    promised: float, by_past: float, plain: Forecast | None, age: Ageing | None, horizon: int
) -> Forecast | None:
    """What an ordinary classifier gets right over the horizon: what random folds ``promised``, less what age takes.

    The interval is as wide as earlier forecasts in this history were wrong, and wider where two readings of its losses
    are apart: by age, and what the past's models got beside their own random folds, ``by_past``. Where classes change
    all the time they are, and the first alone held 38 of 100 (docs/adr/0032). None where no past model was scored.
    """
    if plain is None or age is None:
        return None
    value = promised - age.loss(horizon)
    apart = Z_90 * abs(age.loss(horizon) - (by_past - plain.value))
    low, high = (
        None if end is None else min(max(end + side * apart + value - plain.value, 0.0), 1.0)
        for side, end in ((-1, plain.low), (1, plain.high))
    )
    return replace(plain, value=min(max(value, 0.0), 1.0), low=low, high=high)


def _answers(found: InOrder, horizon: int) -> _Answers:
    """Of models of at least half of the dated rows, where these answer enough."""
    chosen, period, truth = found.calendar, found.period, found.truth
    ages = np.arange(1, periods_ahead(chosen.months, horizon) + 1)
    said = found.by_age(ages)
    known = said >= 0
    seen = np.cumsum(chosen.rows)[np.maximum(period[:, None] - ages, 0)]
    by_grown = known & (seen >= GROWN * chosen.rows.sum())
    row, age = np.nonzero(by_grown if by_grown.any(axis=1).sum() >= LEAST_ROWS else known)
    of_period = period[row]
    recent = recency(len(chosen.names), chosen.months)
    weight = chosen.rows * recent / np.maximum(np.bincount(of_period, minlength=len(chosen.names)), 1)
    answers = said[row, age]
    return _Answers(
        int(ages[age].max(initial=0)),
        answers,
        answers == truth[row],
        (found.retrieved == truth)[row],
        row,
        of_period,
        weight[of_period],
    )


def _half_width(
    deviation: NDArray[np.float64], weight: NDArray[np.float64], group: NDArray[np.int32] | NDArray[np.int64]
) -> float:
    """Of the 90 % interval of a weighted mean where the answers of a group stand together (Liang and Zeger 1986), with
    as many degrees of freedom as groups, less one (Cameron and Miller 2015). Nothing for one group.
    """
    by_group = np.bincount(group, weight * deviation)
    free = max(len(np.unique(group)) - 1, 1)
    error = np.sqrt((by_group**2).sum() * (free + 1) / free) / weight.sum()
    return float(t.ppf((1 + LEVEL) / 2, free) * error)


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
