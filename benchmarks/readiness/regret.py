"""What every policy loses against the best action in hindsight: each scenario, at each volume and error cost, against
the same opponents for all.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np

from auditor.model import Facts, Way
from benchmarks.readiness import followed, oracle, rivals
from benchmarks.readiness.followed import ABLATIONS, MEASURE_FIRST, Followed, follow, say
from benchmarks.readiness.studies import AS_PUBLISHED, TILTS, Fold, Tilt, drawn, folds
from benchmarks.readiness.worlds import CELLS, Action, Cell, Kind, World

AUDIT, UNMEASURED, ORACLE = "the audit", "the audit, no step taken", "the oracle"
TRIED = "the audit, with the trial"
POOL = 2000
# Ablations and other worlds are played against fewer opponents, every fold once.
FEWER = 4


@dataclass(frozen=True)
class Stated:
    """The stated chance that the better trained way beats a prompt, and whether it did, by opponent (n,)."""

    chance: np.ndarray
    came: np.ndarray


@dataclass
class Played:
    """One scenario in one cell. ``regret`` by policy and ``stake`` are means over opponents; headlines of the audit and
    the oracle, before a step and after, are one for each, as is what a yes nets ``over_prompt``, None without one.
    """

    scenario: str
    source: str
    kinds: set[Kind]
    cell: Cell
    stake: float
    regret: dict[str, float] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    oracle_first: list[str] = field(default_factory=list)
    oracle_last: list[str] = field(default_factory=list)
    over_prompt: list[float | None] = field(default_factory=list)
    unmeasured: dict[str, Stated] = field(default_factory=dict)
    measured: dict[str, Stated] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A scenario with both its lines. Where there was a trial, ``root`` is what its encoder added, over the root of the
    errors, and ``tried`` the facts with it.
    """

    outcome: Mapping[str, Any]
    facts: Facts
    mended: Mapping[str, float] | None
    root: float | None = None
    tried: Facts | None = None


def play_all(cases: Sequence[Case], n: int, processes: int, *, aside: bool) -> list[Played]:
    """``aside`` plays ablations and other worlds too."""
    play = partial(play_one, n=n, aside=aside)
    if processes == 1:
        return [each for case in cases for each in play(case)]
    with ProcessPoolExecutor(processes) as pool:
        return [each for found in pool.map(play, cases) for each in found]


def world_of(case: Case, n: int, tilt: Tilt = AS_PUBLISHED, salt: int = 0) -> World:
    """The same opponents for all who ask."""
    rng = np.random.default_rng([zlib.crc32(case.outcome["scenario"].encode()), salt])
    opponents = drawn(case.facts.words, n, rng, tilt)
    if case.root is not None:
        opponents = replace(opponents, root=np.full(n, case.root))
    return World(case.outcome, case.facts, opponents, case.mended)


def play_one(case: Case, n: int, *, aside: bool) -> list[Played]:
    """All cells of one scenario."""
    world = world_of(case, n)
    knows = oracle.Oracle(world, world_of(case, POOL, salt=1))
    judge = cache_judge()
    tilted = {tilt.name: world_of(case, FEWER, tilt) for tilt in TILTS} if aside else {}
    return [_cell(world, knows, cell, judge, tilted, case.tried, aside=aside) for cell in CELLS]


def cache_judge() -> followed.Judge:
    """Asks once about the same facts: most opponents share them until a sheet is read."""
    known: dict[tuple[Any, ...], followed.Said] = {}

    def judge(facts: Facts, given: Mapping[str, float], laws: followed.Laws) -> followed.Said:
        key = (facts, tuple(sorted(given.items())), laws)
        if key not in known:
            known[key] = say(facts, given, laws)
        return known[key]

    return judge


