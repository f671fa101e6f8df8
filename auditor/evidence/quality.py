"""How likely each given label is right: a second look by models that did not learn the doubtful labels.

A model repeats part of the wrong labels that it was trained on. So the fifth of the rows that it doubts most
leaves the training sums, the model looks again, and once more (not above 20,000 rows, to save time); and the
labelled neighbours vote, by a kernel on the embedding (Nadaraya-Watson; neighbours' votes as in SimiFeat, Zhu et
al. 2022). Naive Bayes and a vote of all neighbours, doubtful ones too, weigh in at a third: they know best which
classes are out of the question. Measured in benchmarks/results/label_noise.md, decided in docs/adr/0007.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from auditor.evidence.moments import blocks, moments_of
from auditor.evidence.proxy import (
    FoldMoments,
    OutOfFold,
    calibrated,
    fit_temperature,
    left_out_scores,
    log_product,
)
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.keys import Lots

LABEL_QUALITY: Key[LabelQuality] = Key("label quality")

DOUBTFUL_SHARE = 0.2
LOOKS = 2
LOOK_AGAIN_BELOW = 20_000
WIDE_KERNEL = 10.0
VOTERS = 8192
VOTES = 20_000 * VOTERS
MANY_CLASSES = 20
SIDE_WEIGHT = 0.3


@dataclass(frozen=True)
class LabelQuality:
    """``quality`` (n,) from 0 (surely wrong) to 1 (surely right) and the likeliest class ``suggested`` (n,)."""

    quality: NDArray[np.float64]
    suggested: NDArray[np.int32]


def label_quality(
    phi: Features,
    weighted: NDArray[np.float32] | None,
    by_terms: NDArray[np.float32],
    codes: Codes,
    moments: FoldMoments,
    first: OutOfFold,
    lots: Lots,
) -> LabelQuality:
    """Probability of the given label by several views, none of which saw the row itself.

    ``weighted`` (n, 256) are means of word vectors, ``by_terms`` (n, K) the probabilities of `naive_bayes`.

    The wide kernel and the first model order the classes that the others all find impossible; with few classes
    there are none of those, and they only repeat the annotators' shared mistakes.
    """
    probabilities = first.probabilities
    kept = _trusted(probabilities, codes)
    for _ in range(LOOKS if len(codes) < LOOK_AGAIN_BELOW else 0):
        kept = _trusted(probabilities, codes)
        probabilities = _without(phi, codes, moments, ~kept)
    views, sides = [probabilities], [by_terms]
    many = probabilities.shape[1] > MANY_CLASSES
    if weighted is not None:
        votes = kernel_votes(weighted, codes, kept, probabilities.shape[1], lots)
        views += [votes.narrow, votes.wide] if many else [votes.narrow]
        sides.append(votes.of_all)
    if many and probabilities is not first.probabilities:
        views.append(first.probabilities)
    quality, suggested = np.empty(len(codes)), np.empty(len(codes), np.int32)
    for part in blocks(len(codes)):
        total = sum((view[part] for view in views[1:]), start=views[0][part].astype(np.float64)) / len(views)
        settled = softmax(log_product(total, [side[part] for side in sides], SIDE_WEIGHT), axis=1)
        quality[part] = settled[np.arange(len(settled)), codes[part]]
        suggested[part] = settled.argmax(axis=1)
    return LabelQuality(quality, suggested)


def _trusted(probabilities: NDArray[np.float32], codes: Codes) -> NDArray[np.bool_]:
    given = probabilities[np.arange(len(codes)), codes]
    return np.asarray(given > np.quantile(given, DOUBTFUL_SHARE))


def _without(phi: Features, codes: Codes, moments: FoldMoments, dropped: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Out-of-fold probabilities (n, K) of models whose training sums lack the ``dropped`` (n,) rows."""
    n_classes = moments.total.cross.shape[1]
    parts = [
        part - moments_of(phi, codes, np.flatnonzero((moments.folds == fold) & dropped), n_classes)
        for fold, part in enumerate(moments.parts)
    ]
    scores = left_out_scores(phi, parts, reduce(add, parts), moments.folds, moments.fit)
    return calibrated(scores, fit_temperature(scores, codes))


@dataclass(frozen=True)
class Votes:
    """Class shares (n, K) among the trusted neighbours by a ``wide`` and a ``narrow`` kernel, and among all
    neighbours by the wide one.
    """

    wide: NDArray[np.float32]
    narrow: NDArray[np.float32]
    of_all: NDArray[np.float32]


def kernel_votes(
    embedded: NDArray[np.float32], codes: Codes, kept: NDArray[np.bool_], n_classes: int, lots: Lots
) -> Votes:
    """The kernel is ``exp(κ(cosine - 1))``; the narrow one is the third power of the wide one.

    At most 8,192 random rows vote, fewer where more than 20,000 are to be judged; those that are ``kept`` (n,) are
    trusted. A row has no vote on itself.
    """
    n = len(codes)
    limit = min(VOTERS, VOTES // n)
    voters = np.sort(lots.order("voters")[:limit])
    onehot = np.zeros((len(voters), n_classes), np.float32)
    onehot[np.arange(len(voters)), codes[voters]] = 1
    trusted = onehot * kept[voters, None]
    place = np.full(n, -1)
    place[voters] = np.arange(len(voters))
    votes = Votes(*(np.empty((n, n_classes), np.float32) for _ in range(3)))
    for part in blocks(n):
        weight = np.exp(np.float32(WIDE_KERNEL) * (embedded[part] @ embedded[voters].T - 1))
        own = np.flatnonzero(place[part] >= 0)
        weight[own, place[part][own]] = 0
        votes.wide[part] = _shares(weight @ trusted)
        votes.of_all[part] = _shares(weight @ onehot)
        # Written out: numpy's power is an order of magnitude slower.
        votes.narrow[part] = _shares((weight * weight * weight) @ trusted)
    return votes


def _shares(votes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12))
