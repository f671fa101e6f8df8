"""What a model loses where rows that hang together are kept together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOGETHER: Key[tuple[Together, ...]] = Key("accuracy with groups kept together")


@dataclass(frozen=True)
class Held:
    """Right answers on a sample of G whole groups of so many ``rows`` (G,): with the rows of one group in different
    folds, ``apart`` (G,), and in one, ``together`` (G,). In all there are so many ``groups`` of two or more, with
    ``grouped`` rows.
    """

    groups: int
    grouped: int
    rows: NDArray[np.int64]
    apart: NDArray[np.int64]
    together: NDArray[np.int64]


@dataclass(frozen=True)
class Together:
    """Accuracy of the proxy with the rows of one group in different folds, ``apart``, and in one, ``together``.

    ``column`` is None for near duplicates; ``given`` says that the audit keeps them together. ``groups`` of two or more
    hold ``rows``; ``error`` is the standard error of the difference, whose parts stand together by group.
    """

    column: str | None
    given: bool
    groups: int
    rows: int
    apart: float
    together: float
    error: float

    @property
    def falls(self) -> float:
        return self.apart - self.together


def together(column: str | None, held: Held, *, given: bool) -> Together:
    """Of one way to group the rows."""
    n, lost = int(held.rows.sum()), held.apart - held.together
    error = float(np.sqrt(((lost - held.rows * (lost.sum() / n)) ** 2).sum()) / n)
    apart, in_one = (float(each.sum() / n) for each in (held.apart, held.together))
    return Together(column, given, held.groups, held.grouped, apart, in_one, error)
