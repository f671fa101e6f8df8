"""Words and word pairs of every text, counted once; features, duplicates and leakage all read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = r"\w+"
MIN_DOCUMENTS = 2


@dataclass(frozen=True)
class Tokens:
    """Counts (n, V) of terms found in at least two texts; words first in ``terms`` hold no space."""

    counts: sp.csr_matrix
    terms: tuple[str, ...]
    document_frequency: NDArray[np.int64]
    is_word: NDArray[np.bool_]


def tokenise(texts: pl.Series) -> Tokens:
    """Lower-cased words and adjacent pairs of ``texts``. Terms are ordered by falling document frequency."""
    words = (
        pl.LazyFrame({"text": texts})
        .with_row_index("row")
        .select("row", term=pl.col("text").str.to_lowercase().str.extract_all(WORD))
        .explode("term")
        .drop_nulls()
        .collect()
    )
    following = pl.col("term").shift(-1)
    pairs = words.select(
        "row",
        term=pl.when(pl.col("row") == pl.col("row").shift(-1)).then(pl.col("term") + " " + following),
    ).drop_nulls()
    counted = pl.concat([_count(words, is_word=True), _count(pairs, is_word=False)])
    terms = (
        counted.group_by("term", "is_word")
        .agg(documents=pl.len())
        .filter(pl.col("documents") >= MIN_DOCUMENTS)
        .sort(["documents", "term"], descending=[True, False])
        .with_row_index("column")
    )
    placed = counted.join(terms.select("term", "column"), on="term", how="inner")
    counts = sp.csr_matrix(
        (
            placed["count"].to_numpy().astype(np.float32),
            (placed["row"].to_numpy(), placed["column"].to_numpy()),
        ),
        shape=(len(texts), len(terms)),
    )
    counts.sort_indices()
    return Tokens(
        counts,
        tuple(terms["term"].to_list()),
        terms["documents"].to_numpy().astype(np.int64),
        terms["is_word"].to_numpy(),
    )


def _count(occurrences: pl.DataFrame, *, is_word: bool) -> pl.DataFrame:
    return occurrences.group_by("row", "term").agg(count=pl.len()).with_columns(is_word=pl.lit(is_word))
