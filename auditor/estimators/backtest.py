"""What a backtest's answers come to: a model at every cut, scored on every later period (Tashman 2000)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from auditor.model import BacktestMatrix
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.calendar import Calendar

BACKTEST: Key[Backtest] = Key("accuracy of past models")
BACKTEST_MATRIX: Key[BacktestMatrix] = Key("matrix of the backtest")


@dataclass(frozen=True)
class Scored:
    """Of the rows of each period, by class: how many are ``given`` (P, K) it, and of those answered by the model at
    each cut how many are ``said`` (P, P, K) to be and ``right`` (P, P, K). Pairs of cut and period that were scored are
    ``known`` (P, P).
    """

    calendar: Calendar
    known: NDArray[np.bool_]
    given: NDArray[np.int64]
    said: NDArray[np.int64]
    right: NDArray[np.int64]


@dataclass(frozen=True)
class Backtest:
    """``accuracy[i, j]`` (P, P): trained on periods up to and including i, scored on period j; NaN for j <= i.

    ``macro_f1`` (P, P) is the mean F1 of the classes that period j holds, in the same cells.
    """

    calendar: Calendar
    accuracy: NDArray[np.float64]
    macro_f1: NDArray[np.float64]


def backtest(scored: Scored) -> Backtest:
    """Of every pair of a training end and a later period."""
    accuracy, macro = np.full((2, *scored.known.shape), np.nan)
    for cut, period in zip(*np.nonzero(scored.known), strict=True):
        given, said, right = scored.given[period], scored.said[cut, period], scored.right[cut, period]
        accuracy[cut, period] = right.sum() / given.sum()
        macro[cut, period] = macro_f1(given, said, right)
    return Backtest(scored.calendar, accuracy, macro)


def macro_f1(given: NDArray[np.int64], said: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """The mean F1 over the classes (K,) that are ``given`` to any row."""
    held = given > 0
    return float((2 * right[held] / (given[held] + said[held])).mean())


def backtest_matrix(found: Backtest, promised: float, horizon: int) -> BacktestMatrix:
    """Accuracy by training end and period scored, beside what random folds have ``promised``."""
    return BacktestMatrix(
        found.calendar.names,
        tuple(int(rows) for rows in found.calendar.rows),
        as_rows(found.accuracy),
        promised,
        horizon,
    )


def as_rows(values: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    """A matrix as a report holds it, None where it is not known."""
    return tuple(tuple(float(value) if isfinite(value) else None for value in row) for row in values)
