"""Dates that cannot be meant, records without one, and the earlier and the later half of those with one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.undated import Lacking
from auditor.evidence.shown import pooled
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Days since 1970, 0 without a date.
DAYS: Key[NDArray[np.int64]] = Key("days")
HALVES: Key[NDArray[np.int8]] = Key("halves")

STRAY_GAP = timedelta(days=5 * 365)
STRAY_SHARE = 0.05
MIN_DATED = 20


def without_strays(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """``rows`` by time, undated last, where stray dates are undated; and how many were stray.

    Stray is what lies five empty years or more away from the rest and holds 5 % of the dates at most: 1900-01-01,
    2099-12-31 and other placeholders.
    """
    dated = rows["time"].drop_nulls().sort()
    steps = (dated.diff() >= STRAY_GAP).arg_true().to_list()
    few = STRAY_SHARE * len(dated)
    start = max((at for at in steps if at <= few), default=0)
    end = min((at for at in steps if len(dated) - at <= few), default=len(dated))
    strays = start + len(dated) - end
    if not strays or start >= end:
        return rows, 0
    kept = pl.col("time").is_between(dated[start], dated[end - 1])
    cleaned = rows.with_columns(time=pl.when(kept).then("time")).sort("time", nulls_last=True, maintain_order=True)
    return cleaned, strays


def halves(times: pl.Series) -> NDArray[np.int8] | None:
    """Per row (n,) 0 for the earlier half, 1 for the later one, -1 without a date. Rows of one date stay together.

    None under 20 dated rows, or where all have the same date.
    """
    dated = np.flatnonzero(times.is_not_null().to_numpy())
    if len(dated) < MIN_DATED:
        return None
    known = times.gather(dated)
    starts = np.flatnonzero((known.diff() > timedelta(0)).fill_null(value=False).to_numpy())
    if not len(starts):
        return None
    middle = int(starts[np.abs(starts - len(dated) / 2).argmin()])
    sides = np.full(len(times), -1, np.int8)
    sides[dated[:middle]], sides[dated[middle:]] = 0, 1
    return sides


def lacking(rows: pl.DataFrame, columns: Sequence[str], people: NDArray[np.int64]) -> tuple[Lacking, ...]:
    """Which values of each of the ``columns`` that enough rows and ``people`` (g, n) share lack a date how often."""
    found = []
    for column in columns:
        table = (
            rows.with_columns(pooled(rows[column].fill_null("(blank)"), people))
            .group_by(column)
            .agg(missing=pl.col("time").is_null().sum(), dated=pl.col("time").is_not_null().sum())
            .sort(column)
        )
        counts = table.select("missing", "dated").to_numpy().astype(np.int64)
        found.append(Lacking(column.partition(":")[2], tuple(table[column].to_list()), counts))
    return tuple(found)
