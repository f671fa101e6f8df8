"""What others would do with the same export: without looking, by a rule of thumb, or by a sum and a sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from auditor.judge.costs import costs_of, first_training
from auditor.model import Way
from auditor.prices import ERROR_COST, STATED
from benchmarks.readiness.studies import Fold
from benchmarks.readiness.worlds import MONTHS, PRICE, WAYS, Action, World, sheet_cost

# The engineer's first sum: what is at stake between two ways, as a share of records.
AT_STAKE = 0.15
ROWS, MORE_ROWS, MORE_FROM = 300, 3000, 200_000.0
CADENCE = STATED["retraining_every_months"].value
MANY_ROWS, HIGH_ACCURACY = 10_000, 0.8


@dataclass(frozen=True)
class Done:
    """The ``action`` taken in the end, and what was ``paid`` for measuring on the way."""

    action: Action
    paid: float = 0.0


Policy = Callable[[World, int, Fold, float, float | None], Done]


def prompts(*_: object) -> Done:
    return Done(Action(Way.PROMPT))


def classifies(*_: object) -> Done:
    return Done(Action(Way.ORDINARY))


def tunes(*_: object) -> Done:
    return Done(Action(Way.FINE_TUNED))


def by_rows(world: World, *_: object) -> Done:
    return tunes() if world.facts.rows > MANY_ROWS else prompts()


def by_accuracy(world: World, *_: object) -> Done:
    return tunes() if world.facts.ordinary.value > HIGH_ACCURACY else prompts()


def engineer(world: World, number: int, fold: Fold, volume: float, error_cost: float | None) -> Done:
    """Prompts where little is at stake; else labels records afresh, measures prompt and classifier on them, adds the
    mean of the published lifts, and takes the way that nets most.
    """
    cost = ERROR_COST if error_cost is None else error_cost
    worth = MONTHS * volume * cost
    if worth * AT_STAKE < first_training(PRICE, world.facts):
        return prompts()
    rows = MORE_ROWS if worth * AT_STAKE > MORE_FROM else ROWS
    fresh = world.sheet(number, rows)
    assert fresh.prompt is not None
    ordinary = fresh.ordinary.value
    lift = fold.mean_lift(min(ordinary, 1 - 1 / rows), world.facts.words)
    right = {Way.PROMPT: fresh.prompt.value, Way.ORDINARY: ordinary, Way.FINE_TUNED: ordinary + lift}
    nets = {way: right[way] * worth - _cost(world, way, volume) for way in WAYS}
    return Done(Action(max(nets, key=nets.__getitem__)), sheet_cost(rows))


def _cost(world: World, way: Way, volume: float) -> float:
    """As the engineer reckons: trained again once a year."""
    costs = costs_of(way, PRICE, world.facts, MONTHS, CADENCE)
    return costs.fixed + MONTHS * volume * costs.per_record


RIVALS: dict[str, Policy] = {
    "always prompt": prompts,
    "always ordinary classifier": classifies,
    "always fine-tune": tunes,
    "rows > 10,000": by_rows,
    "cross-validation > 0.8": by_accuracy,
    "sensible engineer": engineer,
}


def net_of(policy: Policy, world: World, fold_of: list[Fold], volume: float, error_cost: float | None) -> np.ndarray:
    """What the policy nets against each opponent (n,); where nobody says what an error costs, at what it does."""
    true_cost = world.opponents.error_cost if error_cost is None else np.full(len(world.opponents), error_cost)
    nets = np.zeros(len(true_cost))
    for number, fold in enumerate(fold_of):
        done = policy(world, number, fold, volume, error_cost)
        nets[number] = world.net(done.action, volume, true_cost[number])[number] - done.paid
    return nets
