"""A linear classifier as teams train first, a support vector machine on weighted words, beside the surrogate.

The surrogate reads word vectors and a fixed number of columns: short texts it files better, long ones worse (ADR 38).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.svm import LinearSVC

from auditor.evidence.means import mean_error
from auditor.model import Share
from auditor.results import Key

if TYPE_CHECKING:
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Rows
    from auditor.keys import Lots
    from auditor.model import LearningCurve

IS_WORD: Key[NDArray[np.bool_]] = Key("terms that are words")
LINEAR: Key[Share | None] = Key("linear classifier")

# Inverse penalties: the first for many wrong labels, the second for few.
STRENGTHS = (0.1, 0.6)
# Of the primal solver, which draws nothing at random and takes each class by itself: a tenth of it changes no answer.
TOLERANCE = 1e-2
# So many rows are asked, where there are as many, ...
ASKED = 4_000
# ... of models whose words and classes make so many pairs, some two seconds of one core.
MAX_CELLS = 40_000_000
# What is ahead on fewer rows says little of many.
LEAST_ROWS = 5_000
# Of so few rows a class the other folds hold hardly any: seven points too low on published sets of five a class.
FEW_A_CLASS = 10


def ahead(
    texts: sp.csr_matrix,
    is_word: NDArray[np.bool_],
    codes: Codes,
    n_classes: int,
    folds: NDArray[np.int8],
    answers: NDArray[np.int32],
    curve: LearningCurve | None,
    lots: Lots,
) -> Share | None:
    """How far it is ahead of the surrogate, whose out-of-fold ``answers`` (n,) are given, on the same rows. ``texts``
    (n, V) are damped counts of terms, of which some are words (V,).

    Where all rows are too many, it learns as many as the largest affordable size of the ``curve``, 5,000 at least, and
    is held to the surrogate of that size. None where no such size is affordable, classes have ten rows or fewer, or all
    rows lie in one fold.
    """
    first = folds == folds.min()
    if len(codes) <= FEW_A_CLASS * n_classes or first.all():
        return None
    words = TfidfTransformer().fit_transform(texts[:, np.flatnonzero(is_word)])
    affordable = int(MAX_CELLS * len(codes) / max(words.nnz * n_classes, 1))
    if affordable >= (~first).sum():
        return _on_all_rows(words, codes, folds, answers)
    sizes = [point for point in curve.measured if LEAST_ROWS <= point.rows <= affordable] if curve else []
    if not sizes:
        return None
    rest, asked = np.flatnonzero(~first), np.flatnonzero(first)
    learned = rest[lots[rest].order("linear classifier")[: sizes[-1].rows]]
    _, right = _strongest(words, codes, learned, asked)
    return Share(float(right.mean()) - sizes[-1].accuracy, math.sqrt(2) * mean_error(right))


def _on_all_rows(words: sp.csr_matrix, codes: Codes, folds: NDArray[np.int8], answers: NDArray[np.int32]) -> Share:
    """By pairs of answers to the same rows, out of fold. A fold may have none, where a group is large."""
    first, *others = np.unique(folds)
    asked = [np.flatnonzero(folds == first)]
    strength, right = _strongest(words, codes, np.flatnonzero(folds != first), asked[0])
    found = [right]
    for fold in others:
        if sum(map(len, asked)) >= ASKED:
            break
        asked.append(np.flatnonzero(folds == fold))
        found.append(_right(words, codes, np.flatnonzero(folds != fold), asked[-1], strength))
    rows = np.concatenate(asked)
    apart = np.concatenate(found).astype(float) - (answers[rows] == codes[rows])
    return Share(float(apart.mean()), mean_error(apart))


def _strongest(words: sp.csr_matrix, codes: Codes, learned: Rows, asked: Rows) -> tuple[float, NDArray[np.bool_]]:
    """The strength that is right most often, and where it is right (m,)."""
    tried = {strength: _right(words, codes, learned, asked, strength) for strength in STRENGTHS}
    best = max(tried, key=lambda strength: float(tried[strength].mean()))
    return best, tried[best]


def _right(words: sp.csr_matrix, codes: Codes, learned: Rows, asked: Rows, strength: float) -> NDArray[np.bool_]:
    if len(np.unique(codes[learned])) == 1:
        return np.asarray(codes[asked] == codes[learned[0]])
    model = LinearSVC(C=strength, dual=False, tol=TOLERANCE).fit(words[learned], codes[learned])
    return np.asarray(model.predict(words[asked]) == codes[asked])
