"""All that the report says about time, from the evidence."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.forecast import ages
from auditor.evidence.later_gain import forecast_later
from auditor.evidence.shown import RARE
from auditor.model import BacktestMatrix, ClassTimeline, Stability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence import Evidence

MAX_TIMELINES = 40


def stability(evidence: Evidence, horizon: int) -> Stability:
    """The result's part about stability. Raises NotApplicable where there is no backtest."""
    past, periods = evidence.backtest, evidence.periods
    return Stability(
        periods=periods.names,
        choice=periods.choice,
        macro_f1=_matrix(past.macro_f1),
        ages=ages(past.accuracy, periods.months),
        forecast=forecast_later(evidence, horizon),
        decay=evidence.decay_split(horizon),
        retraining=evidence.retraining,
        timeline=_timelines(evidence),
        growth=evidence.growth,
    )


def backtest_matrix(evidence: Evidence, horizon: int) -> BacktestMatrix:
    """Accuracy by training end and period scored. Raises NotApplicable where there is no backtest."""
    backtest = evidence.backtest
    return BacktestMatrix(
        backtest.periods.names,
        tuple(int(rows) for rows in backtest.periods.rows),
        _matrix(backtest.accuracy),
        evidence.out_of_fold.accuracy(evidence.codes),
        horizon,
    )


def _matrix(values: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(float(value) if isfinite(value) else None for value in row) for row in values)


def _timelines(evidence: Evidence) -> tuple[ClassTimeline, ...]:
    """Classes with changes first, then the largest, at most 40."""
    names, periods = evidence.classes.shown, evidence.periods
    counts = np.zeros((len(periods.names), len(names)))
    dated = periods.codes >= 0
    np.add.at(counts, (periods.codes[dated], evidence.codes[dated]), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    of_class = {name: tuple(each for each in evidence.class_changes if each.label == name) for name in names}
    known = [code for code, name in enumerate(names) if name != RARE]
    order = sorted(known, key=lambda code: (not of_class[names[code]], -counts[:, code].sum()))
    return tuple(
        ClassTimeline(names[code], tuple(float(share) for share in shares[:, code]), of_class[names[code]])
        for code in order[:MAX_TIMELINES]
    )
