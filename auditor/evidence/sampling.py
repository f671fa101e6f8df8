"""The rows that models are fitted on: all of them, or of a large export a random part that is always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.inputs.texts import draw_keys
from auditor.keys import Lots
from auditor.model import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Accuracy of a model of 200,000 rows and of five times as many differ by little, and so many fit 3 GB: ADR 25.
MOST_ROWS = 200_000
# So that rare classes keep what the gates ask of them.
LEAST_OF_CLASS = 100
# Where few texts are so common that whole texts make no sample of that size, single rows do.
TOO_MANY = 1.2
# Not of the run's seed: a sheet or a trial of one run must find its records in the next.
SEED = 0


def sampled(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows``, or some 200,000 of them, in the same order. Where texts stand elsewhere, ``draw_key`` stands for them.

    Equal texts are drawn together, so that shares of duplicates and of their conflicts hold; of every label at least
    `LEAST_OF_CLASS` rows stay where it has as many.
    """
    if len(rows) <= MOST_ROWS:
        return rows
    by_text = rows["draw_key"].to_numpy() if "draw_key" in rows.columns else draw_keys(rows["text"])
    chosen = _least(Lots(by_text, SEED).drawn("rows"))
    by_row = Lots(rows["key"].to_numpy(), SEED).drawn("rows")
    if chosen.sum() > TOO_MANY * MOST_ROWS:
        chosen = _least(by_row)
    drawn = rows.select("label").with_columns(chosen=pl.Series(chosen), draw=pl.Series(by_row))
    few = pl.col("draw").rank("ordinal").over("label") <= LEAST_OF_CLASS
    return rows.filter(drawn.select(pl.col("chosen") | few).to_series())


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with texts of their own: as polars takes rows, they hold all the texts from among which they came."""
    return pl.DataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()))


def _least(draws: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return np.asarray(draws <= np.partition(draws, MOST_ROWS - 1)[MOST_ROWS - 1])


def said(modelled: int, usable: int) -> tuple[Notice, ...]:
    """One sentence for whoever reads the report, where not all rows were modelled."""
    if modelled == usable:
        return ()
    text = (
        f"The export is large, so figures and models come from a random sample of {modelled:,} of {usable:,} records; "
        "records read, first and last date and monthly volume are those of all, and near duplicates outside the sample "
        "go unseen."
    )
    return (Notice(text),)
