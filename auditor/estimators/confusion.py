"""Classes that a model confuses, and segments that it serves worse or whose classes it pushes further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from auditor.estimators.intervals import share_estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray


def beyond_chance(
    errors: NDArray[np.int64], rows: NDArray[np.int64], family_error: float, rate: float
) -> list[tuple[int, int]]:
    """Pairs of classes with more ``errors`` (K, K) than their sizes explain and than this ``rate`` of the first's
    ``rows`` (K,), both surely (exact binomial tests, Bonferroni over all pairs); most first.
    """
    total = max(int(errors.sum()), 1)
    chance = np.outer(errors.sum(axis=1), errors.sum(axis=0)) / total**2
    by_sizes = binom.sf(errors - 1, total, np.clip(chance, 0, 1))
    first, second = np.nonzero(by_sizes * errors.size < family_error)
    by_rate = binom.sf(errors[first, second] - 1, rows[first], rate)
    surely = by_rate * errors.size < family_error
    pairs = zip(first[surely].tolist(), second[surely].tolist(), strict=True)
    return sorted(pairs, key=lambda pair: -int(errors[pair]))


@dataclass(frozen=True)
class ServedWorse:
    """A segment, ``at`` its place, of whose ``rows`` a model is ``right`` on this share, ``low`` to ``high`` at 90 %,
    where its classes have ``promised`` more.
    """

    at: int
    rows: int
    right: float
    low: float
    high: float
    promised: float


def served_worse(
    rows: NDArray[np.int64], hits: NDArray[np.int64], promised: NDArray[np.float64], error: float, gap: float
) -> list[ServedWorse]:
    """Segments whose ``rows`` (S,) get fewer ``hits`` (S,) than the share that their class mix has ``promised`` (S,),
    by more than ``gap`` and by chance less often than ``error`` (exact binomial test).
    """
    p_values = binom.cdf(hits, rows, np.clip(promised, 0, 1))
    found = []
    for at in np.flatnonzero((p_values < error) & (promised - hits / rows > gap)):
        right = share_estimate(int(hits[at]), int(rows[at]), "")
        low, high = right.low or 0.0, right.high or 0.0
        found.append(ServedWorse(int(at), int(rows[at]), right.value, low, high, float(promised[at])))
    return found


@dataclass(frozen=True)
class Answers:
    """Of each segment and class (S, K): the rows ``given`` it and those ``said`` to be, and of those answered wrongly
    the rows that it gains, ``added``, and loses, ``lost``.
    """

    given: NDArray[np.int64]
    said: NDArray[np.int64]
    added: NDArray[np.int64]
    lost: NDArray[np.int64]


def pushed_further(found: Answers, error: float, ratio: float, least: int) -> list[tuple[int, int]]:
    """Cells (segment, class) of at least so many rows that a model answers ``ratio`` times as often as they are given,
    and more than elsewhere, by chance less often than ``error``; largest growth first.

    A class that gains everywhere is no bias of one segment: a segment must gain more than the others do.
    """
    changed = found.added + found.lost
    usual = (found.added.sum(axis=0) - found.added + 1) / (changed.sum(axis=0) - changed + 2)
    p_values = binom.sf(found.added - 1, changed, usual)
    beyond = (p_values < error) & (found.said / np.maximum(found.given, 1) > ratio) & (found.given >= least)
    cells = [(int(at), int(code)) for at, code in np.argwhere(beyond)]
    return sorted(cells, key=lambda cell: -int((found.said - found.given)[cell]))


def leaning_growth(found: Answers) -> tuple[float, int]:
    """By how much the shares of a class that lean to a segment already grow, in all, and how many there are; their mean
    is the bias amplification of Zhao et al. 2017.
    """
    given, said = (each / np.maximum(each.sum(axis=0), 1) for each in (found.given, found.said))
    leans = given > found.given.sum(axis=1, keepdims=True) / found.given.sum()
    return float((said - given)[leans].sum()), int(leans.sum())
