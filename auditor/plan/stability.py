"""Stability: how models of the past fared later, and what changed with time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.evidence import (
    ageing,
    backtest,
    changes,
    churn,
    dates,
    decay,
    drift_family,
    forecast,
    over_time,
    periods,
    prospective_gain,
    proxy,
    redefinition,
    retraining,
    retrieval,
    stability,
    surrogate,
)
from auditor.evidence.ageing import AGEING, LACKING_ROWS
from auditor.evidence.backtest import PAST
from auditor.evidence.changes import CLASS_CHANGES, DATED_EVENTS, GROWTH
from auditor.evidence.churn import CLASS_EVENTS, FLOWS, MONTHLY_COUNTS
from auditor.evidence.classes import CLASSES
from auditor.evidence.curve import LEARNING_CURVE
from auditor.evidence.dates import DAYS, HALVES
from auditor.evidence.decay import DECAY_SPLIT
from auditor.evidence.drift_family import DRIFT
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.features import FEATURES
from auditor.evidence.forecast import ACCURACY_BY_AGE, FORECAST
from auditor.evidence.given import BATCH, HORIZON, LIMITS, LOTS, ROWS, SEED
from auditor.evidence.in_order import IN_ORDER, InOrder
from auditor.evidence.languages import LANGUAGES
from auditor.evidence.naive_bayes import DAMPED_COUNTS, NAIVE_BAYES
from auditor.evidence.narrow import NARROW
from auditor.evidence.over_time import BENEFIT_OVER_TIME
from auditor.evidence.periods import PERIODS
from auditor.evidence.prospective_gain import FORECAST_LATER, PROSPECTIVE_GAIN
from auditor.evidence.proxy import OUT_OF_FOLD, WITHOUT_PERIOD
from auditor.evidence.redefinition import REDEFINITIONS
from auditor.evidence.retraining import RETRAINING
from auditor.evidence.retrieval import ASKED_IN_ORDER, RETRIEVAL, RETRIEVAL_IN_ORDER
from auditor.evidence.stability import BACKTEST_MATRIX, STABILITY
from auditor.evidence.surrogate import SURROGATE, TRAINED_IN_ORDER
from auditor.evidence.tokens import TOKENS
from auditor.plan.step import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.model import ClassChange, DecaySplit, Forecast, Retraining
    from auditor.results import Results


def _no_dates(batch: Batch) -> str | None:
    return None if batch.roles.time else "no record has a date; name the date column with --time"


def _need_dates(of: Results) -> None:
    if not of[ROWS]["time"].count():
        raise NotApplicable(f"no record that is used has a date in column '{of[BATCH].roles.time}'")


def _periods(of: Results) -> periods.Periods:
    _need_dates(of)
    found = periods.choose_periods(of[ROWS]["time"], of[BATCH].time_granularity)
    if found is None:
        dated = of[ROWS]["time"].count()
        if dated < periods.ENOUGH_DATED:
            raise NotApplicable(f"fewer than {periods.ENOUGH_DATED} dated records ({dated:,} here)")
        raise NotApplicable("the dates span fewer than three periods with rows")
    return found


def _halves(of: Results) -> NDArray[np.int8]:
    found = dates.halves(of[ROWS]["time"])
    if found is None:
        raise NotApplicable("an earlier and a later half take 20 records with dates, and two dates")
    return found


def _retrieval_in_order(of: Results) -> NDArray[np.int32]:
    """The vote (q,) of earlier neighbours on each of the rows asked."""
    found, classes = of[RETRIEVAL], of[CLASSES]
    phi = of[FEATURES].columns(found.columns)
    return retrieval.retrieve_in_order(
        phi, classes.codes, len(classes), of[PERIODS].codes, of[DAYS], found.k, of[ASKED_IN_ORDER]
    )


def _past(of: Results) -> backtest.Past:
    chosen, classes = of[PERIODS], of[CLASSES]
    packs = proxy.pack_groups(chosen.with_undated)
    narrow, wide = of[NARROW], of[OUT_OF_FOLD].predicted
    return backtest.rolling_origin(narrow, wide, classes.codes, len(classes), chosen, packs, of[ASKED_IN_ORDER])


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
    return InOrder(of[PERIODS], asked, period, truth, of[TRAINED_IN_ORDER], of[RETRIEVAL_IN_ORDER])


def _lacking_rows(of: Results) -> NDArray[np.float64]:
    """What the model at each cut (P,) lacks to one of random folds because it saw fewer rows."""
    return ageing.by_rows(of.get(LEARNING_CURVE), np.cumsum(of[PERIODS].rows), len(of[CLASSES].codes))


def _accuracy_by_age(of: Results) -> NDArray[np.float64]:
    """The backtest's accuracy (P, P) as if every model of the past had seen as many rows as one of random folds."""
    return np.asarray(of[PAST].backtest.accuracy + of[LACKING_ROWS][:, None])


