"""All that the report says about time, from the results."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.backtest import PAST
from auditor.evidence.changes import CLASS_CHANGES, GROWTH
from auditor.evidence.classes import CLASSES
from auditor.evidence.decay import DECAY_SPLIT
from auditor.evidence.forecast import ages
from auditor.evidence.periods import PERIODS
from auditor.evidence.prospective_gain import FORECAST_LATER
from auditor.evidence.retraining import RETRAINING
from auditor.evidence.shown import RARE
from auditor.model import BacktestMatrix, ClassTimeline, Stability
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.backtest import Backtest
    from auditor.results import Results


STABILITY: Key[Stability] = Key("stability")
BACKTEST_MATRIX: Key[BacktestMatrix] = Key("matrix of the backtest")

MAX_TIMELINES = 40


def stability(results: Results) -> Stability:
    """The result's part about stability."""
    past, periods = results[PAST].backtest, results[PERIODS]
    return Stability(
        periods=periods.names,
        choice=periods.choice,
        macro_f1=_matrix(past.macro_f1),
        ages=ages(past.accuracy, periods.months),
        forecast=results[FORECAST_LATER],
        decay=results[DECAY_SPLIT],
        retraining=results[RETRAINING],
        timeline=_timelines(results),
        growth=results[GROWTH],
    )


def backtest_matrix(backtest: Backtest, promised: float, horizon: int) -> BacktestMatrix:
    """Accuracy by training end and period scored, beside what random folds have ``promised``."""
    return BacktestMatrix(
        backtest.periods.names,
        tuple(int(rows) for rows in backtest.periods.rows),
        _matrix(backtest.accuracy),
        promised,
        horizon,
    )


def _matrix(values: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(float(value) if isfinite(value) else None for value in row) for row in values)


def _timelines(results: Results) -> tuple[ClassTimeline, ...]:
    """Classes with changes first, then the largest, at most 40."""
    names, periods = results[CLASSES].shown, results[PERIODS]
    counts = np.zeros((len(periods.names), len(names)))
    dated = periods.codes >= 0
    np.add.at(counts, (periods.codes[dated], results[CLASSES].codes[dated]), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    of_class = {name: tuple(each for each in results[CLASS_CHANGES] if each.label == name) for name in names}
    known = [code for code, name in enumerate(names) if name != RARE]
    order = sorted(known, key=lambda code: (not of_class[names[code]], -counts[:, code].sum()))
    return tuple(
        ClassTimeline(names[code], tuple(float(share) for share in shares[:, code]), of_class[names[code]])
        for code in order[:MAX_TIMELINES]
    )
