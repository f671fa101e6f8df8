"""What hangs on a step, by what it costs."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

K = TypeVar("K")


def longest_paths(graph: Mapping[K, Iterable[K]], cost: Mapping[K, float]) -> dict[K, float]:
    """Of each step of the ``graph``, whose values are what a step needs, the cost of the longest path that starts
    with it.
    """
    after: dict[K, float] = {}
    for key in reversed(list(TopologicalSorter(graph).static_order())):
        after[key] = cost.get(key, 0.0) + after.get(key, 0.0)
        for need in graph[key]:
            after[need] = max(after.get(need, 0.0), after[key])
    return after


def together(graph: Mapping[K, Iterable[K]], cost: Mapping[K, float], threads: int) -> float:
    """The time of the whole ``graph`` on so many ``threads``, at least: no path can be shared, and no work saved."""
    return max(
        sum(cost.get(key, 0.0) for key in graph) / threads, max(longest_paths(graph, cost).values(), default=0.0)
    )
