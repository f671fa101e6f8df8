"""How long a run has still to go, from what its steps are known to cost and how fast it has been so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from auditor.plan.costs import REPORTING
from auditor.plan.paths import longest_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.results import Key

# So many forecast seconds weigh as much as the run's own: until then a slow start says little.
TRUSTED = 5.0
# A step under way that takes longer than foreseen has at least a tenth to go.
MOST_DONE = 0.9


class Left:
    """Of the steps of a ``graph``, each with what it needs, at the ``cost`` of each in seconds and on ``threads``."""

    def __init__(self, graph: Mapping[Key[Any], Iterable[Key[Any]]], cost: Mapping[str, float], threads: int) -> None:
        self._cost = {key: cost.get(key.name, 0.0) for key in graph}
        self._paths = longest_paths(graph, self._cost)
        self._threads, self._after = threads, cost.get(REPORTING, 0.0)
        self._under_way: dict[Key[Any], float] = {}
        self._pace = 1.0
        self._whole = self._forecast(0.0)
        self._begun = time.perf_counter()

    def begins(self, key: Key[Any]) -> None:
        """The step ``key`` is under way from now on."""
        self._under_way[key] = time.perf_counter()

    def ended(self, key: Key[Any]) -> float:
        """Seconds that are left once the step ``key`` has ended."""
        for known in (self._cost, self._paths, self._under_way):
            known.pop(key, None)
        now = time.perf_counter()
        left = self._forecast(now)
        self._pace = (now - self._begun + TRUSTED) / (self._whole - left + TRUSTED)
        return left * self._pace

    def _forecast(self, now: float) -> float:
        done = {
            key: min((now - begun) / self._pace, MOST_DONE * self._cost[key]) for key, begun in self._under_way.items()
        }
        work = sum(self._cost.values()) - sum(done.values())
        longest = max((path - done.get(key, 0.0) for key, path in self._paths.items()), default=0.0)
        return max(work / self._threads, longest) + self._after
