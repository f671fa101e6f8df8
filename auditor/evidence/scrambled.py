"""Classes whose records carry another class's label at random, told from classes that merely overlap.

Where two classes overlap, the labels follow the text: the nearer a text lies to one class, the more often it carries
that label, up to texts that leave no doubt. Where records of a class were filed as its neighbour at random, the model
is as unsure of all of them: their labels no longer follow its scores, and none of them is beyond doubt. That is the
absence of anchor points (Patrini et al. 2017) with the labels independent of the score within the region. The
limits are tuned on NVD, BANKING77 and IMR: docs/adr/0016.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from auditor.evidence.taxonomy import told_apart
from auditor.interval import Z_90
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

SCRAMBLED: Key[tuple[Scrambled, ...]] = Key("scrambled pairs")

MIN_CLASS = 6
MIN_REGION = 9
MIN_MIXED, MIN_MIXED_SHARE = 4, 0.08
# A row belongs to a pair where the model gives both classes together more than this.
OF_PAIR = 0.6
# Of the rows of a class, so many belong to the pair: else the text says little of the class at all (IMR).
COVERED = 0.6
# Rows from this part of the scores that the class reaches (its 80 % quantile) are its region.
REACH, REACHED = 0.6, 0.8
# In the region the label holds for fewer than this, and for more than one in four: under that the region is the
# other class's.
MOST_HELD, LEAST_HELD = 0.85, 0.25
# The upper half of the region by score does not hold the label more often than the lower one, by a one-sided test.
Z_FOLLOWS = 1.6
# Of all pairs of a record of one class and one of the other, so many have the same one later: one name follows another.
IN_TURN = 0.9


@dataclass(frozen=True)
class Scrambled:
    """``rows`` (r,) carry the class ``given`` though they read like ``expected``, whose labels are a toss-up.

    ``held`` is the share of the records that read like ``expected`` which carry its label. ``apart``: a model tells
    records of the two classes from each other, if only some; where it does not, they may be two names for one thing, or
    differ in what the text does not say.
    """

    given: int
    expected: int
    rows: NDArray[np.int64]
    held: float
    apart: bool


def scrambled(codes: Codes, probabilities: NDArray[np.float32]) -> tuple[Scrambled, ...]:
    """Pairs by falling rows, from out-of-fold ``probabilities`` (n, K). A row stands in one pair at most."""
    n_classes = probabilities.shape[1]
    counts = np.bincount(codes, minlength=n_classes)
    predicted = probabilities.argmax(axis=1)
    mixed = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(mixed, (codes, predicted), 1)
    mixed += mixed.T
    smaller = np.minimum(counts[:, None], counts[None, :])
    tried = (mixed >= np.maximum(MIN_MIXED, MIN_MIXED_SHARE * smaller)) & (smaller >= MIN_CLASS)
    np.fill_diagonal(tried, val=False)
    by_class = [np.flatnonzero(codes == code) for code in range(n_classes)]
    found = [
        pair
        for expected, given in zip(*np.nonzero(tried), strict=True)
        if (pair := _pair(codes, by_class, probabilities, int(expected), int(given)))
    ]
    found.sort(key=lambda pair: -len(pair.rows))
    taken = np.zeros(len(codes), bool)
    alone = []
    for pair in found:
        rows = pair.rows[~taken[pair.rows]]
        taken[rows] = True
        if len(rows):
            alone.append(replace(pair, rows=rows))
    return tuple(alone)


def in_turn(days: NDArray[np.int64], other_days: NDArray[np.int64]) -> bool:
    """Whether the records of one class, of ``days`` (a,), come before or after those of the other (b,): a class that
    was renamed, not one that is mixed up (Mann and Whitney 1947).
    """
    ranks = rankdata(np.concatenate([days, other_days]))[: len(days)]
    later = (ranks.sum() - len(days) * (len(days) + 1) / 2) / (len(days) * len(other_days))
    return bool(max(later, 1 - later) >= IN_TURN)


def dated_in_turn(
    days: NDArray[np.int64], dated: NDArray[np.bool_], first: NDArray[np.bool_], other: NDArray[np.bool_]
) -> bool:
    """`in_turn` of the ``days`` (n,) of the ``dated`` ones of the rows ``first`` (n,) and of the ``other`` (n,); no
    where either has none.
    """
    days_first, days_other = days[dated & first], days[dated & other]
    return bool(len(days_first) and len(days_other)) and in_turn(days_first, days_other)


def _pair(
    codes: Codes, by_class: list[NDArray[np.int64]], probabilities: NDArray[np.float32], expected: int, given: int
) -> Scrambled | None:
    """Of the rows labelled ``expected`` and those labelled ``given``; None for an overlap."""
    own, others = by_class[expected], by_class[given]
    own_score, own_of_pair = _score(probabilities[own], expected, given)
    if own_of_pair.sum() < MIN_CLASS / 2 or own_of_pair.mean() < COVERED:
        return None
    scores = own_score[own_of_pair]
    reached = min(REACH * float(np.quantile(scores, REACHED)), float(np.median(scores)))
    other_score, other_of_pair = _score(probabilities[others], expected, given)
    other_here = other_of_pair & (other_score >= reached)
    score = np.concatenate([own_score[own_of_pair & (own_score >= reached)], other_score[other_here]])
    held = np.arange(len(score)) < len(score) - int(other_here.sum())
    half = len(score) // 2
    if len(score) < MIN_REGION or not other_here.any():
        return None
    order = np.argsort(score, kind="stable")
    low, high = float(held[order[:half]].mean()), float(held[order[half:]].mean())
    # With no variance left, a half's error is that of a share of one in two.
    error = np.sqrt(max(high * (1 - high), 1 / half) / half), np.sqrt(max(low * (1 - low), 1 / half) / half)
    follows = (high - low) / np.hypot(*error) >= Z_FOLLOWS
    if follows or high + Z_90 * error[0] >= MOST_HELD or held.mean() < LEAST_HELD:
        return None
    apart = told_apart(codes, probabilities, expected, given)
    return Scrambled(given, expected, others[other_here], float(held.mean()), apart)


def _score(
    probabilities: NDArray[np.float32], expected: int, given: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The share (m,) of ``expected`` in what both classes get, and which rows belong to the pair."""
    both = probabilities[:, expected] + probabilities[:, given]
    return probabilities[:, expected] / np.maximum(both, 1e-9), both > OF_PAIR
