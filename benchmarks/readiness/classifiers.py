"""Classifiers and a retrieval baseline that share nothing with the audit's proxy but the texts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import wordllama
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, normalize
from sklearn.svm import LinearSVC

MAX_CHARACTERS = 1500
CHARACTER_ROWS = 20_000
BOOSTED_CELLS = 100_000
PASSED_ROWS = 200_000
N_EXAMPLES = 20
VOTERS = (1, 3, 5, 10, 20)
SPACES = ("words", "embedding", "both")
QUERY_CHUNK = 500


@dataclass(frozen=True)
class Features:
    """Of one set of rows: ``sparse`` TF-IDF of words, pairs and characters, ``latent`` dimensions of it, ``words``
    TF-IDF of words and ``embedded`` static vectors, the last two of unit length.
    """

    sparse: sp.csr_matrix
    latent: np.ndarray
    words: sp.csr_matrix
    embedded: np.ndarray

    @property
    def dense(self) -> np.ndarray:
        return np.hstack([self.latent, self.embedded])


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
    svd = TruncatedSVD(min(200 if len(fit_on) > 1000 else 100, len(fit_on) - 1), n_iter=2, random_state=0)
    found = []
    for first, texts in enumerate((fit_on, *others)):
        cut = [text[:MAX_CHARACTERS] for text in texts]
        if first == 0:
            sparse = sp.hstack([each.fit_transform(cut) for each in vectorizers], format="csr")
            latent, by_word = svd.fit_transform(sparse), words.fit_transform(cut)
        else:
            sparse = sp.hstack([each.transform(cut) for each in vectorizers], format="csr")
            latent, by_word = svd.transform(sparse), words.transform(cut)
        embedded = normalize(np.asarray(model.embed(cut, norm=False), np.float32))
        found.append(Features(sparse, latent.astype(np.float32), by_word.astype(np.float32), embedded))
    return tuple(found)


def svm(train: Features, codes: np.ndarray) -> LinearSVC:
    """A linear support vector machine, one class against the rest."""
    return LinearSVC(C=0.5, tol=1e-3, max_iter=200, random_state=0).fit(train.sparse, codes)


def network(train: Features, codes: np.ndarray) -> Pipeline:
    """A neural network with one hidden layer; more passes where there are few rows."""
    passes = int(np.clip(PASSED_ROWS // len(codes), 20, 200))
    net = MLPClassifier((256,), max_iter=passes, alpha=1e-4, learning_rate_init=2e-3, random_state=0)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return make_pipeline(StandardScaler(), net).fit(train.dense, codes)


def boosting(train: Features, codes: np.ndarray) -> HistGradientBoostingClassifier:
    """Gradient boosting with small trees."""
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, learning_rate=0.15, early_stopping=False, max_bins=63, random_state=0
    )
    return model.fit(train.dense, codes)


def affordable(codes: np.ndarray) -> tuple[str, ...]:
    """The classifiers to try: boosting takes too long with many classes."""
    boosts = len(np.unique(codes)) * len(codes) <= BOOSTED_CELLS
    return ("svm", "network", "boosting") if boosts else ("svm", "network")


CLASSIFIERS = {"svm": (svm, "sparse"), "network": (network, "dense"), "boosting": (boosting, "dense")}


def retrieve(
    index: Features, added: Features, queries: Features, available: np.ndarray, months: list[date]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per space the 20 nearest rows (q, 20), counted through ``index`` then ``added``, and their similarity.

    ``available`` are the dates (a,) of the added rows; a query of ``months`` (q) sees those before its month.
    """
    found = {space: [] for space in SPACES}
    words = sp.vstack([index.words, added.words]).T.tocsc()
    embedded = np.vstack([index.embedded, added.embedded]).T
    n, n_index = words.shape[1], index.words.shape[0]
    starts = np.array(months, "datetime64[D]")
    for first in range(0, queries.words.shape[0], QUERY_CHUNK):
        part = slice(first, first + QUERY_CHUNK)
        by_word = (queries.words[part] @ words).toarray()
        by_embedding = queries.embedded[part] @ embedded
        unseen = np.zeros(by_word.shape, bool)
        unseen[:, n_index:] = available[None, :] >= starts[part][:, None]
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