def _ageing(of: Results) -> ageing.Ageing | None:
    asked, said, chosen = of[ASKED_IN_ORDER], of[TRAINED_IN_ORDER], of[PERIODS]
    codes, predicted = of[CLASSES].codes, of[SURROGATE].out_of_fold.predicted
    truth, now = codes[asked], predicted[asked]
    shift = ageing.recent_shift(predicted == codes, chosen)
    return ageing.ageing(now == truth, said == truth, said >= 0, chosen.codes[asked], chosen, of[LACKING_ROWS], shift)


def _forecast(of: Results) -> Forecast | None:
    """Of the accuracy over the horizon; None where no past model was scored."""
    return forecast.forecast(of[ACCURACY_BY_AGE], of[PERIODS].rows, of[PERIODS].months, of[HORIZON])


def _forecast_later(of: Results) -> Forecast | None:
    promised, by_past = (each.accuracy(of[CLASSES].codes) for each in (of[SURROGATE].out_of_fold, of[OUT_OF_FOLD]))
    return prospective_gain.forecast_later(promised, by_past, of[FORECAST], of[AGEING], of[HORIZON])


def _prospective_gain(of: Results) -> prospective_gain.ProspectiveGain:
    margin = of[LIMITS]["gain_in_time"].passes
    return prospective_gain.prospective_gain(of[IN_ORDER], of[LOTS], of[HORIZON], margin)


def _decay_split(of: Results) -> DecaySplit | None:
    ahead = forecast.periods_ahead(of[PERIODS].months, of[HORIZON])
    codes, predicted = of[CLASSES].codes, of[OUT_OF_FOLD].predicted
    return decay.decay_split(of[PAST].backtest, codes, predicted, len(of[CLASSES]), ahead, of[LACKING_ROWS])


def _retraining(of: Results) -> Retraining | None:
    tolerance = of[LIMITS]["decay_at_horizon"].passes
    return retraining.retraining(
        of[NARROW].phi, of[CLASSES].codes, of[NARROW].moments, of[PERIODS], of[AGEING], tolerance, of[LOTS]
    )


def _monthly_counts(of: Results) -> churn.MonthlyCounts:
    _need_dates(of)
    return churn.monthly_counts(of[ROWS]["time"], of[CLASSES].codes, len(of[CLASSES]))


def _class_changes(of: Results) -> tuple[ClassChange, ...]:
    """Without enough periods for a backtest, births and deaths alone."""
    events, given = of[DATED_EVENTS]
    return changes.changes(of[CLASSES].shown, events, of.get(FLOWS) or (), of[MONTHLY_COUNTS], given)


def _redefinitions(of: Results) -> tuple[redefinition.Redefinition, ...]:
    """Every pair of classes that enough texts lie between, but for classes that came or went."""
    return redefinition.redefinitions(
        of[CLASSES].codes,
        of[WITHOUT_PERIOD].probabilities,
        of[ROWS]["time"],
        of[PERIODS].codes,
        of[DUPLICATES].near,
        {event.code for event in of[CLASS_EVENTS]},
    )


