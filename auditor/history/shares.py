"""Classes and sources that went missing between two runs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from auditor.history.noise import binomial_error

if TYPE_CHECKING:
    from collections.abc import Mapping

# House rule (2026): a class or source that lost more than half of its share is not what it was.
LEFT = 0.5

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Lost:
    """The share of the older run's records, ``value``, whose groups lost more than half of theirs, the chance ``p`` of
    as much where nothing changed, and the groups' ``names``.
    """

    value: float
    p: float
    names: tuple[str, ...]


def by_column(sources: Mapping[tuple[str, str], int]) -> Counts:
    """Numbers of records by column and value."""
    counts: Counts = defaultdict(dict)
    for (column, value), rows in sources.items():
        counts[column][value] = rows
    return dict(counts)


def lost_share(before: Counts, after: Counts, rows_before: int, rows_after: int, named_from: int = 0) -> Lost | None:
    """What went missing in the column that lost most; None where no column can be compared.

    Each group is held against its older share by a normal test of two shares, Bonferroni over all groups.
    Groups of fewer records than ``named_from`` are not named: one that is missing has none only where half of what is
    expected is more.
    """
    columns = [column for column in before if column in after]
    tests = sum(len(before[column]) for column in columns)
    found = [_lost(before[column], after[column], rows_before, rows_after, tests, named_from) for column in columns]
    return max(found, key=lambda each: (each.value, -each.p), default=None)


def _lost(
    before: Mapping[str, int], after: Mapping[str, int], rows_before: int, rows_after: int, tests: int, named_from: int
) -> Lost:
    gone: dict[str, tuple[float, float]] = {}
    for name, rows in before.items():
        old, new = rows / rows_before, after.get(name, 0) / rows_after
        unseen = name not in after and LEFT * old * rows_after <= named_from
        if unseen or new >= LEFT * old:
            continue
        pooled = (rows + after.get(name, 0)) / (rows_before + rows_after)
        error = sqrt(binomial_error(pooled, rows_before) ** 2 + binomial_error(pooled, rows_after) ** 2)
        p = (1 - NormalDist().cdf((old - new) / error)) * tests
        if p < 1:
            gone[name] = (old - new, p)
    names = sorted(gone, key=lambda name: -gone[name][0])
    return Lost(sum(lost for lost, _ in gone.values()), min((p for _, p in gone.values()), default=1.0), tuple(names))
