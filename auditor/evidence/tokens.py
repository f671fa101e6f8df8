"""Words and word pairs of every text, counted once; features, duplicates and leakage all read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from auditor.keys import digests
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOKENS: Key[Tokens] = Key("tokens")

WORD = r"\w+"
# Where a script has no spaces, two adjacent letters stand for a word, as in Lucene's CJKAnalyzer.
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
RUN = rf"{UNSPACED}+|[\w--{UNSPACED}]+"
MIN_DOCUMENTS = 2
SECOND = 2**32
# So many letters are cut into words at a time, as words take many times the memory of their counts.
LETTERS = 4_000_000


@dataclass(frozen=True)
class Tokens:
    """Counts (n, V) of terms found in at least two texts; words first in ``terms`` hold no space.

    ``hashes`` (V,) tell the terms, whatever else is in the vocabulary.
    """

    counts: sp.csr_matrix
    terms: tuple[str, ...]
    document_frequency: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    hashes: NDArray[np.uint64]

    def of(self, rows: NDArray[np.int64]) -> Tokens:
        """Of some of the texts, with the terms of all."""
        return replace(self, counts=self.counts[rows])


def tokenise(texts: pl.Series) -> Tokens:
    """Lower-cased words and adjacent pairs of ``texts``, ordered by falling document frequency.

    Where a script has no spaces, two adjacent letters are a word.
    """
    parts = [_counted(_words(texts, start, end)) for start, end in pairwise(_ends(texts))]
    counted = pl.concat([counts for counts, _ in parts])
    words = pl.concat([words for _, words in parts]).unique("code")
    # By sorting, in a quarter of the memory that groups take.
    codes, documents = np.unique(counted["code"].to_numpy(), return_counts=True)
    frequent = pl.DataFrame({"code": codes, "documents": documents}).filter(pl.col("documents") >= MIN_DOCUMENTS)
    terms = _spelled(frequent, words).sort(["documents", "term"], descending=[True, False]).with_row_index("column")
    placed = counted.join(terms.select("code", "column"), on="code", how="inner")
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
        digests(terms["term"]),
    )


def _ends(texts: pl.Series) -> list[int]:
    """Where parts of ``texts`` of some `LETTERS` begin, and the end of the last one."""
    part = (texts.str.len_bytes().fill_null(0).cast(pl.Int64).cum_sum() // LETTERS).to_numpy()
    return [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(texts)]


def _counted(words: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How often each term stands in each of the texts of ``words``, columns ``row``, ``code``, ``count``; and each
    ``word`` once, with its ``code``.
    """
    # A term is a number while it is counted: its first word's code, plus SECOND times one more than its second's.
    following = pl.col("code").shift(-1)
    same_text = pl.col("row") == pl.col("row").shift(-1)
    pairs = words.select("row", code=pl.when(same_text).then((following + 1) * SECOND + pl.col("code"))).drop_nulls()
    counts = pl.concat([words.select("row", "code"), pairs]).group_by("row", "code").agg(count=pl.len())
    return counts, words.unique("code").select("code", "word")


def _words(texts: pl.Series, start: int, end: int) -> pl.DataFrame:
    """Every ``word`` of the texts from ``start`` to ``end``, in order, with its ``row`` and a ``code`` that equal words
    share.
    """
    part = texts[start:end]
    unspaced = part.str.contains(UNSPACED).any()
    words = (
        pl.LazyFrame({"text": part})
        .with_row_index("row", start)
        .select("row", word=pl.col("text").str.to_lowercase().str.extract_all(RUN if unspaced else WORD))
        .explode("word")
        .drop_nulls()
    )
    if unspaced:
        words = words.with_columns(word=_in_pairs(pl.col("word"))).explode("word")
    return (
        words.with_columns(pl.col("word").cast(pl.Categorical))
        .with_columns(code=pl.col("word").to_physical().cast(pl.UInt64))
        .collect()
    )


def _in_pairs(run: pl.Expr) -> pl.Expr:
    """A list of the adjacent letters of each ``run`` of a script without spaces, and any other word alone."""
    pairs = run.str.split("").list.eval(pl.concat_str(pl.element(), pl.element().shift(-1)).drop_nulls())
    return pl.when(run.str.contains(f"^{UNSPACED}{{2}}")).then(pairs).otherwise(pl.concat_list(run))


def _spelled(terms: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """``terms`` with their text, and whether they are a single word."""
    word = words.with_columns(pl.col("word").cast(pl.String))
    return (
        terms.with_columns(first=pl.col("code") % SECOND, second=(pl.col("code") // SECOND).cast(pl.Int64) - 1)
        .join(word.select(first="code", one="word"), on="first", how="left")
        .join(word.select(second=pl.col("code").cast(pl.Int64), two="word"), on="second", how="left")
        .select(
            "code",
            "documents",
            term=pl.concat_str("one", "two", separator=" ", ignore_nulls=True),
            is_word=pl.col("two").is_null(),
        )
    )
