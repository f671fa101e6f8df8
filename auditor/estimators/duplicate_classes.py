"""One class under two names, each in its own source: an export of two extracts with two taxonomies.

No date says that a class was renamed where the old name and the new one come from different sources, or where the
records of one have no date. What says it: each name is filed on one side alone, and its texts read like the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.changes import MAIN_SHARE
from auditor.estimators.churn import EVIDENCE, FLOW_SHARE, MIN_ROWS, Event, log_ratios
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ALIASES: Key[tuple[Alias, ...]] = Key("aliases")

# Texts that read like a name must do so twice as often as those of the other classes of their side.
LIFT = 2.0


@dataclass(frozen=True)
class Side:
    """Records where a ``column`` holds ``value``; without a column, those without a date. The classes filed there
    alone, ``inside``, and elsewhere alone, ``outside``; and the texts of each class that lie nearest to the mean of
    each class of the other side, (K, K): of those here, ``read``, and of those elsewhere, ``read_back``.
    """

    column: str | None
    value: str
    inside: Sequence[int]
    outside: Sequence[int]
    read: NDArray[np.int64]
    read_back: NDArray[np.int64]


@dataclass(frozen=True)
class Alias:
    """Two names that look like one class: ``inside`` is filed where ``column`` is ``value`` alone, see `Side`, and
    ``outside`` elsewhere alone.

    ``read`` of the texts of ``inside`` read like ``outside`` by the means of the classes elsewhere, ``read_back`` the
    other way round.
    """

    column: str | None
    value: str
    inside: int
    outside: int
    read: float
    read_back: float


def own_names(filed: NDArray[np.int64], tried: int) -> tuple[list[int], list[int]]:
    """The classes filed on one side alone and those filed on the other alone, as sure as births and deaths are, from
    the rows of each on both, ``filed`` (2, K).
    """
    threshold = EVIDENCE + np.log(filed.shape[1] * tried)
    large = np.flatnonzero(filed.sum(axis=0) >= MIN_ROWS).tolist()
    rows = filed.sum(axis=1)
    one, other = (
        [code for code in large if log_ratios(filed[:, code], rows, event)[0] > threshold]
        for event in (Event.DIED, Event.BORN)
    )
    return one, other


def aliases(names: tuple[str, ...], sides: Sequence[Side]) -> tuple[Alias, ...]:
    """Pairs of names that keep to one side each, where the texts of one read mostly like the other.

    Mostly is ``MAIN_SHARE`` one way and ``FLOW_SHARE`` the other, or, if one name has all the words of the other, one
    way alone. The first side that shows a pair tells it.
    """
    found: dict[tuple[int, int], Alias] = {}
    for side in sides:
        read, back = _shares(side.read), _shares(side.read_back)
        for a, b in product(side.inside, side.outside):
            low, high = sorted((read[a, b], back[b, a]))
            if high >= MAIN_SHARE and (low >= FLOW_SHARE or related(names[a], names[b])):
                alias = Alias(side.column, side.value, a, b, float(read[a, b]), float(back[b, a]))
                found.setdefault((min(a, b), max(a, b)), alias)
    return tuple(found.values())


def _shares(nearest: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the texts of each class (K, K); 0 where those of the other classes lie there half as often or more."""
    filed = nearest.sum(axis=1)
    table = nearest / np.maximum(filed, 1)[:, None]
    of_others = (table.sum(axis=0) - table) / max((filed > 0).sum() - 1, 1)
    return np.where(table >= LIFT * of_others, table, 0)


def related(left: str, right: str) -> bool:
    """Whether one name has all the words of the other, singular or plural."""
    one, other = ({word.rstrip("s") for word in re.findall(r"\w+", folded(name))} for name in (left, right))
    return one <= other or other <= one
