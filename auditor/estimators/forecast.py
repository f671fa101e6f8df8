"""What a model trained now will get right, from how forecasts made earlier in the same history turned out.

Everything here reads one matrix: accuracy (P, P) by the period that training ended in and the period scored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from auditor.interval import LEVEL
from auditor.model import AgePoint, Forecast
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCURACY_BY_AGE: Key[NDArray[np.float64]] = Key("accuracy by age")
FORECAST: Key[Forecast | None] = Key("forecast")

# A year-old result counts half: recent enough to follow a taxonomy that moves, long enough to average its jumps.
HALF_LIFE_MONTHS = 12
# What forecasts miss by in other histories, and how many errors of this one that is worth: of those that hold planted
# drift in four of five, the best interval score on half-years of NVD (benchmarks/results/calibration.md).
PRIOR_ERROR, PRIOR_ERRORS = 0.04, 4.0


def periods_ahead(months: int, horizon: int) -> int:
    """How many periods of ``months`` the ``horizon`` is; one at least."""
    return max(1, round(horizon / months))


def accuracy_ahead(accuracy: NDArray[np.float64], rows: NDArray[np.int64], cut: int, ahead: int) -> float:
    """Accuracy of the model trained until ``cut`` on the rows of the next ``ahead`` periods; NaN if not all are over.

    ``rows`` (P,) weighs the periods; those without rows count for nothing.
    """
    window = slice(cut + 1, cut + 1 + ahead)
    weights = np.where(np.isfinite(accuracy[cut, window]), rows[window], 0)
    if len(weights) < ahead or not weights.sum():
        return float("nan")
    return float(np.nansum(accuracy[cut, window] * weights) / weights.sum())


def expected(accuracy: NDArray[np.float64], now: int, ahead: int, months: int) -> float:
    """What the periods up to ``now`` lead one to expect of the next ``ahead``.

    For each age that the model will have, the mean of what models of that age got, recent periods weighing more.
    """
    ages = [_recent_mean(np.diagonal(accuracy[: now + 1, : now + 1], age), months) for age in range(1, ahead + 1)]
    known = [value for value in ages if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def recency(n: int, months: int) -> NDArray[np.float64]:
    """The weight (N,) of each of ``n`` results in order of time, which are ``months`` apart; the last one weighs 1."""
    return np.asarray(0.5 ** (months * np.arange(n)[::-1] / HALF_LIFE_MONTHS))


def _recent_mean(values: NDArray[np.float64], months: int) -> float:
    weights = recency(len(values), months)
    known = np.isfinite(values)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def past_errors(accuracy: NDArray[np.float64], rows: NDArray[np.int64], ahead: int, months: int) -> NDArray[np.float64]:
    """Outcome less forecast at every earlier origin whose outcome is known, in time order."""
    errors = [
        accuracy_ahead(accuracy, rows, now, ahead) - expected(accuracy, now, ahead, months)
        for now in range(1, len(rows) - ahead)
    ]
    return np.array([error for error in errors if np.isfinite(error)])


def forecast(accuracy: NDArray[np.float64], rows: NDArray[np.int64], months: int, horizon: int) -> Forecast | None:
    """Accuracy over the next ``horizon`` months, with an interval as wide as forecasts have been wrong.

    t prediction interval on the mean square of the errors of earlier forecasts in this history, recent ones weighing
    more as in the forecast, and of `PRIOR_ERRORS` of other histories: a handful of errors says little of how large they
    get (conjugate prior of a variance, Gelman et al. 2013, 2.6). Windows of several periods overlap, so that n errors
    of ``ahead`` periods count as n / ahead. It is never narrower than the binomial error of a window. None without a
    period scored.
    """
    ahead = periods_ahead(months, horizon)
    value = expected(accuracy, len(rows) - 1, ahead, months)
    if not np.isfinite(value):
        return None
    errors = past_errors(accuracy, rows, ahead, months)
    weight = recency(len(errors), months)
    freedom = PRIOR_ERRORS + float(weight.sum()) / ahead
    of_history = float((weight * errors**2).sum()) / ahead
    sampling = value * (1 - value) / max(float(np.median(rows[rows > 0])) * ahead, 1)
    spread = np.sqrt(max((PRIOR_ERRORS * PRIOR_ERROR**2 + of_history) / freedom, sampling))
    half = float(stats.t.ppf((1 + LEVEL) / 2, freedom) * spread)
    mean_error = float(np.abs(errors).mean()) if len(errors) else None
    return Forecast(ahead * months, value, max(0.0, value - half), min(1.0, value + half), len(errors), mean_error)


def ages(accuracy: NDArray[np.float64], months: int) -> tuple[AgePoint, ...]:
    """The decay curve: mean accuracy by age over all training ends, with their 5 % and 95 % quantiles."""
    points = []
    for age in range(1, len(accuracy)):
        values = np.diagonal(accuracy, age)
        values = values[np.isfinite(values)]
        if len(values):
            low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            points.append(AgePoint(age * months, float(values.mean()), float(low), float(high)))
    return tuple(points)