def _cell(
    world: World,
    knows: oracle.Oracle,
    cell: Cell,
    judge: followed.Judge,
    tilted: Mapping[str, World],
    tried: Facts | None,
    *,
    aside: bool,
) -> Played:
    of_fold = [folds()[each] for each in world.opponents.fold]
    costs = _costs(world, cell)
    best = oracle.best_in_hindsight(world, cell.volume, costs)
    stakes = oracle.stake(world, cell.volume, costs)
    played = Played(world.name, world.source, world.kinds, cell, float(stakes.mean()))

    for name, policy in rivals.RIVALS.items():
        played.regret[name] = _mean(best - rivals.net_of(policy, world, of_fold, cell.volume, cell.error_cost))
    played.regret[ORACLE] = _mean(best - _oracle(world, knows, cell, costs, played))
    audited = _followed(world, of_fold, cell, world.facts, judge)
    played.regret[AUDIT] = _mean(best - _nets(world, audited, cell, costs))
    at_once = _followed(world, of_fold, cell, world.facts, judge, steps=0)
    played.regret[UNMEASURED] = _mean(best - _nets(world, at_once, cell, costs))
    if tried is not None:
        with_trial = _followed(world, of_fold, cell, tried, judge)
        played.regret[TRIED] = _mean(best - _nets(world, with_trial, cell, costs))
    played.first = [each.first.headline for each in audited]
    played.last = [each.last.headline for each in audited]
    prompted = world.net(Action(Way.PROMPT), cell.volume, costs)
    nets = _nets(world, audited, cell, costs)
    played.over_prompt = [
        float(net - other) if each.action.way is Way.FINE_TUNED else None
        for each, net, other in zip(audited, nets, prompted, strict=True)
    ]
    _state(played, AS_PUBLISHED.name, world, audited, cell)
    if aside:
        for name, changed in ABLATIONS.items():
            facts = changed(world.facts)
            without = _followed(world, of_fold[:FEWER], cell, facts, judge)
            played.regret[name] = _mean(best[:FEWER] - _nets(world, without, cell, costs[:FEWER]))
        played.regret[f"{AUDIT}, against as few"] = _mean(best[:FEWER] - nets[:FEWER])
        for name, other in tilted.items():
            there = [folds()[each] for each in other.opponents.fold]
            _state(played, name, other, _followed(other, there, cell, other.facts, judge), cell)
    return played


def _costs(world: World, cell: Cell) -> np.ndarray:
    """What an error costs, by opponent (n,)."""
    n = len(world.opponents)
    return world.opponents.error_cost if cell.error_cost is None else np.full(n, cell.error_cost)


def _followed(
    world: World, of_fold: Sequence[Fold], cell: Cell, facts: Facts, judge: followed.Judge, steps: int = followed.STEPS
) -> list[Followed]:
    return [
        follow(world, number, fold, cell.volume, cell.error_cost, facts, judge=judge, steps=steps)
        for number, fold in enumerate(of_fold)
    ]


def _nets(world: World, audited: Sequence[Followed], cell: Cell, costs: np.ndarray) -> np.ndarray:
    return np.array([
        world.net(each.action, cell.volume, cost)[number] - each.paid
        for number, (each, cost) in enumerate(zip(audited, costs, strict=True))
    ])  # fmt: skip


def _oracle(world: World, knows: oracle.Oracle, cell: Cell, costs: np.ndarray, played: Played) -> np.ndarray:
    """Asks what an error costs where nobody says."""
    plan = cache(lambda cost: knows.plan(cell.volume, cost))
    nets = np.zeros(len(costs))
    for number, cost in enumerate(costs):
        planned = plan(float(cost))
        action = planned.then(number)
        nets[number] = world.net(action, cell.volume, cost)[number] - planned.paid
        # As the audit says it: a prompt or an ordinary classifier goes ahead while its next step is taken.
        trains = planned.now.way is Way.FINE_TUNED and not planned.now.repaired
        played.oracle_first.append(MEASURE_FIRST if planned.rows and trains else _name(planned.now))
        played.oracle_last.append(_name(action))
    return nets


def _name(action: Action) -> str:
    """As a headline of the audit."""
    if action.repaired:
        return "fix_data_first"
    if action.kept is not None:
        return "fine_tune_subset"
    return {Way.PROMPT: "prompt_with_retrieval", Way.ORDINARY: "ordinary_classifier"}.get(action.way, "fine_tune")


def _state(played: Played, name: str, world: World, audited: Sequence[Followed], cell: Cell) -> None:
    """What was said of training, and what came; where the error cost is known."""
    if cell.error_cost is None:
        return
    nets = {
        (way, repaired): world.net(Action(way, repaired), cell.volume, cell.error_cost)
        for way in (Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED)
        for repaired in (False, True)
    }

    def stated(said: Sequence[followed.Said], repaired: Sequence[bool], kept: np.ndarray) -> Stated:
        """What is said after a repair is of ways that all profit from it."""
        came = np.array([
            nets[each.trained, mended][number] > nets[Way.PROMPT, mended][number]
            for number, (each, mended) in enumerate(zip(said, repaired, strict=True))
        ])  # fmt: skip
        return Stated(np.array([each.pays for each in said])[kept], came[kept])

    everywhere = np.ones(len(audited), bool)
    played.unmeasured[name] = stated([each.first for each in audited], [False] * len(audited), everywhere)
    played.measured[name] = stated(
        [each.last for each in audited],
        [each.action.repaired for each in audited],
        np.array([each.measured for each in audited]),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean())
