"""The audit as a policy: what it decides, followed with its own next step, paid for, then decided again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from auditor.judge.decision import ASKED_BETWEEN, known, rule
from auditor.judge.draws import FOUND, Laws
from auditor.judge.ranges import ranges
from auditor.model import Age, CostRange, Decision, Facts, Fresh, LabelFacts, NextStep, Share, StepKind, Way
from benchmarks.readiness.studies import Fold
from benchmarks.readiness.worlds import PRICE, Action, World, sheet_cost

# Sheets and repairs that are followed; asking what an error costs is free.
STEPS = 2
MEASURE_FIRST = "measure first"
NOTHING = Share(0.0, 0.0)


@dataclass(frozen=True)
class Said:
    """One judgement. ``way`` is what it takes to be best, ``kept`` the labels of a subset; ``pays`` the stated chance
    that the ``trained`` way nets more than a prompt.
    """

    decision: Decision
    headline: str
    step: NextStep
    way: Way
    kept: frozenset[str]
    pays: float
    trained: Way


@dataclass(frozen=True)
class Followed:
    """``first`` is what was said of the export alone, ``last`` after the steps, which cost ``paid``."""

    first: Said
    last: Said
    action: Action
    paid: float
    measured: bool


Judge = Callable[[Facts, Mapping[str, float], Laws], Said]


def say(facts: Facts, given: Mapping[str, float], laws: Laws) -> Said:
    """What the judge says, with what the benchmark needs of its sums."""
    now = known(facts, given, laws)
    ruled = rule(now, turns_on_error_cost="error_cost" not in given and _turns(ranges(now)))
    subset = now.subset.kept if now.subset is not None else []
    kept = frozenset(each.label for each, keeps in zip(facts.by_class, subset, strict=False) if keeps)
    headline = MEASURE_FIRST if ruled.measure_first else str(ruled.decision)
    return Said(ruled.decision, headline, ruled.steps[0], now.best, kept, now.training_pays, now.better_trained)


def _turns(found: Sequence[CostRange]) -> bool:
    """Whether the decision turns on what an error costs, as the judge has it."""
    low, high = ASKED_BETWEEN
    return any(each.high is not None and low <= each.high <= high for each in found)


def follow(
    world: World,
    number: int,
    fold: Fold,
    volume: float,
    error_cost: float | None,
    facts: Facts,
    *,
    judge: Judge = say,
    steps: int = STEPS,
) -> Followed:
    """Against opponent ``number``. The judge sees facts, prices, what a sheet shows, and laws without the opponent."""
    given = PRICE | {"monthly_volume": volume} | ({} if error_cost is None else {"error_cost": error_cost})

    def ask(facts: Facts) -> Said:
        return judge(facts, given, fold.laws(facts.ordinary.value, facts.words))

    first = said = ask(facts)
    repaired, paid, taken = False, 0.0, 0
    while True:
        kind = said.step.kind
        if kind is StepKind.ERROR_COST and "error_cost" not in given and steps:
            given["error_cost"] = float(world.opponents.error_cost[number])
        elif taken == steps:
            break
        elif kind in (StepKind.SHEET, StepKind.LARGER_SHEET):
            rows = said.step.rows
            facts = replace(facts, fresh=_read(world, number, rows, facts.fresh, repaired=repaired))
            paid, taken = paid + sheet_cost(rows), taken + 1
        elif (kind is StepKind.REPAIR or said.decision is Decision.FIX_DATA_FIRST) and not repaired:
            facts, repaired, taken = after_repair(facts), True, taken + 1
        else:
            break
        said = ask(facts)
    action = _action(said, world, repaired=repaired)
    return Followed(first, said, action, paid, facts.fresh is not None)


def _read(world: World, number: int, rows: int, before: Fresh | None, *, repaired: bool) -> Fresh:
    """A further sheet is read together with the one before."""
    return world.sheet(number, rows + (before.rows if before else 0), repaired=repaired)


def _action(said: Said, world: World, *, repaired: bool) -> Action:
    match said.decision:
        case Decision.FINE_TUNE:
            return Action(Way.FINE_TUNED, repaired)
        case Decision.FINE_TUNE_SUBSET:
            # Classes are labelled by their code.
            codes = [int(label) for label in said.kept]
            return Action(Way.FINE_TUNED, repaired, np.isin(np.arange(world.n_classes), codes))
        case Decision.ORDINARY_CLASSIFIER:
            return Action(Way.ORDINARY, repaired)
        case Decision.FIX_DATA_FIRST:
            return Action(said.way, repaired)
        case _:
            return Action(Way.PROMPT, repaired)


def after_repair(facts: Facts) -> Facts:
    """As an audit of the mended export would read: no wrong labels that can be seen, the accuracy that was promised."""
    labels = facts.labels
    mended = FOUND * labels.cost.value + labels.placed.value
    right = min(facts.ordinary.value / max(1 - labels.at_random.value, 0.1) + mended, 0.99)
    error = float(np.hypot(facts.ordinary.error, np.hypot(labels.cost.error, labels.placed.error)))
    fresh = facts.fresh
    if fresh is not None:
        behind = None if fresh.behind is None else replace(fresh.behind, value=fresh.behind.value + mended)
        ordinary = replace(fresh.ordinary, value=min(fresh.ordinary.value + mended, 0.99))
        fresh = replace(fresh, ordinary=ordinary, behind=behind)
    return replace(
        facts,
        ordinary=Share(right, error),
        labels=LabelFacts(NOTHING, NOTHING, NOTHING, 0, labels.reviewed),
        fresh=fresh,
    )


def labels_as_they_are(facts: Facts) -> Facts:
    return replace(facts, labels=LabelFacts(NOTHING, NOTHING, NOTHING, 0))


def ageless(facts: Facts) -> Facts:
    return replace(facts, ageing=Age(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


def never_repaired(facts: Facts) -> Facts:
    return replace(facts, labels=replace(facts.labels, listed=0))


ABLATIONS: dict[str, Callable[[Facts], Facts]] = {
    "labels taken as they are": labels_as_they_are,
    "no age": ageless,
    "no repair": never_repaired,
}
