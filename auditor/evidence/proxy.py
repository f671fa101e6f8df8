"""Out-of-fold predictions of the proxy: random folds, and folds that keep a source together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from auditor.evidence.moments import Fit, Moments, blocks, class_sums, moments_of, one_by_one, score
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Rows, Share
    from auditor.keys import Lots

FOLD_MOMENTS: Key[FoldMoments] = Key("moments by fold")
OUT_OF_FOLD: Key[OutOfFold] = Key("out-of-fold predictions")
WITHOUT_PERIOD: Key[OutOfFold] = Key("predictions without the period")

N_FOLDS = 5
USUAL = (Fit(0.5), Fit(2.0))
FITS = (*USUAL, Fit(0.1), Fit(0.5, discriminant=True), Fit(2.0, discriminant=True))
# The other fits must be that far ahead. Discriminant analysis pays on few rows of many classes, and elsewhere it ranks
# doubtful labels worse; a ridge of 0.1 that is ahead by less in random folds is behind on later records: docs/adr/0002.
AHEAD = 0.01
CALIBRATION_ROWS = 20_000
LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True)
class FoldMoments:
    """Moments of each random fold, their sum, the fold (n,) of each row and the fit chosen on fold 0."""

    folds: NDArray[np.int8]
    parts: tuple[Moments, ...]
    total: Moments
    fit: Fit


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for every row by a model that did not see it.

    ``probabilities`` (n, K) follow the class codes; ``predicted`` (n,) is their argmax.
    """

    probabilities: NDArray[np.float32]
    predicted: NDArray[np.int32]
    temperature: float

    def accuracy(self, codes: Codes) -> float:
        return float((self.predicted == codes).mean())


