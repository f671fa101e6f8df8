"""Stability: how models of the past fared later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.estimators import ageing, backtest, decay, forecast, over_time, prospective_gain, retraining, stability
from auditor.estimators.ageing import AGEING, LACKING_ROWS
from auditor.estimators.backtest import BACKTEST, BACKTEST_MATRIX
from auditor.estimators.changes import CLASS_CHANGES, GROWTH
from auditor.estimators.curve import LEARNING_CURVE
from auditor.estimators.decay import DECAY_SPLIT
from auditor.estimators.forecast import ACCURACY_BY_AGE, FORECAST
from auditor.estimators.in_order import IN_ORDER, InOrder
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.estimators.over_time import BENEFIT_OVER_TIME
from auditor.estimators.prospective_gain import FORECAST_LATER, PROSPECTIVE_GAIN
from auditor.estimators.retraining import RETRAINING
from auditor.estimators.stability import STABILITY
from auditor.evidence import backtest as backtest_rows
from auditor.evidence import periods, proxy, retrieval, surrogate
from auditor.evidence import retraining as retraining_rows
from auditor.evidence.backtest import PAST
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import DAYS
from auditor.evidence.features import FEATURES
from auditor.evidence.given import BATCH, HORIZON, LIMITS, LOTS, ROWS
from auditor.evidence.naive_bayes import DAMPED_COUNTS, NAIVE_BAYES
from auditor.evidence.narrow import NARROW
from auditor.evidence.periods import PERIODS
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.retrieval import ASKED_IN_ORDER, RETRIEVAL, RETRIEVAL_IN_ORDER
from auditor.evidence.surrogate import SURROGATE, TRAINED_IN_ORDER
from auditor.plan.step import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.model import DecaySplit, Forecast, Retraining, Stability
    from auditor.results import Results


def no_dates(batch: Batch) -> str | None:
    return None if batch.roles.time else "no record has a date; name the date column with --time"


def need_dates(of: Results) -> None:
    if not of[ROWS]["time"].count():
        raise NotApplicable(f"no record that is used has a date in column '{of[BATCH].roles.time}'")


def _periods(of: Results) -> periods.Periods:
    need_dates(of)
    found = periods.choose_periods(of[ROWS]["time"], of[BATCH].time_granularity)
    if found is None:
        dated = of[ROWS]["time"].count()
        if dated < periods.ENOUGH_DATED:
            raise NotApplicable(f"fewer than {periods.ENOUGH_DATED} dated records ({dated:,} here)")
        raise NotApplicable("the dates span fewer than three periods with rows")
    return found


def _retrieval_in_order(of: Results) -> NDArray[np.int32]:
    """The vote (q,) of earlier neighbours on each of the rows asked."""
    found, classes = of[RETRIEVAL], of[CLASSES]
    phi = of[FEATURES].columns(found.columns)
    return retrieval.retrieve_in_order(
        phi, classes.codes, len(classes), of[PERIODS].codes, of[DAYS], found.k, of[ASKED_IN_ORDER]
    )


def _past(of: Results) -> backtest_rows.Past:
    chosen, classes = of[PERIODS], of[CLASSES]
    packs = proxy.pack_groups(chosen.with_undated)
    narrow, wide = of[NARROW], of[OUT_OF_FOLD].predicted
    return backtest_rows.rolling_origin(narrow, wide, classes.codes, len(classes), chosen, packs, of[ASKED_IN_ORDER])


def _trained_in_order(of: Results) -> NDArray[np.int16]:
    """What the surrogate, trained until the end of each period, says of the rows asked: (P, q), -1 if earlier."""
    return surrogate.answers_in_time(
        of[PAST].asked,
        of[PERIODS].codes,
        of[FEATURES],
        of[DAMPED_COUNTS],
        of[CLASSES].codes,
        of[SURROGATE],
        of[NARROW].out_of_fold,
        of[NAIVE_BAYES],
    )


def _in_order(of: Results) -> InOrder:
    asked = of[ASKED_IN_ORDER]
    period, truth = of[PERIODS].codes[asked], of[CLASSES].codes[asked]
    return InOrder(of[PERIODS].calendar, asked, period, truth, of[TRAINED_IN_ORDER], of[RETRIEVAL_IN_ORDER])


def _lacking_rows(of: Results) -> NDArray[np.float64]:
    """What the model at each cut (P,) lacks to one of random folds because it saw fewer rows."""
    return ageing.by_rows(of.get(LEARNING_CURVE), np.cumsum(of[PERIODS].calendar.rows), len(of[CLASSES].codes))


def _accuracy_by_age(of: Results) -> NDArray[np.float64]:
    """The backtest's accuracy (P, P) as if every model of the past had seen as many rows as one of random folds."""
    return np.asarray(of[BACKTEST].accuracy + of[LACKING_ROWS][:, None])


def _ageing(of: Results) -> ageing.Ageing | None:
    asked, said, chosen = of[ASKED_IN_ORDER], of[TRAINED_IN_ORDER], of[PERIODS]
    codes, predicted = of[CLASSES].codes, of[SURROGATE].out_of_fold.predicted
    truth, now = codes[asked], predicted[asked]
    right, dated = predicted == codes, chosen.codes >= 0
    hits = np.bincount(chosen.codes[dated & right], minlength=len(chosen.calendar.names))
    shift = ageing.recent_shift(float(right.mean()), hits, chosen.calendar)
    period, lacking = chosen.codes[asked], of[LACKING_ROWS]
    return ageing.ageing(now == truth, said == truth, said >= 0, period, chosen.calendar, lacking, shift)


