"""The same text labelled differently over time: pairs of classes whose border moved, with the month.

Each record is scored by a model of the periods before and after its own. Among the records that this model places
between two classes, it says how many should carry the one; where the labels swing from fewer to more than that, the
definition changed. What changes in mix or wording alone changes the expectation with it. Copies of a text that one
period files alike are one piece of evidence, not many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import kolmogorov

from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

REDEFINITIONS: Key[tuple[Redefinition, ...]] = Key("redefinitions")

MIN_SIDE = 10


@dataclass(frozen=True)
class Between:
    """Records between two ``classes``, by month (M,): how many ``rows``, by how many more of them carry the second
    class than a model expects, ``surprise``, and the sum of its ``squares`` over them.
    """

    classes: tuple[int, int]
    months: tuple[date, ...]
    rows: NDArray[np.int64]
    surprise: NDArray[np.float64]
    squares: NDArray[np.float64]


@dataclass(frozen=True)
class Redefinition:
    """From ``month`` on, ``swing`` more of the ``rows`` between two classes carry ``target`` instead of ``source``.

    ``p`` is the chance of as large a swing in any order of the records, times the number of pairs looked at.
    """

    source: int
    target: int
    month: date
    rows: int
    swing: float
    p: float


def redefinitions(pairs: Sequence[Between]) -> tuple[Redefinition, ...]:
    """Of every pair that was looked at, the surest swing first.

    A CUSUM test of label minus expectation against the Brownian bridge (Ploberger and Krämer 1992). A change is dated
    to a month, so that the walk is read at the ends of months.
    """
    told = [replace(each, p=min(1.0, each.p * len(pairs))) for each in map(_swing, pairs)]
    return tuple(sorted(told, key=lambda each: (each.p, -abs(each.swing))))


def _swing(pair: Between) -> Redefinition:
    n, whole = int(pair.rows.sum()), float(pair.surprise.sum())
    seen, above = np.cumsum(pair.rows)[:-1], np.cumsum(pair.surprise)[:-1]
    walk = above - seen * (whole / n)
    ends = np.flatnonzero((seen >= MIN_SIDE) & (seen < n - MIN_SIDE + 1))
    spread = np.sqrt(max(float(pair.squares.sum()) - whole**2 / n, 0.0))
    a, b = pair.classes
    if not len(ends) or spread == 0:
        return Redefinition(a, b, pair.months[0], n, 0.0, 1.0)
    at = int(ends[np.abs(walk[ends]).argmax()])
    swing = float((whole - above[at]) / (n - seen[at]) - above[at] / seen[at])
    source, target = (a, b) if swing > 0 else (b, a)
    p = float(kolmogorov(np.abs(walk[ends]).max() / spread))
    return Redefinition(source, target, pair.months[at + 1], n, abs(swing), p)