STEPS = (
    Step(PERIODS, _periods, (BATCH, ROWS), lacks=_no_dates),
    Step(HALVES, _halves, (ROWS,), lacks=_no_dates),
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
    Step(
        TRAINED_IN_ORDER,
        _trained_in_order,
        (PERIODS, PAST, FEATURES, DAMPED_COUNTS, CLASSES, SURROGATE, NARROW, NAIVE_BAYES),
        title="Training in order of time",
    ),
    Step(IN_ORDER, _in_order, (PERIODS, CLASSES, ASKED_IN_ORDER, TRAINED_IN_ORDER, RETRIEVAL_IN_ORDER)),
    Step(LACKING_ROWS, _lacking_rows, (PERIODS, CLASSES), (LEARNING_CURVE,)),
    Step(ACCURACY_BY_AGE, _accuracy_by_age, (PAST, LACKING_ROWS)),
    Step(AGEING, _ageing, (PERIODS, ASKED_IN_ORDER, TRAINED_IN_ORDER, CLASSES, SURROGATE, LACKING_ROWS)),
    Step(FORECAST, _forecast, (PERIODS, ACCURACY_BY_AGE, HORIZON)),
    Step(FORECAST_LATER, _forecast_later, (FORECAST, AGEING, SURROGATE, OUT_OF_FOLD, CLASSES, HORIZON)),
    Step(PROSPECTIVE_GAIN, _prospective_gain, (IN_ORDER, LOTS, HORIZON, LIMITS)),
    Step(DECAY_SPLIT, _decay_split, (PERIODS, PAST, CLASSES, OUT_OF_FOLD, LACKING_ROWS, HORIZON)),
    Step(
        RETRAINING,
        _retraining,
        (PERIODS, AGEING, NARROW, CLASSES, LIMITS, LOTS),
        title="Retraining cadence",
    ),
    Step(MONTHLY_COUNTS, _monthly_counts, (BATCH, ROWS, CLASSES), lacks=_no_dates),
    Step(
        DATED_EVENTS,
        lambda of: changes.in_force(
            churn.class_events(of[MONTHLY_COUNTS]), of[CLASSES].names, of[MONTHLY_COUNTS], of[BATCH].taxonomy or ()
        ),
        (MONTHLY_COUNTS, CLASSES, BATCH),
    ),
    Step(CLASS_EVENTS, lambda of: of[DATED_EVENTS][0], (DATED_EVENTS,)),
    Step(
        FLOWS,
        lambda of: churn.flows(of[CLASS_EVENTS], of[PAST].backtest, of[CLASSES].codes, of[ROWS]["time"]),
        (CLASS_EVENTS, PAST, CLASSES, ROWS),
    ),
    Step(CLASS_CHANGES, _class_changes, (DATED_EVENTS, CLASSES, MONTHLY_COUNTS), (FLOWS,)),
    Step(GROWTH, lambda of: changes.growth(of[CLASS_CHANGES], of[MONTHLY_COUNTS]), (CLASS_CHANGES, MONTHLY_COUNTS)),
    Step(REDEFINITIONS, _redefinitions, (PERIODS, CLASSES, WITHOUT_PERIOD, ROWS, DUPLICATES, CLASS_EVENTS)),
    Step(
        DRIFT,
        drift_family.drift,
        (HALVES, ROWS, BATCH, SEED, TOKENS, LANGUAGES, NARROW, CLASSES, MONTHLY_COUNTS),
        (REDEFINITIONS,),
        title="Drift",
    ),
    Step(
        STABILITY,
        stability.stability,
        (PAST, PERIODS, CLASSES, FORECAST_LATER, DECAY_SPLIT, RETRAINING, CLASS_CHANGES, GROWTH),
    ),
    Step(
        BACKTEST_MATRIX,
        lambda of: stability.backtest_matrix(
            of[PAST].backtest, of[OUT_OF_FOLD].accuracy(of[CLASSES].codes), of[HORIZON]
        ),
        (PAST, OUT_OF_FOLD, CLASSES, HORIZON),
    ),
    Step(BENEFIT_OVER_TIME, lambda of: over_time.over_time(of[IN_ORDER], of[HORIZON]), (IN_ORDER, HORIZON)),
)
