"""The sides of an export, and which classes of the other side the texts of one lie nearest to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.churn import MIN_ROWS
from auditor.evidence.moments import class_sums, score

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.evidence.sources import SourceColumn


@dataclass(frozen=True)
class SideRows:
    """The rows (n,) of one ``value`` of a ``column``; without a column, those without a date."""

    column: str | None
    value: str
    rows: NDArray[np.bool_]


def sides(columns: tuple[SourceColumn, ...], times: pl.Series) -> tuple[SideRows, ...]:
    """Every value of the ``columns`` that is not pooled, and the records without a date where others have one."""
    found = [
        SideRows(column.name, value, column.codes == code)
        for column in columns
        for code, value in enumerate(column.values[: -1 if column.pooled else None])
    ]
    undated = times.is_null().to_numpy()
    if undated.any() and not undated.all():
        found.append(SideRows(None, "", undated))
    return tuple(found)


def filed(side: SideRows, codes: Codes, n_classes: int) -> NDArray[np.int64]:
    """Rows of each class on the side, and elsewhere: (2, K)."""
    return np.stack([np.bincount(codes[part], minlength=n_classes) for part in (side.rows, ~side.rows)])


def readings(
    phi: Features, codes: Codes, side: SideRows, n_classes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Texts of each class that lie nearest to the mean of each class of the other side, (K, K), here and elsewhere.

    A model that weighs its classes by their size, or leans on rare features, fails between sources, which differ in
    both; means do not.
    """
    here, elsewhere = np.flatnonzero(side.rows), np.flatnonzero(~side.rows)
    return _nearest(phi, codes, here, elsewhere, n_classes), _nearest(phi, codes, elsewhere, here, n_classes)


def _nearest(
    phi: Features, codes: Codes, one: NDArray[np.int64], other: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    counts = np.bincount(codes[other], minlength=n_classes)
    known = np.flatnonzero(counts >= MIN_ROWS)
    table = np.zeros((n_classes, n_classes), np.int64)
    if len(known):
        sums = class_sums(phi, codes, other, n_classes)[:, known]
        means = (sums / counts[known]).T.astype(np.float32)
        nearest = known[(score(phi, one, means.T) - (means**2).sum(axis=1) / 2).argmax(axis=1)]
        np.add.at(table, (codes[one], nearest), 1)
    return table
