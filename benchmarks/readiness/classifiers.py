"""A linear classifier and a neighbours' vote that share nothing with the audit's proxy but the texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import wordllama
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

MAX_CHARACTERS = 1500
CHARACTER_ROWS = 20_000
N_EXAMPLES = 20
VOTERS = (1, 3, 5, 10, 20)
SPACES = ("words", "embedding", "both")
QUERY_CHUNK = 500


@dataclass(frozen=True)
class Features:
    """Of one set of rows: ``sparse`` TF-IDF of words, pairs and characters, ``words`` TF-IDF of words and
    ``embedded`` static vectors, the last two of unit length.
    """

    sparse: sp.csr_matrix
    words: sp.csr_matrix
    embedded: np.ndarray

    def take(self, rows: np.ndarray) -> Features:
        return Features(self.sparse[rows], self.words[rows], self.embedded[rows])

    @staticmethod
    def stacked(first: Features, other: Features) -> Features:
        return Features(
            sp.vstack([first.sparse, other.sparse], format="csr"),
            sp.vstack([first.words, other.words], format="csr"),
            np.vstack([first.embedded, other.embedded]),
        )


def features(fit_on: list[str], *others: list[str]) -> tuple[Features, ...]:
    """Features of ``fit_on``, then of each of ``others``. Characters only below 20,000 rows, to save time."""
    vectorizers = [TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=60_000)]
    if len(fit_on) <= CHARACTER_ROWS:
        characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), min_df=3, sublinear_tf=True, max_features=40_000
        )
        vectorizers.append(characters)
    words = TfidfVectorizer(sublinear_tf=True)
    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    found = []
    for first, texts in enumerate((fit_on, *others)):
        cut = [text[:MAX_CHARACTERS] for text in texts]
        method = "transform" if first else "fit_transform"
        sparse = sp.hstack([getattr(each, method)(cut) for each in vectorizers], format="csr")
        by_word = getattr(words, method)(cut)
        embedded = normalize(np.asarray(model.embed(cut, norm=False), np.float32))
        found.append(Features(sparse, by_word.astype(np.float32), embedded))
    return tuple(found)


def linear(train: Features, codes: np.ndarray, strength: float) -> LinearSVC:
    """A linear support vector machine, one class against the rest."""
    return LinearSVC(C=strength, tol=1e-3, max_iter=200, random_state=0).fit(train.sparse, codes)


def retrieve(
    index: Features,
    queries: Features,
    added: Features | None = None,
    available: np.ndarray | None = None,
    months: np.ndarray | None = None,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per space the 20 nearest rows (q, 20), counted through ``index`` then ``added``, and their similarity.

    ``available`` are the dates (a,) of the added rows; a query of ``months`` (q,) sees those before its month.
    """
    found = {space: [] for space in SPACES}
    every = index if added is None else Features.stacked(index, added)
    words, embedded = every.words.T.tocsc(), every.embedded.T
    n, n_index = words.shape[1], index.words.shape[0]
    for first in range(0, queries.words.shape[0], QUERY_CHUNK):
        part = slice(first, first + QUERY_CHUNK)
        by_word = (queries.words[part] @ words).toarray()
        by_embedding = queries.embedded[part] @ embedded
        unseen = np.zeros(by_word.shape, bool)
        if added is not None:
            unseen[:, n_index:] = available[None, :] >= months[part][:, None]
        for space, similarity in zip(SPACES, (by_word, by_embedding, by_word + by_embedding), strict=True):
            seen = np.where(unseen, -np.inf, similarity)
            k = min(N_EXAMPLES, n - 1)
            top = np.argpartition(-seen, k, axis=1)[:, :k]
            close = np.take_along_axis(seen, top, axis=1)
            order = np.argsort(-close, axis=1, kind="stable")
            found[space].append((np.take_along_axis(top, order, axis=1), np.take_along_axis(close, order, axis=1)))
    return {
        space: (np.vstack([top for top, _ in parts]), np.vstack([close for _, close in parts]))
        for space, parts in found.items()
    }


def vote(labels: np.ndarray, similarity: np.ndarray, k: int, n_classes: int) -> np.ndarray:
    """The class (q,) with the largest sum of similarities among the ``k`` nearest of ``labels`` (q, 20)."""
    weight = np.zeros((len(labels), n_classes), np.float32)
    rows = np.repeat(np.arange(len(labels)), min(k, labels.shape[1]))
    np.add.at(weight, (rows, labels[:, :k].ravel()), np.clip(similarity[:, :k], 1e-6, None).ravel())
    return weight.argmax(axis=1)
