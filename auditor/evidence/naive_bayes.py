"""Multinomial naive Bayes over terms, out of fold: its counts add and subtract as the moments do.

Least squares gives the classes that a text cannot belong to much the same score as rare ones that it can; naive
Bayes (McCallum and Nigam 1998) tells them apart, and it is wrong where least squares is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfTransformer

from auditor.evidence.proxy import N_FOLDS, fit_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes
    from auditor.evidence.tokens import Tokens

SMOOTHING = 0.05


def naive_bayes(tokens: Tokens, codes: Codes, n_classes: int, folds: NDArray[np.int8]) -> NDArray[np.float32]:
    """Probabilities (n, K) of each text by the terms of the other folds, all classes alike beforehand.

    Texts are unit vectors of damped counts, so that long ones do not outweigh short ones.
    """
    n = len(codes)
    lengthless = TfidfTransformer(use_idf=False, sublinear_tf=True).fit_transform(tokens.counts)
    onehot = sp.csr_matrix((np.ones(n, np.float32), (np.arange(n), codes)), shape=(n, n_classes))
    parts = [(rows, lengthless[rows]) for rows in (np.flatnonzero(folds == fold) for fold in range(N_FOLDS))]
    counts = [(texts.T @ onehot[rows]).toarray() for rows, texts in parts]
    total = sum(counts[1:], start=counts[0])
    scores = np.empty((n, n_classes), np.float32)
    for (rows, texts), count in zip(parts, counts, strict=True):
        smoothed = np.maximum(total - count, 0) + SMOOTHING
        scores[rows] = texts @ np.log(smoothed / smoothed.sum(axis=0))
    scores -= scores.max(axis=1, keepdims=True)
    return np.asarray(softmax(scores / fit_temperature(scores, codes), axis=1))
