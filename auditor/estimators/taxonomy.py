"""Classes that the records do not bear out: two names for one kind of text, and catch-alls for anything."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from auditor.interval import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The area under the ROC curve of a model that tells nothing apart.
CHANCE = 0.5


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


def mistaken(
    lost: NDArray[np.float64], rows: NDArray[np.int64], min_rows: int, min_share: float
) -> list[tuple[int, int]]:
    """Pairs of classes of ``min_rows`` of their ``rows`` (K,) or more, of which each gets more than ``min_share`` of
    the probability that the other ``lost`` (K, K) to other classes.

    Probability instead of errors, since of two equal classes the larger one loses no row to the smaller.
    """
    share = lost / np.maximum(lost.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    large = np.flatnonzero(rows >= min_rows).tolist()
    return [(a, b) for a, b in combinations(large, 2) if min(share[a, b], share[b, a]) > min_share]


def separation(pair: tuple[int, int], rows: tuple[int, int], ranks: float) -> Pair:
    """Of two classes with so many ``rows``; ``ranks`` is the sum of the ranks of those of the first, by how much more
    they read like it.
    """
    n_a, n_b = rows
    auc = float((ranks - n_a * (n_a + 1) / 2) / (n_a * n_b))
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * auc_error(auc, n_a, n_b)
    return Pair(pair, rows, auc, max(auc - margin, 0.0), min(auc + margin, 1.0))


def auc_error(auc: float, n_a: int, n_b: int) -> float:
    """The standard error of an area under the ROC curve (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (n_a - 1) * (q1 - auc**2) + (n_b - 1) * (q2 - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (n_a * n_b)))


def catch_alls_of(
    rows: NDArray[np.int64], hits: NDArray[np.int64], fitting: NDArray[np.int64], min_rows: int
) -> tuple[CatchAll, ...]:
    """Every class of ``min_rows`` of its ``rows`` (K,) or more, of which a model finds ``hits`` (K,), with the classes
    that its rows fit instead with great confidence, ``fitting`` (K, K).
    """
    found = []
    for code in np.flatnonzero(rows >= min_rows):
        targets = fitting[code]
        total = int(targets.sum())
        spread = total**2 / float((targets.astype(float) ** 2).sum()) if total else 0.0
        named = tuple((int(each), int(targets[each])) for each in np.argsort(-targets, kind="stable") if targets[each])
        found.append(CatchAll(int(code), int(rows[code]), float(hits[code] / rows[code]), total, named, spread))
    return tuple(found)
