"""What a model loses by growing old, free of what fewer training rows explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t

from auditor.estimators.forecast import recency
from auditor.interval import LEVEL, Z_90, kept
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.calendar import Calendar
    from auditor.model import LearningCurve

AGEING: Key[Ageing | None] = Key("ageing")
LACKING_ROWS: Key[NDArray[np.float64]] = Key("what past models lack in rows")

# Models of fewer of today's dated records are weaker than one that is trained today; but few answers decide nothing.
GROWN, LEAST_ROWS = 0.5, 200
# A line through two periods fits whatever they hold.
LEAST_PERIODS = 3
# From this share of all rows on, accuracy grows in a straight line with the logarithm of the rows.
STRAIGHT_FROM = 0.3


@dataclass(frozen=True)
class Ageing:
    """Accuracy that a model of ``age`` months lacks on recent records to what random folds promise of all: ``at_once``
    plus ``a_month`` times the age, with their covariance (2, 2); measured up to ``seen_months``.

    ``by_age`` is what a month costs among models of different age on records of one period, where no hard quarter can
    pass for age, with its standard error; None where no period has models of two ages.
    """

    at_once: float
    a_month: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    seen_months: float
    by_age: tuple[float, float] | None = None

    def loss(self, months: float) -> float:
        """The mean over an age of none to ``months``."""
        return self.at_once + self.a_month * months / 2

    def loss_error(self, months: float) -> float:
        """The standard error of that."""
        (once, both), (_, monthly) = self.covariance
        return float(np.sqrt(max(once + both * months + monthly * (months / 2) ** 2, 0.0)))


def by_rows(curve: LearningCurve | None, sizes: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """What models of ``sizes`` (P,) training rows lack to the largest of the learning curve, by rows alone.

    A straight line in the logarithm of the rows, through the points from `STRAIGHT_FROM` of ``n`` rows on. Negative
    for more rows than the largest; zero without a curve.
    """
    points = [point for point in curve.measured if point.rows >= STRAIGHT_FROM * n] if curve else []
    if len(points) < 2:
        return np.zeros(len(sizes))
    slope = max(float(np.polyfit(np.log([p.rows for p in points]), [p.accuracy for p in points], 1)[0]), 0.0)
    return np.asarray(slope * np.log(points[-1].rows / np.maximum(sizes, 1)))


def recent_shift(of_all: float, hits: NDArray[np.int64], calendar: Calendar) -> tuple[float, float]:
    """What records at the end of the export are right less often than the share ``of_all``, and its standard error;
    ``hits`` (P,) are the right answers in each period.

    Recent records weigh as in the forecast; where accuracy falls or rises in a straight line, that leads on from them
    to the end, no further than to what the last period has by its error: a step that is over is no line. Both are
    shrunk towards none, so that chance alone moves nothing much.
    """
    of_row = recency(len(calendar.names), calendar.months)
    whole = float(calendar.rows @ of_row)
    mean = float(hits @ of_row) / whole
    share = of_row / whole - 1 / calendar.rows.sum()
    recent, error = _shrunk(of_all - mean, float(np.sqrt((calendar.rows @ share**2) * mean * (1 - mean))))
    middle = (np.arange(len(of_row)) + 0.5) * calendar.months
    to_the_end = len(of_row) * calendar.months - float(calendar.rows * of_row @ middle) / whole
    slope, slope_error = _slope(middle, hits, calendar.rows)
    level, rows = of_all - recent, max(int(calendar.rows[-1]), 1)
    last = int(hits[-1]) / rows
    of_last = float(np.sqrt(last * (1 - last) / rows))
    end = level + slope * to_the_end
    end = max(end, min(level, last - of_last)) if slope < 0 else min(end, max(level, last + of_last))
    return of_all - end, float(np.hypot(error, slope_error * to_the_end))


def _slope(middle: NDArray[np.floating], hits: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[float, float]:
    """What the share of ``hits`` (P,) among ``rows`` (P,) gains a month, shrunk, and its standard error: that of the
    records or, where it is larger, of the periods about the line. None of under `LEAST_PERIODS` with rows.
    """
    here = rows > 0
    if here.sum() < LEAST_PERIODS:
        return 0.0, 0.0
    weight, share, when = rows[here] / rows.sum(), hits[here] / rows[here], middle[here]
    mean, when = float(weight @ share), when - weight @ when
    spread = float(weight @ when**2)
    slope = float(weight @ (when * (share - mean))) / spread
    free = len(share) - 2
    # Of few periods the scatter about the line is little known: as wide as t makes it.
    about = float(weight @ (share - mean - slope * when) ** 2) / free * (t.ppf((1 + LEVEL) / 2, free) / Z_90) ** 2
    return _shrunk(slope, float(np.sqrt(max(mean * (1 - mean) / rows.sum(), about) / spread)))


def _shrunk(value: float, error: float) -> tuple[float, float]:
    """A ``value`` and its ``error`` drawn towards none (positive-part James and Stein 1961)."""
    left = kept(value, error**2)
    return value * left, error * left


def ageing(
    right_now: NDArray[np.bool_],
    right_then: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    period: NDArray[np.int32],
    calendar: Calendar,
    lacking: NDArray[np.float64],
    shift: tuple[float, float] = (0.0, 0.0),
) -> Ageing | None:
    """``right_now`` (q,) by a model of all times, ``right_then`` (P, q) by those that ended with each period, on a
    sample of rows of ``period`` (q,) where one ``answered`` (P, q); ``lacking`` (P,) is what those lack by fewer rows;
    ``shift`` that of recent records, with its error.

    Recent periods weigh more, as in the forecast; the error stands on the periods (Liang and Zeger 1986). None
    without an answer.
    """
    seen = np.cumsum(calendar.rows)
    grown = answered & (seen >= GROWN * calendar.rows.sum())[:, None]
    cut, row = np.nonzero(grown if grown.any(axis=0).sum() >= LEAST_ROWS else answered)
    if not len(row):
        return None
    of_period = period[row]
    age = (of_period - cut - 0.5) * calendar.months
    loss = right_now[row].astype(float) - right_then[cut, row] - lacking[cut]
    share = calendar.rows * recency(len(calendar.names), calendar.months)
    weight = (share / np.maximum(np.bincount(of_period, minlength=len(share)), 1))[of_period]
    design = np.column_stack([np.ones(len(age)), age]) if len(np.unique(age)) > 1 else np.ones((len(age), 1))
    bread = np.linalg.inv(design.T @ (design * weight[:, None]))
    fitted = bread @ (design.T @ (weight * loss))
    rest = weight * (loss - design @ fitted)
    covariance = max(
        (_sandwich(design, rest, bread, group) for group in (of_period, row)), key=lambda each: float(np.trace(each))
    )
    if design.shape[1] == 1:
        once = float(covariance[0, 0]) + shift[1] ** 2
        return Ageing(float(fitted[0]) + shift[0], 0.0, ((once, 0.0), (0.0, 0.0)), float(age.max()))
    (a, b), (c, d) = covariance.tolist()
    return Ageing(
        float(fitted[0]) + shift[0],
        float(fitted[1]),
        ((a + shift[1] ** 2, b), (c, d)),
        float(age.max()),
        _by_age(loss, age, weight, of_period, row),
    )


def _by_age(
    loss: NDArray[np.floating],
    age: NDArray[np.floating],
    weight: NDArray[np.floating],
    period: NDArray[np.int32],
    row: NDArray[np.integer],
) -> tuple[float, float] | None:
    """The slope of the ``loss`` (m,) by ``age`` within each period, and its standard error: a fit with an intercept for
    every period, by what is left of both after their means are taken away (Frisch and Waugh 1933).
    """
    total = np.maximum(np.bincount(period, weight), 1e-12)
    within, lost = (each - (np.bincount(period, weight * each) / total)[period] for each in (age, loss))
    spread = float((weight * within**2).sum())
    if spread <= 1e-9 * float(weight.sum()):
        return None
    slope = float((weight * within * lost).sum() / spread)
    rest = weight * within * (lost - slope * within) / spread
    errors = []
    for group in (period, row):
        groups = len(np.unique(group))
        errors.append(float(np.sqrt((np.bincount(group, rest) ** 2).sum() * groups / max(groups - 1, 1))))
    return slope, max(errors)


def _sandwich(
    design: NDArray[np.floating], rest: NDArray[np.floating], bread: NDArray[np.floating], group: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The covariance of a weighted fit whose errors stand together within each ``group``."""
    sums = np.column_stack([np.bincount(group, column * rest) for column in design.T])
    groups = len(np.unique(group))
    return np.asarray(bread @ (sums.T @ sums) @ bread * (groups / max(groups - 1, 1)))
