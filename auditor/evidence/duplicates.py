"""Exact and near duplicates: MinHash (Broder 1997) over words, banded (LSH), verified by Jaccard similarity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from auditor.keys import Lots
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

DUPLICATES: Key[Duplicates] = Key("duplicates")

SIMILAR = 0.8
# Where so many texts stand there more than once they are codes, not prose (IMR: 0.5 to 1.0; the other sets under 0.1).
CODED_SHARE = 0.3
# Of so many texts and more, words of nearly all of them are a form's or a footer's, and say nothing of how alike two
# texts are (house rule, 2026: words of ordinary language reach 0.93).
MANY_TEXTS, BOILERPLATE = 100, 0.95
N_HASHES = 24
BAND_WIDTH = 4


@dataclass(frozen=True)
class Duplicates:
    """Groups (n,) of texts that are equal but for case, white space and punctuation (``exact``), or linked by
    pairs whose sets of words without digits have a Jaccard similarity of at least 0.8 (``near``, which
    includes exact).
    """

    exact: NDArray[np.int64]
    near: NDArray[np.int64]

    @property
    def coded(self) -> bool:
        """Whether the texts are codes, not prose."""
        return bool((np.bincount(self.exact)[self.exact] > 1).mean() >= CODED_SHARE)

    def conflicting(self, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Rows (n,) whose exact duplicates carry more than one of ``codes`` (n,)."""
        return _mixed(self.exact, codes)

    def near_conflicting(self, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Rows (n,) whose near duplicates carry more than one of ``codes`` (n,)."""
        return _mixed(self.near, codes)

    def different(self, codes: NDArray[np.int32], n_classes: int) -> NDArray[np.int64]:
        """Texts (K,) of each class that are no near duplicates of one another."""
        pairs = np.unique(np.column_stack([codes, self.near]), axis=0)
        return np.bincount(pairs[:, 0], minlength=n_classes)

    def wrong_at_least(self, codes: NDArray[np.int32]) -> int:
        """Labels beside the commonest one of their group of equal texts: if texts decide, these are wrong."""
        return _beside_commonest(self.exact, codes)

    def near_wrong_at_least(self, codes: NDArray[np.int32]) -> int:
        """The same for near duplicates, if what a template varies does not decide the class."""
        return _beside_commonest(self.near, codes)


def _beside_commonest(groups: NDArray[np.int64], codes: NDArray[np.int32]) -> int:
    cells, rows = np.unique(np.column_stack([groups, codes]), axis=0, return_counts=True)
    commonest = np.zeros(groups.max() + 1, np.int64)
    np.maximum.at(commonest, cells[:, 0], rows)
    return len(codes) - int(commonest.sum())


def _mixed(groups: NDArray[np.int64], codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    low = np.full(groups.max() + 1, np.iinfo(np.int32).max, np.int64)
    high = np.full(groups.max() + 1, -1, np.int64)
    np.minimum.at(low, groups, codes)
    np.maximum.at(high, groups, codes)
    return np.asarray((low != high)[groups])


def find_duplicates(texts: pl.Series, tokens: Tokens, seed: int) -> Duplicates:
    """Duplicate groups of ``texts`` (n,). Rows without duplicates are groups of one."""
    normal = texts.str.to_lowercase().str.replace_all(r"\W+", " ").str.strip_chars()
    exact = normal.rank("dense").to_numpy().astype(np.int64) - 1
    _, first = np.unique(exact, return_index=True)
    # Amounts, dates and unit counts are what a template varies.
    plain = np.array([not any(map(str.isdigit, term)) for term in tokens.terms], dtype=bool)
    kept = np.flatnonzero(tokens.is_word & plain)
    words = tokens.counts.tocsc()[:, kept].tocsr()[first]
    words.data = np.ones_like(words.data)
    if len(first) >= MANY_TEXTS:
        own = np.bincount(words.indices, minlength=len(kept)) <= BOILERPLATE * len(first)
        kept, words = kept[own], words[:, own]
    pairs = _verified(words, _candidate_pairs(words, Lots(tokens.hashes[kept], seed)))
    linked = sp.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(first), len(first)))
    _, near_of_exact = connected_components(linked, directed=False)
    return Duplicates(exact, near_of_exact[exact].astype(np.int64))


def _candidate_pairs(words: sp.csr_matrix, lots: Lots) -> NDArray[np.int64]:
    """Pairs (p, 2) of each text with the first text that shares a whole band of its MinHash signature.

    A hash of a text is the least draw of its words, so that it knows nothing of the other texts.
    """
    filled = np.flatnonzero(np.diff(words.indptr))
    if not len(filled):
        return np.empty((0, 2), np.int64)
    pairs = []
    for start in range(0, N_HASHES, BAND_WIDTH):
        draws = (lots.drawn(f"minhash {number}") >> np.uint64(32) for number in range(start, start + BAND_WIDTH))
        band = [np.minimum.reduceat(drawn.astype(np.uint32)[words.indices], words.indptr[filled]) for drawn in draws]
        table = pl.DataFrame({f"hash{i}": values for i, values in enumerate(band)})
        first = table.with_row_index("text").select(pl.col("text").min().over(table.columns)).to_series().to_numpy()
        later = np.flatnonzero(first != np.arange(len(first)))
        pairs.append(np.column_stack([filled[first[later]], filled[later]]))
    return np.asarray(np.unique(np.concatenate(pairs), axis=0), dtype=np.int64)


def _verified(words: sp.csr_matrix, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    left, right = words[pairs[:, 0]], words[pairs[:, 1]]
    shared = np.asarray(left.multiply(right).sum(axis=1)).ravel()
    union = np.diff(left.indptr) + np.diff(right.indptr) - shared
    return np.asarray(pairs[shared >= SIMILAR * np.maximum(union, 1)], dtype=np.int64)