def random_folds(items: Lots) -> NDArray[np.int8]:
    """A fold (n,) for each row, of equal sizes but for the rows of one item, which share theirs."""
    drawn = items.drawn("folds")
    return (np.searchsorted(np.sort(drawn), drawn) * N_FOLDS // len(drawn)).astype(np.int8)


def fold_moments(
    phi: Features, codes: Codes, n_classes: int, folds: NDArray[np.int8], share: Share = one_by_one
) -> FoldMoments:
    """One pass over the features, its work in parts that somebody may ``share`` out, and the fit that predicts fold 0
    best.

    Any but the usual fits must be ahead by a point.
    """
    parts = tuple(moments_of(phi, codes, np.flatnonzero(folds == fold), n_classes, share) for fold in range(N_FOLDS))
    total = reduce(add, parts)
    held_out = np.flatnonzero(folds == 0)
    rest = total - parts[0]
    accuracy = accuracies(phi, codes, held_out, [fit.weights(rest) for fit in FITS])
    accuracy -= [AHEAD * (fit not in USUAL) for fit in FITS]
    return FoldMoments(folds, parts, total, FITS[int(accuracy.argmax())])


def accuracies(phi: Features, codes: Codes, rows: Rows, models: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Accuracy (len(models),) of each weight matrix on ``rows``, which are read once for all of them."""
    scores = score(phi, rows, np.hstack(models)).reshape(len(rows), len(models), -1)
    return np.asarray((scores.argmax(axis=2) == codes[rows][:, None]).mean(axis=0))


def out_of_fold(phi: Features, codes: Codes, moments: FoldMoments) -> OutOfFold:
    """Each fold predicted from all minus that fold."""
    scores = left_out_scores(phi, moments.parts, moments.total, moments.folds, moments.fit)
    return predictions(scores, fit_temperature(scores, codes))


def left_out_scores(
    phi: Features, parts: Iterable[Moments], total: Moments, folds: NDArray[np.int8], fit: Fit
) -> NDArray[np.float32]:
    """Scores (n, K) of the rows of each fold by the model of ``total`` minus that fold's part."""
    scores = np.empty((len(folds), total.cross.shape[1]), np.float32)
    for fold, part in enumerate(parts):
        rows = np.flatnonzero(folds == fold)
        scores[rows] = score(phi, rows, fit.weights(total - part))
    return scores


def left_out(phi: Features, codes: Codes, n_classes: int, folds: NDArray[np.int8], fit: Fit) -> NDArray[np.float32]:
    """Scores (n, K) of each row by a model of the other folds, where nothing else is asked of their moments."""
    parts = [moments_of(phi, codes, np.flatnonzero(folds == fold), n_classes) for fold in range(N_FOLDS)]
    return left_out_scores(phi, parts, reduce(add, parts), folds, fit)


def relabelled(phi: Features, old: Codes, new: Codes, moments: FoldMoments) -> FoldMoments:
    """The moments after rows change from class ``old`` to ``new`` (n,): of the two sums, only B moves."""
    n_classes = moments.total.cross.shape[1]

    def moved(part: Moments, fold: int) -> Moments:
        rows = np.flatnonzero((old != new) & (moments.folds == fold))
        gained, lost = (class_sums(phi, codes, rows, n_classes) for codes in (new, old))
        return replace(part, cross=part.cross + gained - lost)

    parts = tuple(moved(part, fold) for fold, part in enumerate(moments.parts))
    return replace(moments, parts=parts, total=reduce(add, parts))


def grouped_out_of_fold(
    phi: Features,
    codes: Codes,
    moments: FoldMoments,
    groups: NDArray[np.int32],
    temperature: float,
    parts: Iterable[Moments] | None = None,
) -> OutOfFold:
    """Each group of rows predicted by a model that saw no row of its group.

    ``groups`` (n,) holds a code per source. Sources are packed into as many folds as the random ones,
    so that both models have seen equally many rows and differ only in whether they knew the source.
    The moments of these folds are ``parts``, where they are known already.
    """
    folds = pack_groups(groups)[groups]
    n_classes = moments.total.cross.shape[1]
    if parts is None:
        parts = (moments_of(phi, codes, np.flatnonzero(folds == fold), n_classes) for fold in range(N_FOLDS))
    return predictions(left_out_scores(phi, parts, moments.total, folds, moments.fit), temperature)


def predictions(scores: NDArray[np.float32], temperature: float) -> OutOfFold:
    """Calibrated from ``scores`` (n, K)."""
    return OutOfFold(calibrated(scores, temperature), scores.argmax(axis=1).astype(np.int32), temperature)


def calibrated(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Probabilities (n, K)."""
    found = np.empty_like(scores)
    for part in blocks(len(scores)):
        found[part] = softmax(scores[part] / temperature, axis=1)
    return found


def pack_groups(groups: NDArray[np.int32]) -> NDArray[np.int8]:
    """A fold (g,) for each code in ``groups`` (n,), largest group first into the emptiest fold."""
    sizes = np.bincount(groups)
    fold_of_group = np.zeros(len(sizes), np.int8)
    load = np.zeros(N_FOLDS, np.int64)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of_group[group] = load.argmin()
        load[load.argmin()] += sizes[group]
    return fold_of_group


def log_product(
    first: NDArray[np.floating], others: Collection[NDArray[np.float32]], weight: float
) -> NDArray[np.floating]:
    """Log scores (n, K) of ``first`` times each of ``others`` to the power ``weight`` (a product of experts,
    Hinton 2002).
    """
    found = np.empty_like(first)
    for part in blocks(len(first)):
        found[part] = np.log(first[part] + LEAST_PROBABILITY)
        for other in others:
            found[part] += weight * np.log(other[part] + LEAST_PROBABILITY)
    return found


def fit_temperature(scores: NDArray[np.float32], codes: Codes) -> float:
    """The softmax temperature with the least log loss (Guo et al. 2017) on at most 20,000 rows."""
    step = max(1, len(codes) // CALIBRATION_ROWS)
    scores, codes = scores[::step], codes[::step]

    def log_loss(log_temperature: float) -> float:
        temperature = np.exp(log_temperature)
        of_given = [_of_given(scores[part] / temperature, codes[part]) for part in blocks(len(codes))]
        return float(-np.concatenate(of_given).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-6, 5), method="bounded").x))


def _of_given(scores: NDArray[np.float64], codes: Codes) -> NDArray[np.float64]:
    """The log probability (n,) of each row's own class by its ``scores`` (n, K)."""
    return np.asarray(log_softmax(scores, axis=1)[np.arange(len(codes)), codes])
