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
    from collections.abc import Collection
    from datetime import date

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

REDEFINITIONS: Key[tuple[Redefinition, ...]] = Key("redefinitions")

MIN_ROWS = 40
MIN_SIDE = 10


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


def redefinitions(
    codes: Codes,
    probabilities: NDArray[np.float32],
    times: pl.Series,
    periods: NDArray[np.int32],
    texts: NDArray[np.int64],
    left_out: Collection[int],
) -> tuple[Redefinition, ...]:
    """Every pair with 40 dated records between its classes, the surest swing first; without classes ``left_out``.

    A CUSUM test of label minus expectation against the Brownian bridge (Ploberger and Krämer 1992).
    ``probabilities`` (n, K) are of models that saw no row of the same of ``periods`` (n,); ``times`` (n,) is in order,
    nulls last; near duplicates share one of ``texts`` (n,).
    """
    top = np.argpartition(-probabilities, 1, axis=1)[:, :2]
    top.sort(axis=1)
    dated = times.is_not_null().to_numpy()
    between = dated & (top == codes[:, None]).any(axis=1)
    if left_out:
        between &= ~np.isin(top, list(left_out)).any(axis=1)
    rows = np.flatnonzero(between)
    _, first = np.unique(np.column_stack([texts, periods, codes])[rows], axis=0, return_index=True)
    rows = rows[np.sort(first)]
    pairs, of_pair, counts = np.unique(top[rows], axis=0, return_inverse=True, return_counts=True)
    months = times.dt.truncate("1mo").dt.date()
    found = [
        _swing(pairs[index], rows[of_pair.ravel() == index], codes, probabilities, months)
        for index in np.flatnonzero(counts >= MIN_ROWS)
    ]
    tried = len(found)
    told = [replace(each, p=min(1.0, each.p * tried)) for each in found]
    return tuple(sorted(told, key=lambda each: (each.p, -abs(each.swing))))


def _swing(
    pair: NDArray[np.int64],
    rows: NDArray[np.int64],
    codes: Codes,
    probabilities: NDArray[np.float32],
    months: pl.Series,
) -> Redefinition:
    a, b = (int(code) for code in pair)
    p_a, p_b = (probabilities[rows, code].astype(float) for code in (a, b))
    surprise = (codes[rows] == b) - p_b / (p_a + p_b)
    walk = np.cumsum(surprise - surprise.mean())[:-1]
    month = months.gather(rows)
    # A change is dated to a month, so that the walk is read at the ends of months.
    ends = np.flatnonzero((month[1:] != month[:-1]).to_numpy())
    ends = ends[(ends >= MIN_SIDE - 1) & (ends < len(rows) - MIN_SIDE)]
    spread = surprise.std() * np.sqrt(len(rows))
    if not len(ends) or spread == 0:
        return Redefinition(a, b, month[0], len(rows), 0.0, 1.0)
    at = int(ends[np.abs(walk[ends]).argmax()])
    swing = float(surprise[at + 1 :].mean() - surprise[: at + 1].mean())
    source, target = (a, b) if swing > 0 else (b, a)
    p = float(kolmogorov(np.abs(walk[ends]).max() / spread))
    return Redefinition(source, target, month[at + 1], len(rows), abs(swing), p)
