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


class Left:
    """Of the steps of a ``graph``, each with what it needs, at the ``cost`` of each in seconds and on ``threads``."""

    def __init__(self, graph: Mapping[Key[Any], Iterable[Key[Any]]], cost: Mapping[str, float], threads: int) -> None:
        self._cost = {key: cost.get(key.name, 0.0) for key in graph}
        self._paths = longest_paths(graph, self._cost)
        self._threads, self._after = threads, cost.get(REPORTING, 0.0)
        self._whole = self._forecast()
        self._begun = time.perf_counter()

    def ended(self, key: Key[Any]) -> float:
        """Seconds that are left once the step ``key`` has ended."""
        self._cost.pop(key)
        self._paths.pop(key)
        left = self._forecast()
        pace = (time.perf_counter() - self._begun + TRUSTED) / (self._whole - left + TRUSTED)
        return left * pace

    def _forecast(self) -> float:
        return max(sum(self._cost.values()) / self._threads, max(self._paths.values(), default=0.0)) + self._after
