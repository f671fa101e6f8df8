"""Records that a model of other periods places between two classes, counted by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.redefinition import Between

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

MIN_ROWS = 40


def between(
    codes: Codes,
    probabilities: NDArray[np.float32],
    times: pl.Series,
    periods: NDArray[np.int32],
    texts: NDArray[np.int64],
    left_out: Collection[int],
) -> list[Between]:
    """Every pair with 40 dated records between its classes, without classes ``left_out``.

    ``probabilities`` (n, K) are of models that saw no row of the same of ``periods`` (n,); ``times`` (n,) is in order,
    nulls last; near duplicates share one of ``texts`` (n,).
    """
    top = np.argpartition(-probabilities, 1, axis=1)[:, :2]
    top.sort(axis=1)
    dated = times.is_not_null().to_numpy()
    within = dated & (top == codes[:, None]).any(axis=1)
    if left_out:
        within &= ~np.isin(top, list(left_out)).any(axis=1)
    rows = np.flatnonzero(within)
    _, first = np.unique(np.column_stack([texts, periods, codes])[rows], axis=0, return_index=True)
    rows = rows[np.sort(first)]
    pairs, of_pair, counts = np.unique(top[rows], axis=0, return_inverse=True, return_counts=True)
    months = times.dt.truncate("1mo").dt.date()
    return [
        _between(pairs[index], rows[of_pair.ravel() == index], codes, probabilities, months)
        for index in np.flatnonzero(counts >= MIN_ROWS)
    ]


def _between(
    pair: NDArray[np.int64],
    rows: NDArray[np.int64],
    codes: Codes,
    probabilities: NDArray[np.float32],
    months: pl.Series,
) -> Between:
    a, b = (int(code) for code in pair)
    p_a, p_b = (probabilities[rows, code].astype(float) for code in (a, b))
    surprise = (codes[rows] == b) - p_b / (p_a + p_b)
    month = months.gather(rows)
    place = month.rank("dense").to_numpy().astype(np.int64) - 1
    return Between(
        (a, b),
        tuple(month.unique().sort().to_list()),
        np.bincount(place),
        np.bincount(place, surprise).astype(float),
        np.bincount(place, surprise**2).astype(float),
    )
