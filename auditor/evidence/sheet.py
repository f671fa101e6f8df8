"""The rows that a sheet asks about: drawn at random within strata of label quality."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.keys import Lots

    Rows = NDArray[np.int64]
    Values = NDArray[np.float64]

# Five strata, the doubtful ones narrower, with equally many records each: docs/adr/0006.
CUTS = (0.1, 0.3, 0.5, 0.75)


@dataclass(frozen=True)
class Draw:
    """``rows`` (size,) in random order, with ``stratum`` and inclusion ``probability`` (size,) of each."""

    rows: Rows
    stratum: NDArray[np.int64]
    probability: Values
    sizes: NDArray[np.int64]


def draw(quality: Values, size: int, lots: Lots) -> Draw:
    """``size`` of the n rows, equally many from each stratum of ``quality`` (n,), doubtful strata being narrower.

    A stratum that has fewer rows is taken whole and the next ones give more. The order is random, so that a
    person who stops half way has still judged a random part of every stratum.
    """
    n = len(quality)
    order = np.argsort(quality, kind="stable")
    edges = np.unique(np.rint(np.array([0, *CUTS, 1]) * n).astype(int))
    strata = [order[low:high] for low, high in pairwise(edges)]
    taken: list[Rows] = []
    left = min(size, n)
    for done, rows in enumerate(strata):
        share = min(len(rows), -(-left // (len(strata) - done)))
        taken.append(rows[lots[rows].order("sheet")[:share]])
        left -= share
    counts = np.array([len(rows) for rows in taken])
    sizes = np.array([len(rows) for rows in strata])
    stratum = np.repeat(np.arange(len(strata)), counts)
    drawn = np.concatenate(taken)
    shuffled = lots[drawn].order("order of the sheet")
    return Draw(drawn[shuffled], stratum[shuffled], (counts / sizes)[stratum[shuffled]], sizes)
