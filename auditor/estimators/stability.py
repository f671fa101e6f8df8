"""All that the report says about time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.backtest import as_rows
from auditor.estimators.forecast import ages
from auditor.model import ClassTimeline, Stability
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.estimators.backtest import Backtest
    from auditor.model import ClassChange, DecaySplit, Forecast, Growth, Retraining

STABILITY: Key[Stability] = Key("stability")

MAX_TIMELINES = 40


def stability(
    past: Backtest,
    forecast: Forecast | None,
    decay: DecaySplit | None,
    retraining: Retraining | None,
    timeline: tuple[ClassTimeline, ...],
    growth: Growth | None,
) -> Stability:
    """The result's part about stability."""
    return Stability(
        periods=past.calendar.names,
        choice=past.calendar.choice,
        macro_f1=as_rows(past.macro_f1),
        ages=ages(past.accuracy, past.calendar.months),
        forecast=forecast,
        decay=decay,
        retraining=retraining,
        timeline=timeline,
        growth=growth,
    )


def timelines(
    names: Sequence[str], rare: NDArray[np.bool_], counts: NDArray[np.int64], changes: tuple[ClassChange, ...]
) -> tuple[ClassTimeline, ...]:
    """Of the classes of ``names`` (K,) but the ``rare`` (K,) ones, from their rows in each period, ``counts`` (P, K):
    those with changes first, then the largest, at most 40.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    of_class = {name: tuple(each for each in changes if each.label == name) for name in names}
    order = sorted(np.flatnonzero(~rare).tolist(), key=lambda code: (not of_class[names[code]], -counts[:, code].sum()))
    return tuple(
        ClassTimeline(names[code], tuple(float(share) for share in shares[:, code]), of_class[names[code]])
        for code in order[:MAX_TIMELINES]
    )
