"""The audit's ranking of doubtful labels on a text and its labels, without an export around them."""

from __future__ import annotations

import numpy as np
import polars as pl

from auditor.evidence import features, naive_bayes, proxy, quality, tokens
from tests.lots import numbered


def ranked(text: pl.Series, codes: np.ndarray, n_classes: int) -> tuple[quality.LabelQuality, proxy.OutOfFold]:
    """The quality of the labels ``codes`` (n,), and the out-of-fold predictions beside it."""
    found = tokens.tokenise(text)
    embedded = features.embedding(found)
    phi = features.feature_matrix(found, embedded, seed=0)
    moments = proxy.fold_moments(phi, codes, n_classes, proxy.random_folds(numbered(len(codes))))
    first = proxy.out_of_fold(phi, codes, moments)
    by_terms = naive_bayes.naive_bayes(naive_bayes.damped_counts(found), codes, n_classes, moments.folds).probabilities
    weighted = embedded.weighted if embedded else None
    return quality.label_quality(phi, weighted, by_terms, codes, moments, first, numbered(len(codes))), first
