"""Classes that the records do not bear out: two names for one kind of text, and catch-alls for anything."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm, rankdata

from auditor.interval import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes


@dataclass(frozen=True)
class Pair:
    """Two classes that are mostly taken for each other.

    ``separation`` is how often the out-of-fold model tells which of two records, one of each class, is which
    (the area under the ROC curve, 0.5 is chance), with a 90 % interval from ``low`` to ``high``.
    """

    classes: tuple[int, int]
    rows: tuple[int, int]
    separation: float
    low: float
    high: float


@dataclass(frozen=True)
class CatchAll:
    """How a class's rows read to the out-of-fold model.

    ``fitting`` rows fit another class with great confidence; ``targets`` are those classes with their rows, most
    first; ``spread`` is how many classes of equal size would spread them as widely (inverse Simpson index).
    """

    code: int
    rows: int
    recall: float
    fitting: int
    targets: tuple[tuple[int, int], ...]
    spread: float


def confused_pairs(
    codes: Codes, probabilities: NDArray[np.float32], min_rows: int, min_share: float
) -> tuple[Pair, ...]:
    """Pairs of classes of which each gets more than ``min_share`` of the probability that the other loses.

    Probability instead of errors, since of two equal classes the larger one loses no row to the smaller.
    """
    n_classes = probabilities.shape[1]
    counts = np.bincount(codes, minlength=n_classes)
    lost = np.zeros((n_classes, n_classes))
    for code in np.flatnonzero(counts):
        lost[code] = probabilities[codes == code].mean(axis=0, dtype=np.float64)
    np.fill_diagonal(lost, 0)
    share = lost / np.maximum(lost.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    large = [int(code) for code in np.flatnonzero(counts >= min_rows)]
    return tuple(
        _pair(codes, probabilities, a, b)
        for a, b in combinations(large, 2)
        if min(share[a, b], share[b, a]) > min_share
    )


def _pair(codes: Codes, probabilities: NDArray[np.float32], a: int, b: int) -> Pair:
    of_a, of_b = probabilities[codes == a], probabilities[codes == b]
    leaning = np.concatenate([part[:, a].astype(float) / (part[:, a] + part[:, b] + 1e-30) for part in (of_a, of_b)])
    n_a, n_b = len(of_a), len(of_b)
    auc = float((rankdata(leaning)[:n_a].sum() - n_a * (n_a + 1) / 2) / (n_a * n_b))
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * auc_error(auc, n_a, n_b)
    return Pair((a, b), (n_a, n_b), auc, max(auc - margin, 0.0), min(auc + margin, 1.0))


def auc_error(auc: float, n_a: int, n_b: int) -> float:
    """The standard error of an area under the ROC curve (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (n_a - 1) * (q1 - auc**2) + (n_b - 1) * (q2 - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (n_a * n_b)))


def catch_alls_of(
    codes: Codes, probabilities: NDArray[np.float32], min_rows: int, confidence: float
) -> tuple[CatchAll, ...]:
    """Every class of ``min_rows`` rows or more with what its rows fit instead."""
    n_classes = probabilities.shape[1]
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1) > confidence
    found = []
    for code in np.flatnonzero(np.bincount(codes, minlength=n_classes) >= min_rows):
        own = codes == code
        targets = np.bincount(said[own & sure & (said != code)], minlength=n_classes)
        fitting = int(targets.sum())
        spread = fitting**2 / float((targets.astype(float) ** 2).sum()) if fitting else 0.0
        named = tuple((int(each), int(targets[each])) for each in np.argsort(-targets, kind="stable") if targets[each])
        found.append(CatchAll(int(code), int(own.sum()), float((said[own] == code).mean()), fitting, named, spread))
    return tuple(found)
