"""Which values of the records a report may show: those that so many records share that they tell on nobody.

The threshold rule of statistical disclosure control (Hundepool et al. 2012), with house limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.model import CLASS_SHARED_BY, SHARED_BY
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# By whom a word must be shared: groups (g, n) of the rows that hang together, and of each column of patients and the
# like. A name in many records of one person is one person's.
SHARERS: Key[NDArray[np.int64]] = Key("who must share a word")

# Whose the rows are: codes (g, n) of the column of groups, and of each column of patients and the like.
PEOPLE: Key[NDArray[np.int64]] = Key("whose the records are")

OTHERS = "(all others)"
RARE = "(rare classes)"


def shared(groups: NDArray[np.int64], rows: NDArray[np.integer]) -> bool:
    """Whether a word of the texts of ``rows`` (r,) may be shown: enough of each of the ``groups`` (g, n) hold it."""
    return all(len(np.unique(each[rows])) >= SHARED_BY for each in np.atleast_2d(groups))


def common(values: pl.Series, people: NDArray[np.int64], least: int = SHARED_BY) -> tuple[str, ...]:
    """Those of the ``values`` (n,) that at least so many rows share, and ``SHARED_BY`` of each of the ``people``
    (g, n), by falling count.
    """
    whose = [pl.Series(f"{at}", each) for at, each in enumerate(people)]
    counts = (
        pl.DataFrame([values.alias("value"), *whose])
        .group_by("value")
        .agg(pl.len().alias("rows"), *(pl.col(each.name).n_unique() for each in whose))
    )
    enough = pl.all_horizontal(pl.col("rows") >= least, pl.exclude("value", "rows") >= SHARED_BY)
    return tuple(counts.filter(enough).sort(["rows", "value"], descending=[True, False])["value"].to_list())


def pooled(values: pl.Series, people: NDArray[np.int64]) -> pl.Series:
    """``values`` (n,) with those that are not `common` as one, ``OTHERS``."""
    name, kept = pl.col(values.name), list(common(values, people))
    return values.to_frame().select(pl.when(name.is_in(kept)).then(name).otherwise(pl.lit(OTHERS)))[values.name]


def class_names(names: Sequence[str], counts: NDArray[np.int64]) -> tuple[str, ...]:
    """``names`` (K,) of classes with ``counts`` (K,) records, where ``RARE`` stands for those of too few."""
    return tuple(name if rows >= CLASS_SHARED_BY else RARE for name, rows in zip(names, counts, strict=True))
