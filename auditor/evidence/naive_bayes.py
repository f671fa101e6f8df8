"""Multinomial naive Bayes over terms, out of fold: its counts add and subtract as the moments do.

Least squares gives the classes that a text cannot belong to much the same score as rare ones that it can; naive
Bayes (McCallum and Nigam 1998) tells them apart, and it is wrong where least squares is right.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

from auditor.evidence.moments import blocks
from auditor.evidence.proxy import N_FOLDS, OutOfFold, fit_temperature, predictions
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Rows
    from auditor.evidence.tokens import Tokens

DAMPED_COUNTS: Key[sp.csr_matrix] = Key("damped counts")
NAIVE_BAYES: Key[OutOfFold] = Key("naive Bayes")

SMOOTHING = 0.05
# So many counts of terms by class are written out, and of so many terms logarithms taken, at a time.
CELLS, TERMS = 20_000_000, 8192


def damped_counts(tokens: Tokens) -> sp.csr_matrix:
    """Texts (n, V) as unit vectors of damped counts, so that long ones do not outweigh short ones."""
    return TfidfTransformer(use_idf=False, sublinear_tf=True).fit_transform(tokens.counts)


def naive_bayes(texts: sp.csr_matrix, codes: Codes, n_classes: int, folds: NDArray[np.int8]) -> OutOfFold:
    """Each of the ``texts`` (n, V) by the terms of the other folds, all classes alike beforehand."""
    parts = [np.flatnonzero(folds == fold) for fold in range(N_FOLDS)]
    counts = [class_counts(texts, codes, rows, n_classes) for rows in parts]
    total = reduce(add, counts)
    scores = np.empty((len(codes), n_classes), np.float32)
    for rows, own in zip(parts, counts, strict=True):
        scores[rows] = log_likelihood(texts[rows], (total - own).maximum(0))
    return predictions(scores, fit_temperature(scores, codes))


def class_counts(texts: sp.csr_matrix, codes: Codes, rows: Rows, n_classes: int) -> sp.csc_matrix:
    """Sums (V, K) of the texts of ``rows`` by class."""
    onehot = (np.ones(len(rows), np.float32), (np.arange(len(rows)), codes[rows]))
    return sp.csc_matrix(texts[rows].T @ sp.csr_matrix(onehot, shape=(len(rows), n_classes)))


def log_likelihood(texts: sp.csr_matrix, counts: sp.csc_matrix) -> NDArray[np.float32]:
    """Log likelihood (m, K) of each text by the ``counts`` (V, K) of each class, 0 for the likeliest class."""
    n_terms, n_classes = counts.shape
    held = np.flatnonzero(np.bincount(texts.indices, minlength=n_terms))
    of_held, counts_held = texts[:, held], counts.tocsr()[held]
    total = np.asarray(counts.astype(np.float64).sum(axis=0)).ravel() + SMOOTHING * n_terms
    scores = np.empty((texts.shape[0], n_classes), np.float32)
    width = max(CELLS // max(len(held), 1), 1)
    for classes in blocks(n_classes, width):
        scores[:, classes] = of_held @ _logarithms(counts_held[:, classes].toarray(), total[classes])
    return np.asarray(scores - scores.max(axis=1, keepdims=True))


def _logarithms(counts: NDArray[np.float32], total: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of the chance of each term in each class, by its ``counts`` (t, K) there and the ``total`` (K,) of all terms."""
    found = np.empty_like(counts)
    for part in blocks(len(counts), TERMS):
        found[part] = np.log((counts[part] + SMOOTHING) / total)
    return found
