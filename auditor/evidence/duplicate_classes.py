"""One class under two names, each in its own source: an export of two extracts with two taxonomies.

No date says that a class was renamed where the old name and the new one come from different sources, or where the
records of one have no date. What says it: each name is filed on one side alone, and its texts read like the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.changes import MAIN_SHARE
from auditor.estimators.churn import EVIDENCE, FLOW_SHARE, MIN_ROWS, Event, log_ratios
from auditor.evidence.moments import class_sums, score
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.evidence.sources import SourceColumn

ALIASES: Key[tuple[Alias, ...]] = Key("aliases")

# Texts that read like a name must do so twice as often as those of the other classes of their side.
LIFT = 2.0


@dataclass(frozen=True)
class Side:
    """The rows (n,) of one ``value`` of a ``column``; without a column, those without a date."""

    column: str | None
    value: str
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class Alias:
    """Two names that look like one class: ``inside`` is filed on the ``side`` alone, ``outside`` elsewhere alone.

    ``read`` of the texts of ``inside`` read like ``outside`` by the means of the classes elsewhere, ``read_back`` the
    other way round.
    """

    side: Side
    inside: int
    outside: int
    read: float
    read_back: float


def sides(columns: tuple[SourceColumn, ...], times: pl.Series) -> tuple[Side, ...]:
    """Every value of the ``columns`` that is not pooled, and the records without a date where others have one."""
    found = [
        Side(column.name, value, column.codes == code)
        for column in columns
        for code, value in enumerate(column.values[: -1 if column.pooled else None])
    ]
    undated = times.is_null().to_numpy()
    if undated.any() and not undated.all():
        found.append(Side(None, "", undated))
    return tuple(found)


def aliases(phi: Features, codes: Codes, names: tuple[str, ...], sides: Sequence[Side]) -> tuple[Alias, ...]:
    """Pairs of names that keep to one side each, where the texts of one read mostly like the other.

    Mostly is ``MAIN_SHARE`` one way and ``FLOW_SHARE`` the other, or, if one name has all the words of the other, one
    way alone. The first side that shows a pair tells it.
    """
    found: dict[tuple[int, int], Alias] = {}
    for side in sides:
        inside, outside = own_names(codes, side.rows, len(names), len(sides))
        if not inside or not outside:
            continue
        read = readings(phi, codes, side.rows, len(names))
        back = readings(phi, codes, ~side.rows, len(names))
        for a, b in product(inside, outside):
            low, high = sorted((read[a, b], back[b, a]))
            if high >= MAIN_SHARE and (low >= FLOW_SHARE or related(names[a], names[b])):
                found.setdefault((min(a, b), max(a, b)), Alias(side, a, b, float(read[a, b]), float(back[b, a])))
    return tuple(found.values())


def own_names(codes: Codes, inside: NDArray[np.bool_], n_classes: int, tried: int) -> tuple[list[int], list[int]]:
    """The classes filed ``inside`` (n,) alone and those filed outside alone, as sure as births and deaths are."""
    counts = np.stack([np.bincount(codes[part], minlength=n_classes) for part in (inside, ~inside)])
    threshold = EVIDENCE + np.log(n_classes * tried)
    large = np.flatnonzero(counts.sum(axis=0) >= MIN_ROWS).tolist()
    rows = counts.sum(axis=1)
    one, other = (
        [code for code in large if log_ratios(counts[:, code], rows, event)[0] > threshold]
        for event in (Event.DIED, Event.BORN)
    )
    return one, other


def readings(phi: Features, codes: Codes, rows: NDArray[np.bool_], n_classes: int) -> NDArray[np.float64]:
    """Share (K, K) of the ``rows`` (n,) of each class that lie nearest to the mean of each class of the other rows.

    A model that weighs its classes by their size, or leans on rare features, fails between sources, which differ in
    both; means do not. 0 where the rows of the other classes lie there half as often or more.
    """
    one, other = np.flatnonzero(rows), np.flatnonzero(~rows)
    counts = np.bincount(codes[other], minlength=n_classes)
    known = np.flatnonzero(counts >= MIN_ROWS)
    if not len(known):
        return np.zeros((n_classes, n_classes))
    sums = class_sums(phi, codes, other, n_classes)[:, known]
    means = (sums / counts[known]).T.astype(np.float32)
    nearest = known[(score(phi, one, means.T) - (means**2).sum(axis=1) / 2).argmax(axis=1)]
    table = np.zeros((n_classes, n_classes))
    np.add.at(table, (codes[one], nearest), 1)
    filed = table.sum(axis=1)
    table /= np.maximum(filed, 1)[:, None]
    of_others = (table.sum(axis=0) - table) / max((filed > 0).sum() - 1, 1)
    return np.where(table >= LIFT * of_others, table, 0)


def related(left: str, right: str) -> bool:
    """Whether one name has all the words of the other, singular or plural."""
    one, other = ({word.rstrip("s") for word in re.findall(r"\w+", folded(name))} for name in (left, right))
    return one <= other or other <= one
