"""Stability: what changed with time, in the classes and between two halves of the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.estimators import changes, churn, drift, redefinition
from auditor.estimators.changes import CLASS_CHANGES, DATED_EVENTS, GROWTH
from auditor.estimators.churn import CLASS_EVENTS, FLOWS, MONTHLY_COUNTS
from auditor.estimators.drift import DRIFT
from auditor.estimators.redefinition import REDEFINITIONS
from auditor.evidence import churn as churn_rows
from auditor.evidence import dates
from auditor.evidence import drift as drift_rows
from auditor.evidence import redefinition as redefinition_rows
from auditor.evidence.backtest import PAST
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import BATCH, ROWS, SEED
from auditor.evidence.languages import LANGUAGES
from auditor.evidence.narrow import NARROW
from auditor.evidence.periods import PERIODS
from auditor.evidence.proxy import WITHOUT_PERIOD
from auditor.evidence.tokens import TOKENS
from auditor.plan.stability import need_dates, no_dates
from auditor.plan.step import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.model import ClassChange
    from auditor.results import Results


def _halves(of: Results) -> NDArray[np.int8]:
    found = dates.halves(of[ROWS]["time"])
    if found is None:
        raise NotApplicable("an earlier and a later half take 20 records with dates, and two dates")
    return found


def _monthly_counts(of: Results) -> churn.MonthlyCounts:
    need_dates(of)
    return churn_rows.monthly_counts(of[ROWS]["time"], of[CLASSES].codes, len(of[CLASSES]))


def _class_changes(of: Results) -> tuple[ClassChange, ...]:
    """Without enough periods for a backtest, births and deaths alone."""
    events, given = of[DATED_EVENTS]
    return changes.changes(of[CLASSES].shown, events, of.get(FLOWS) or (), of[MONTHLY_COUNTS], given)


def _redefinitions(of: Results) -> tuple[redefinition.Redefinition, ...]:
    """Every pair of classes that enough texts lie between, but for classes that came or went."""
    pairs = redefinition_rows.between(
        of[CLASSES].codes,
        of[WITHOUT_PERIOD].probabilities,
        of[ROWS]["time"],
        of[PERIODS].codes,
        of[DUPLICATES].near,
        {event.code for event in of[CLASS_EVENTS]},
    )
    return redefinition.redefinitions(pairs)


def _flows(of: Results) -> tuple[churn.Flow, ...]:
    codes, times = of[CLASSES].codes, of[ROWS]["time"]
    moves = churn_rows.moves(of[CLASS_EVENTS], of[PAST].predicted, of[PERIODS].codes, codes, times, len(of[CLASSES]))
    return churn.flows(moves)


def _drift(of: Results) -> drift.Drift:
    halves, rows, codes = of[HALVES], of[ROWS], of[CLASSES].codes
    dated = np.flatnonzero(halves >= 0)
    late = halves[dated] == 1
    lengths = np.asarray(of[TOKENS].counts.sum(axis=1)).ravel()[dated].astype(float)
    compared = (
        drift_rows.mix("labels", "classes", codes[dated], late),
        drift_rows.ranks(of[NARROW].phi, codes, of[NARROW].moments, halves),
        drift_rows.amounts("length", "length of the text", lengths, late),
        drift_rows.mix("language", "language of the text", of[LANGUAGES][dated], late),
        *drift_rows.columns(rows[dated], late),
        *drift_rows.missing(of[BATCH].frame, rows["time"], halves),
    )
    # Of dates that are years, no month means anything.
    monthly = of[MONTHLY_COUNTS] if of[BATCH].time_granularity != "year" else None
    redefined = of.get(REDEFINITIONS) or ()
    return drift.drift(compared, monthly, drift_rows.last_days(rows["time"]), redefined, of[SEED])


STEPS = (
    Step(HALVES, _halves, (ROWS,), lacks=no_dates),
    Step(MONTHLY_COUNTS, _monthly_counts, (BATCH, ROWS, CLASSES), lacks=no_dates),
    Step(
        DATED_EVENTS,
        lambda of: changes.in_force(
            churn.class_events(of[MONTHLY_COUNTS]), of[CLASSES].names, of[MONTHLY_COUNTS], of[BATCH].taxonomy or ()
        ),
        (MONTHLY_COUNTS, CLASSES, BATCH),
    ),
    Step(CLASS_EVENTS, lambda of: of[DATED_EVENTS][0], (DATED_EVENTS,)),
    Step(FLOWS, _flows, (CLASS_EVENTS, PAST, PERIODS, CLASSES, ROWS)),
    Step(CLASS_CHANGES, _class_changes, (DATED_EVENTS, CLASSES, MONTHLY_COUNTS), (FLOWS,)),
    Step(GROWTH, lambda of: changes.growth(of[CLASS_CHANGES], of[MONTHLY_COUNTS]), (CLASS_CHANGES, MONTHLY_COUNTS)),
    Step(REDEFINITIONS, _redefinitions, (PERIODS, CLASSES, WITHOUT_PERIOD, ROWS, DUPLICATES, CLASS_EVENTS)),
    Step(
        DRIFT,
        _drift,
        (HALVES, ROWS, BATCH, SEED, TOKENS, LANGUAGES, NARROW, CLASSES, MONTHLY_COUNTS),
        (REDEFINITIONS,),
        title="Drift",
    ),
)