def _forecast(of: Results) -> Forecast | None:
    """Of the accuracy over the horizon; None where no past model was scored."""
    calendar = of[PERIODS].calendar
    return forecast.forecast(of[ACCURACY_BY_AGE], calendar.rows, calendar.months, of[HORIZON])


def _forecast_later(of: Results) -> Forecast | None:
    by_surrogate, by_past = (each.accuracy(of[CLASSES].codes) for each in (of[SURROGATE].out_of_fold, of[OUT_OF_FOLD]))
    promised = by_surrogate + of[ORDINARY_AHEAD].value
    return prospective_gain.forecast_later(promised, by_past, of[FORECAST], of[AGEING], of[HORIZON])


def _prospective_gain(of: Results) -> prospective_gain.ProspectiveGain:
    margin = of[LIMITS]["gain_in_time"].passes
    half = of[LOTS].uniform("routed")[of[IN_ORDER].asked] < 0.5
    return prospective_gain.prospective_gain(of[IN_ORDER], half, of[HORIZON], margin)


def _decay_split(of: Results) -> DecaySplit | None:
    ahead = forecast.periods_ahead(of[PERIODS].calendar.months, of[HORIZON])
    return decay.decay_split(of[PAST].scored, of[CLASSES].counts, _hits(of), ahead, of[LACKING_ROWS])


def _hits(of: Results) -> NDArray[np.int64]:
    """Rows (K,) of each class that random folds get right."""
    codes = of[CLASSES].codes
    return np.bincount(codes[of[OUT_OF_FOLD].predicted == codes], minlength=len(of[CLASSES]))


def _retraining(of: Results) -> Retraining | None:
    tolerance = of[LIMITS]["decay_at_horizon"].passes
    every = retraining.cadence(of[AGEING], tolerance)
    narrow, codes = of[NARROW], of[CLASSES].codes
    refreshed = None
    if every is not None:
        refreshed = retraining_rows.refreshed(narrow.phi, codes, narrow.moments, of[PERIODS], every, of[LOTS])
    return retraining.retraining(of[AGEING], tolerance, every, refreshed)


def _stability(of: Results) -> Stability:
    classes, counts = of[CLASSES], of[PERIODS].counts(of[CLASSES].codes, len(of[CLASSES]))
    timelines = stability.timelines(classes.shown, classes.rare, counts, of[CLASS_CHANGES])
    return stability.stability(of[BACKTEST], of[FORECAST_LATER], of[DECAY_SPLIT], of[RETRAINING], timelines, of[GROWTH])


STEPS = (
    Step(PERIODS, _periods, (BATCH, ROWS), lacks=no_dates),
    Step(
        ASKED_IN_ORDER,
        lambda of: retrieval.queries_in_order(of[PERIODS].codes, of[DAYS], of[LOTS]),
        (PERIODS, DAYS, LOTS),
    ),
    Step(
        RETRIEVAL_IN_ORDER,
        _retrieval_in_order,
        (PERIODS, ASKED_IN_ORDER, RETRIEVAL, FEATURES, CLASSES, DAYS),
        title="Retrieval in order of time",
    ),
    Step(
        PAST,
        _past,
        (PERIODS, ASKED_IN_ORDER, NARROW, OUT_OF_FOLD, CLASSES),
        title="Rolling-origin backtest",
    ),
    Step(BACKTEST, lambda of: backtest.backtest(of[PAST].scored), (PAST,)),
    Step(
        TRAINED_IN_ORDER,
        _trained_in_order,
        (PERIODS, PAST, FEATURES, DAMPED_COUNTS, CLASSES, SURROGATE, NARROW, NAIVE_BAYES),
        title="Training in order of time",
    ),
    Step(IN_ORDER, _in_order, (PERIODS, CLASSES, ASKED_IN_ORDER, TRAINED_IN_ORDER, RETRIEVAL_IN_ORDER)),
    Step(LACKING_ROWS, _lacking_rows, (PERIODS, CLASSES), (LEARNING_CURVE,)),
    Step(ACCURACY_BY_AGE, _accuracy_by_age, (BACKTEST, LACKING_ROWS)),
    Step(AGEING, _ageing, (PERIODS, ASKED_IN_ORDER, TRAINED_IN_ORDER, CLASSES, SURROGATE, LACKING_ROWS)),
    Step(FORECAST, _forecast, (PERIODS, ACCURACY_BY_AGE, HORIZON)),
    Step(FORECAST_LATER, _forecast_later, (FORECAST, AGEING, SURROGATE, ORDINARY_AHEAD, OUT_OF_FOLD, CLASSES, HORIZON)),
    Step(PROSPECTIVE_GAIN, _prospective_gain, (IN_ORDER, LOTS, HORIZON, LIMITS)),
    Step(DECAY_SPLIT, _decay_split, (PERIODS, PAST, CLASSES, OUT_OF_FOLD, LACKING_ROWS, HORIZON)),
    Step(
        RETRAINING,
        _retraining,
        (PERIODS, AGEING, NARROW, CLASSES, LIMITS, LOTS),
        title="Retraining cadence",
    ),
    Step(
        STABILITY,
        _stability,
        (BACKTEST, PERIODS, CLASSES, FORECAST_LATER, DECAY_SPLIT, RETRAINING, CLASS_CHANGES, GROWTH),
    ),
    Step(
        BACKTEST_MATRIX,
        lambda of: backtest.backtest_matrix(of[BACKTEST], of[OUT_OF_FOLD].accuracy(of[CLASSES].codes), of[HORIZON]),
        (BACKTEST, OUT_OF_FOLD, CLASSES, HORIZON),
    ),
    Step(BENEFIT_OVER_TIME, lambda of: over_time.over_time(of[IN_ORDER], of[HORIZON]), (IN_ORDER, HORIZON)),
)
