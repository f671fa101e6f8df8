"""Fixed features of the text: random Fourier features of a static embedding, TF-IDF terms, a count sketch, and the
mean of the word vectors itself.

They never see a label, so nothing leaks between folds. Each is rounded to a grid, see `moments`.
Random Fourier features: Rahimi and Recht 2007. Count sketch: Charikar, Chen and Farach-Colton 2002 (the signed hashing
trick of Weinberger et al. 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.kernel_approximation import RBFSampler
from sklearn.preprocessing import normalize

from auditor.evidence.grid import LEVELS, Gridded, steps_of
from auditor.evidence.moments import blocks
from auditor.evidence.tokens import Tokens
from auditor.keys import Lots
from auditor.results import Key

WORD_VECTORS: Key[Embedding | None] = Key("word vectors")
WEIGHTED: Key[NDArray[np.float32] | None] = Key("means of word vectors, weighted")
FEATURES: Key[Gridded] = Key("features")

# Powers of two, so that a rounded feature and a product of two are exact. A term reaches 1; of 256 numbers of a unit
# vector few reach a half.
TERM_STEP, PLAIN_STEP = 2.0**-7, 2.0**-8


@dataclass(frozen=True)
class FeatureShares:
    """How the width D is divided, but for the word vectors' mean. Tuned as docs/adr/0002 says."""

    max_width: int = 3000
    max_cells: int = 200_000_000
    min_width: int = 600
    rows_per_column: int = 2
    fourier: float = 0.4
    sketch: float = 0.17
    word_preference: float = 2.0
    kernel_width: float = 0.25
    bias: float = 0.3

    def width(self, n: int) -> int:
        """D of the features of ``n`` texts, but for the word vectors' mean."""
        return max(min(n // self.rows_per_column, self.max_width, self.max_cells // n), self.min_width)


@dataclass(frozen=True)
class Embedding:
    """Static word vectors averaged per text, both (n, 256), centred and of unit length: ``weighted`` by TF-IDF, and
    ``plain``, over every word piece as often as it stands there.
    """

    weighted: NDArray[np.float32]
    plain: NDArray[np.float32]

    def of(self, rows: NDArray[np.int64]) -> Embedding:
        """Of some of the texts."""
        return Embedding(self.weighted[rows], self.plain[rows])


def feature_matrix(
    tokens: Tokens, embedded: Embedding | None, seed: int, shares: FeatureShares | None = None
) -> Gridded:
    """Features φ (n, D) of the texts behind ``tokens``, whose `embedding` is ``embedded``.

    D grows with n, then shrinks so that φ stays near 200 million cells. The first column is a constant; then Fourier
    features, terms (largest variance first) and sketch, mixed; the last are the plain mean of the word vectors, see
    `plain_columns`.
    """
    shares = shares or FeatureShares()
    n = tokens.counts.shape[0]
    width = shares.width(n)
    lexical = TfidfTransformer(sublinear_tf=True).fit_transform(tokens.counts)
    n_fourier = int(width * shares.fourier) if embedded is not None else 0
    n_sketch = int(width * shares.sketch)
    chosen, rest = _split_terms(lexical, tokens, width - n_fourier - n_sketch, shares.word_preference)
    sketch = _count_sketch(Lots(tokens.hashes[rest], seed), n_sketch)
    by_column = lexical.tocsc()
    frequent, rare = by_column[:, chosen].tocsr(), by_column[:, rest].tocsr()
    mixed = _mixed(n_fourier, len(chosen), n_sketch)
    of_terms = 1 + mixed[n_fourier:]
    plain = slice(1 + len(mixed), None)
    n_plain = 0 if embedded is None else embedded.plain.shape[1]
    step = np.full(plain.start + n_plain, TERM_STEP, np.float32)
    steps = np.zeros((n, len(step)), np.int8)
    steps[:, 0] = np.rint(shares.bias / TERM_STEP)
    if embedded is not None:
        fourier = RBFSampler(gamma=shares.kernel_width, n_components=n_fourier, random_state=seed)
        fourier.fit(embedded.weighted)
        of_fourier = 1 + mixed[:n_fourier]
        step[of_fourier] = 2.0 ** np.ceil(np.log2(np.sqrt(2 / n_fourier) / LEVELS))
        step[plain] = PLAIN_STEP
    for part in blocks(n):
        if embedded is not None:
            steps[part, of_fourier] = steps_of(fourier.transform(embedded.weighted[part]), step[of_fourier[0]])
            steps[part, plain] = steps_of(embedded.plain[part], PLAIN_STEP)
        terms = sp.hstack([frequent[part], rare[part] @ sketch])
        steps[part, of_terms] = steps_of(terms.toarray(), TERM_STEP)
    return Gridded(steps, step)


def _mixed(*sizes: int) -> NDArray[np.int64]:
    """A place from 0 for each member of parts of ``sizes``: any first places hold an even share of each part."""
    rank = np.concatenate([(np.arange(size) + 0.5) / max(size, 1) for size in sizes])
    places = np.empty(len(rank), np.int64)
    places[np.argsort(rank, kind="stable")] = np.arange(len(rank))
    return places


def plain_columns(phi: Gridded, weighted: NDArray[np.float32] | None) -> slice:
    """Which columns of φ are the plain mean of the word vectors, as wide as the ``weighted`` one; none without."""
    width = 0 if weighted is None else weighted.shape[1]
    return slice(phi.shape[1] - width, phi.shape[1])


def embedding(tokens: Tokens) -> Embedding | None:
    """Both means of the word vectors of every text; None without wordllama.

    Each distinct word is embedded once; a text is then one row of a sparse product.
    """
    words = np.flatnonzero(tokens.is_word)
    known = word_vectors(tuple(tokens.terms[i] for i in words)) if len(words) else None
    if known is None:
        return None
    vectors, pieces = known
    counts = tokens.counts.tocsc()[:, words].tocsr()
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    return Embedding(_centred(weights @ vectors), _centred(counts @ (vectors * pieces[:, None])))


def _centred(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """``sums`` (n, 256), which it changes, of unit length around their mean."""
    mean = normalize(np.asarray(sums, dtype=np.float32), copy=False)
    mean -= mean.mean(axis=0)
    return np.asarray(normalize(mean, copy=False), dtype=np.float32)


def word_vectors(words: tuple[str, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Static vectors (w, 256) from the weights inside the wordllama wheel, and the word pieces (w,) in each.

    A vector is the mean over the pieces of its word. Nothing is downloaded.
    """
    try:
        import wordllama
    except ImportError:
        return None
    package = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=package, disable_download=True)
    pieces = [sum(each.attention_mask) for each in model.tokenize(list(words))]
    return np.asarray(model.embed(list(words), norm=False), dtype=np.float32), np.array(pieces, np.float32)


def _split_terms(
    lexical: sp.csr_matrix, tokens: Tokens, n_terms: int, word_preference: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The terms that get a column of their own (largest variance first, words preferred) and the others."""
    n, n_all = lexical.shape
    weights = lexical.data.astype(np.float64)
    mean, square = (np.bincount(lexical.indices, each, n_all) / n for each in (weights, weights**2))
    variance = square - mean**2
    order = np.argsort(-variance * np.where(tokens.is_word, word_preference, 1), kind="stable")
    return order[:n_terms], np.sort(order[n_terms:])


def _count_sketch(terms: Lots, width: int) -> sp.csr_matrix:
    drawn = terms.drawn("sketch")
    bucket = (drawn >> np.uint64(1)) % np.uint64(width)
    sign = np.where(drawn & np.uint64(1), 1, -1).astype(np.float32)
    return sp.csr_matrix((sign, (np.arange(len(drawn)), bucket.astype(np.int64))), shape=(len(drawn), width))
