"""Character n-grams within words: what tells classes apart where words are inflected, compounded or not separated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer

from auditor.evidence.tokens import MIN_DOCUMENTS, WORD, Tokens
from auditor.keys import digests

LENGTHS = (2, 5)
# Of 8,642 Spanish and 5,083 Thai texts there are fewer; it bounds the counts by class of long exports.
MAX_PIECES = 200_000


def with_pieces(texts: pl.Series, words: Tokens) -> Tokens:
    """The terms of ``words`` and, after them, the n-grams of two to five characters of each word of ``texts`` (n,).

    They are counted once for each distinct word, a space at either end of it; a run of letters without spaces is one
    word here. Those found in one text alone are left out.
    """
    found = (
        pl.LazyFrame({"text": texts})
        .with_row_index("row")
        .select("row", word=pl.col("text").str.to_lowercase().str.extract_all(WORD))
        .explode("word")
        .drop_nulls()
        .with_columns(code=pl.col("word").rank("dense") - 1)
        .collect()
    )
    if found.is_empty():
        return words
    distinct = found.unique("code").sort("code")["word"].to_list()
    counter = CountVectorizer(analyzer="char_wb", ngram_range=LENGTHS, lowercase=False, dtype=np.float32)
    of_words = counter.fit_transform(distinct)
    ones = np.ones(len(found), np.float32)
    texts_by_word = sp.csr_matrix((ones, (found["row"], found["code"])), shape=(len(texts), len(distinct)))
    counts = (texts_by_word @ of_words).tocsr()
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = np.argsort(-documents, kind="stable")[: min(MAX_PIECES, int((documents >= MIN_DOCUMENTS).sum()))]
    pieces = counter.get_feature_names_out()[kept]
    both = sp.hstack([words.counts, counts[:, kept]]).tocsr()
    both.sort_indices()
    return replace(
        words,
        counts=both,
        terms=(*words.terms, *pieces),
        document_frequency=np.concatenate([words.document_frequency, documents[kept]]),
        is_word=np.concatenate([words.is_word, np.zeros(len(pieces), bool)]),
        # Apart from those of equal words.
        hashes=np.concatenate([words.hashes, digests(f"piece {piece}" for piece in pieces)]),
    )
