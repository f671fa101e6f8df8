"""One that knows every accuracy, what age and repair do to it, and the law of the opponent, but not its draw. It may
buy the same sheets, where its own sum says that they are worth it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.judge.value import SHEETS
from auditor.model import Way
from benchmarks.readiness.worlds import WAYS, Action, World, sheet_cost

# Sheets whose answers are imagined before one is bought.
IMAGINED = 300


@dataclass(frozen=True)
class Plan:
    """``now`` is best before the sheet of ``rows`` (0: none is bought), ``then`` tells by a world's number after it."""

    now: Action
    rows: int
    then: Callable[[int], Action]

    @property
    def paid(self) -> float:
        return sheet_cost(self.rows) if self.rows else 0.0


class Oracle:
    """``pool`` is the scenario against many opponents of the law, ``world`` against those that it is played with."""

    def __init__(self, world: World, pool: World) -> None:
        self._world, self._pool = world, pool
        self.actions = actions(world, _kept(pool))
        self._prompt = pool.right(Way.PROMPT)
        rng = np.random.default_rng(len(self._prompt))
        self._weights = {
            rows: self._weighed(self._imagined(rows, rng), rows) for rows in SHEETS if rows <= world.facts.rows
        }

    def plan(self, volume: float, error_cost: float) -> Plan:
        """What is best before a sheet, the sheet worth most, and what is best after it."""
        nets = np.stack([self._pool.net(action, volume, error_cost) for action in self.actions])
        unmeasured = nets.mean(axis=1)
        now = self.actions[int(unmeasured.argmax())]
        # Against what would be done without, in the same imagined worlds.
        worth = {
            rows: self._gain(nets @ weights, unmeasured) - sheet_cost(rows) for rows, weights in self._weights.items()
        }
        rows = max(worth, key=worth.__getitem__, default=0)
        if not rows or worth[rows] <= 0:
            return Plan(now, 0, lambda _: now)

        def measured(number: int) -> Action:
            seen = self._world.sheet(number, rows).prompt
            assert seen is not None
            expected = nets @ self._weighed(np.array([seen.value]), rows)[:, 0]
            return self.actions[int(expected.argmax())]

        return Plan(now, rows, measured)

    @staticmethod
    def _gain(expected: np.ndarray, unmeasured: np.ndarray) -> float:
        """Of choosing by what is ``expected`` after each imagined sheet (a, s)."""
        return float((expected.max(axis=0) - expected[unmeasured.argmax()]).mean())

    def _imagined(self, rows: int, rng: np.random.Generator) -> np.ndarray:
        return rng.binomial(rows, self._prompt[:IMAGINED]) / rows

    def _weighed(self, seen: np.ndarray, rows: int) -> np.ndarray:
        """How likely each opponent of the pool is (m, s) after a prompt was right in ``seen`` (s,) of ``rows``."""
        right = self._prompt[:, None]
        variance = right * (1 - right) / rows
        fit = -((seen[None, :] - right) ** 2) / (2 * variance) - np.log(variance) / 2
        weight = np.exp(fit - fit.max(axis=0))
        return weight / weight.sum(axis=0)


def actions(world: World, kept: np.ndarray | None) -> list[Action]:
    """All that can be done: three ways, each after a repair too, and the classes ``kept`` alone."""
    found = [Action(way) for way in WAYS]
    if world.facts.labels.listed:
        found += [Action(way, repaired=True) for way in WAYS]
    return found if kept is None else [*found, Action(Way.FINE_TUNED, kept=kept)]


def best_in_hindsight(world: World, volume: float, error_cost: np.ndarray | float) -> np.ndarray:
    return np.max([world.net(each, volume, error_cost) for each in actions(world, world.kept_in_hindsight)], axis=0)


def stake(world: World, volume: float, error_cost: np.ndarray | float) -> np.ndarray:
    """The best of the three ways less the worst."""
    nets: Sequence[np.ndarray] = [world.net(Action(way), volume, error_cost) for way in WAYS]
    return np.max(nets, axis=0) - np.min(nets, axis=0)


def _kept(pool: World) -> np.ndarray | None:
    """Classes that fine-tuning is expected to get right more often; None where that is all or none."""
    kept = pool.by_class(Way.FINE_TUNED).mean(axis=0) > pool.by_class(Way.PROMPT).mean(axis=0)
    return kept if 0 < kept.sum() < len(kept) else None
