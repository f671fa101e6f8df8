"""The records of a sheet among the rows, with what models answer of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.sheet_rates import Guess, Labelled, Way
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes
    from auditor.evidence.prompted import Prompted
    from auditor.sheets.fill import Filled

    Mask = NDArray[np.bool_]
    Values = NDArray[np.float64]

SHEET: Key[Filled] = Key("sheet")

# A label that is no class of the export.
OUTSIDE = -3


@dataclass(frozen=True)
class SheetRows:
    """Where the labelled records stand among n ``rows`` (m,), with the class codes of a person's ``label`` (m,) and a
    ``second`` (m,) one's. ``pool`` are the rows that the sheet was drawn from; None where that changed.
    """

    n: int
    rows: NDArray[np.int64]
    label: NDArray[np.int64]
    second: NDArray[np.int64]
    pool: NDArray[np.int64] | None

    def guess(self, f: Values) -> Guess:
        """From what is guessed of every row, ``f`` (n,), NaN where nothing is."""
        known = self.pool is not None and not np.isnan(f[self.pool]).any()
        return Guess(np.nan_to_num(f[self.rows]), float(f[self.pool].mean()) if known else None)

    def giving(self, found: Prompted, labels: NDArray[np.int64]) -> Values:
        """How often the answers give ``labels`` (m,), (m,), NaN where nobody asked."""
        truth = np.full(self.n, OUTSIDE)
        truth[self.rows] = labels
        return self.everywhere(found, found.giving(truth[found.rows]))[self.rows]

    def everywhere(self, found: Prompted, values: Values) -> Values:
        """``values`` (a,) of the rows asked at their place among all (n,), NaN elsewhere."""
        whole = np.full(self.n, np.nan)
        whole[found.rows] = values
        return whole


def sheet_rows(filled: Filled, rows: pl.DataFrame, classes: Classes) -> SheetRows:
    """The records of the ``filled`` sheet among ``rows`` (n,)."""
    row_ids = rows["row_id"].to_numpy()
    order = np.argsort(row_ids)
    asked = np.array([each.row_id for each in filled.answers], np.int64)
    codes = {folded(name): code for code, name in enumerate(classes.names)}

    def coded(labels: list[str | None]) -> NDArray[np.int64]:
        return np.array([codes.get(folded(label or ""), OUTSIDE) for label in labels], np.int64)

    pool = np.flatnonzero(filled.sheet.recent(rows["time"]))
    return SheetRows(
        n=len(rows),
        rows=order[np.searchsorted(row_ids[order], asked)],
        label=coded([each.label for each in filled.answers]),
        second=coded([each.second for each in filled.answers]),
        pool=pool if len(pool) == sum(filled.sheet.stratum_rows) else None,
    )


def labelled(
    filled: Filled,
    at: SheetRows,
    classes: Classes,
    predicted: NDArray[np.int32],
    quality: Values,
    flagged: Mask,
) -> Labelled:
    """What people and the model say of the records of the sheet, from the ``predicted`` class, the label's ``quality``
    and whether it is ``flagged`` of every row (n,).
    """
    answers, doubt, agrees = filled.answers, 1 - quality, (predicted == classes.codes).astype(float)
    return Labelled(
        strata=np.array([each.stratum for each in answers], np.int64),
        stratum_rows=dict(enumerate(filled.sheet.stratum_rows)),
        unsure=np.array([each.label is None for each in answers], bool),
        given=classes.codes[at.rows],
        wrong=np.array([each.wrong for each in answers], bool),
        both=np.array([bool(each.label) and bool(each.second) for each in answers], bool),
        second_wrong=np.array([each.second_wrong for each in answers], bool),
        differ=np.array([each.label != each.second for each in answers], bool),
        flagged=flagged[at.rows],
        doubt=at.guess(doubt),
        where_right=at.guess(doubt * agrees),
        agreeing=at.guess(agrees),
        level=max(float((agrees if at.pool is None else agrees[at.pool]).mean()), 1e-6),
    )


def ordinary_way(at: SheetRows, classes: Classes, predicted: NDArray[np.int32]) -> Way:
    """The ordinary classifier of all rows, whose answers are ``predicted`` (n,)."""
    right, second = ((predicted[at.rows] == labels).astype(float) for labels in (at.label, at.second))
    return Way(right, second, at.guess((predicted == classes.codes).astype(float)))


def way(
    at: SheetRows,
    classes: Classes,
    predicted: NDArray[np.int32],
    found: Prompted | None,
    beside: Prompted | None = None,
) -> Way | None:
    """That of the answers ``found``, against the ordinary classifier of all rows or the one ``beside`` it."""
    if found is None:
        return None
    as_given = at.everywhere(found, found.right(classes))
    right, second = (at.giving(found, labels) for labels in (at.label, at.second))
    if beside is None:
        other, other_given = (predicted[at.rows] == at.label).astype(float), (predicted == classes.codes).astype(float)
    else:
        other, other_given = at.giving(beside, at.label), at.everywhere(beside, beside.right(classes))
    return Way(right, second, at.guess(as_given), other - right, at.guess(other_given - as_given))
