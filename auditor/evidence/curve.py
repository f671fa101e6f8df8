"""Models of nested random blocks of rows, and what they get right of a held-out fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.curve import REPEATS, SMALLEST_TRAINING_SET, HeldOut
from auditor.evidence.logistic import logistic_weights
from auditor.evidence.moments import empty_moments, moments_of, score
from auditor.evidence.naive_bayes import class_counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import scipy.sparse as sp
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Moments, Rows
    from auditor.evidence.proxy import FoldMoments
    from auditor.evidence.surrogate import Surrogate
    from auditor.keys import Lots

BLOCKS_OF_A_FOLD = (1 / 16, 1 / 4, 1 / 2)


def held_out(
    phi: Features, texts: sp.csr_matrix, codes: Codes, moments: FoldMoments, model: Surrogate, lots: Lots
) -> HeldOut:
    """Accuracy of the surrogate by training rows; of no size under 200 rows.

    ``phi`` (n, D) are the features and ``texts`` (n, V) the term counts that ``model`` was trained on.
    """
    measured: dict[int, list[float]] = {}
    n_classes, n_folds, fold_size = moments.total.cross.shape[1], len(moments.parts), _fold_size(moments)
    for repeat in range(REPEATS if fold_size >= SMALLEST_TRAINING_SET else 0):
        asked = np.flatnonzero(moments.folds == repeat)
        nested = list(_nested_models(phi, codes, moments, model, repeat, lots))
        scores = score(phi, asked, np.hstack([weights for *_, weights in nested]))
        for (size, rows, _), linear in zip(nested, np.split(scores, len(nested), axis=1), strict=True):
            counts = class_counts(texts, codes, rows, n_classes)
            right = model.answers(linear, texts[asked], counts) == codes[asked]
            measured.setdefault(size, []).append(float(right.mean()))
        # The largest models are those of the out-of-fold predictions.
        right = model.out_of_fold.predicted[asked] == codes[asked]
        measured.setdefault((n_folds - 1) * fold_size, []).append(float(right.mean()))
    return HeldOut(measured, len(codes), n_folds)


def _fold_size(moments: FoldMoments) -> int:
    """Of the smallest fold, so that every repeat has the same sizes."""
    return int(np.bincount(moments.folds, minlength=len(moments.parts)).min())


def _nested_models(
    phi: Features, codes: Codes, moments: FoldMoments, model: Surrogate, repeat: int, lots: Lots
) -> Iterator[tuple[int, Rows, NDArray[np.float32]]]:
    """The size, the rows and the linear model of each training set but the largest."""
    n_classes = moments.total.cross.shape[1]
    weights: NDArray[np.float32] | None = None
    for size, rows, of_rows in _nested_rows(phi, codes, moments, repeat, lots):
        if model.by_logistic:
            weights = logistic_weights(phi, codes, rows, n_classes, weights)
        else:
            weights = moments.fit.weights(of_rows)
        yield size, rows, weights


def _nested_rows(
    phi: Features, codes: Codes, moments: FoldMoments, repeat: int, lots: Lots
) -> Iterator[tuple[int, Rows, Moments]]:
    """Growing training sets: parts of one fold, then whole folds added one by one, up to the last.

    The size of whole folds is that of as many of the smallest. Moments are read before the next are asked for, which
    are made in their place.
    """
    n_folds, n_classes = len(moments.parts), moments.total.cross.shape[1]
    order = [(repeat + step) % n_folds for step in range(1, n_folds - 1)]
    first = np.flatnonzero(moments.folds == order[0])
    fold_size = _fold_size(moments)
    first = first[lots[first].order("learning curve")]
    seen, done = empty_moments(phi.shape[1], n_classes), 0
    for share in BLOCKS_OF_A_FOLD:
        size = int(share * fold_size)
        if size - done < 1 or size < SMALLEST_TRAINING_SET:
            continue
        seen += moments_of(phi, codes, first[done:size], n_classes)
        done = size
        yield size, first[:size], seen
    del seen
    whole = empty_moments(phi.shape[1], n_classes)
    whole += moments.parts[order[0]]
    yield fold_size, first, whole
    for step, fold in enumerate(order[1:], start=2):
        whole += moments.parts[fold]
        yield step * fold_size, np.flatnonzero(np.isin(moments.folds, order[:step])), whole
