"""The decision in money, ready to be shown: every figure of the sum, and the classes that add up to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.behind import assumptions, moves, notes
from auditor.judge.decision import ASKED_BETWEEN, Known, Ruled, known, rule
from auditor.judge.decision_map import decision_map
from auditor.judge.draws import Laws, right_on_truth
from auditor.judge.published import gap_law, lift_law
from auditor.judge.ranges import at_costs, break_even, ranges, turns
from auditor.judge.value import WAYS
from auditor.judge.way_values import learnt, level_of, measured_on, today, tuning_of, way_value
from auditor.model import (
    COUNT,
    NOTHING_TURNS,
    ClassRoute,
    Condition,
    ConditionKind,
    CostRange,
    Decision,
    Estimate,
    Facts,
    NextStep,
    OneOf,
    RepairValue,
    Route,
    Template,
    Tuning,
    Turns,
    Valuation,
    Way,
    Words,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

# Wrong labels that a fresh sheet must not exceed for a yes: what costs the margin that a repair asks for, at the
# shared cost.
REVIEW_LIMIT = 0.05
# What stands behind a trial's estimate.
ON_RECORDS = Template("on_records", "measured on {records} records", fields={"records": COUNT})
RESTS_ON: Mapping[str, str] = {
    Tuning.WHOLE: "",
    Tuning.CUT: "; its tuning was cut short",
    Tuning.PROBE: "; a linear probe, as tuning gained nothing",
}
ENCODER = Template(
    "encoder",
    "a small encoder measured on {rows} rows, extended to all rows and to a larger one{tuning}",
    fields={"rows": COUNT, "tuning": OneOf(RESTS_ON)},
)


@dataclass(frozen=True)
class Judgement:
    decision: Decision
    measure_first: bool
    steps: tuple[NextStep, ...]
    conditions: tuple[Condition, ...]
    turns: Turns
    valuation: Valuation | None
    estimates: Mapping[str, Estimate]
    routes: tuple[ClassRoute, ...]


# What `_estimates` may give.
OWN_ESTIMATES = frozenset(
    {
        "accuracy_given_labels",
        "trained_accuracy",
        "prompt_accuracy",
        "net_value_a_month",
        "probability_training_pays",
        "break_even_months",
        "break_even_volume",
        "break_even_error_cost",
    }
)
# Where what the sum rests on could not be computed.
NO_ANSWER = Judgement(Decision.INCONCLUSIVE, False, (), (), NOTHING_TURNS, None, {}, ())


def laws_of(facts: Facts) -> Laws:
    """What published results say of texts like these."""
    return Laws(lift_law(right_on_truth(facts), facts.words), gap_law())


def judged(
    facts: Facts, given: Mapping[str, float], seed: int = 0, *, permitted: bool = True, laws: Laws | None = None
) -> Judgement:
    """``given`` are the figures of `[cost]` that somebody set; ``permitted`` False: nobody may train on the records."""
    now = known(facts, given, laws or laws_of(facts), seed)
    by_cost = ranges(now)
    unset = "error_cost" not in given
    ruled = rule(now, permitted=permitted, turns_on_error_cost=unset and _turns_between(by_cost))
    valuation = _valuation(now, given, by_cost, ruled, permitted=permitted)
    turned = turns(now, permitted=permitted)
    return Judgement(
        ruled.decision,
        ruled.measure_first,
        ruled.steps,
        _conditions(now, ruled.decision, turned),
        turned,
        valuation,
        _estimates(now, valuation),
        _routes(now, ruled.decision),
    )


def _turns_between(found: tuple[CostRange, ...]) -> bool:
    low, high = ASKED_BETWEEN
    return any(each.high is not None and low <= each.high <= high for each in found)


def _chosen(now: Known, decision: Decision) -> Way:
    match decision:
        case Decision.FINE_TUNE | Decision.FINE_TUNE_SUBSET:
            return Way.FINE_TUNED
        case Decision.ORDINARY_CLASSIFIER:
            return Way.ORDINARY
        case Decision.FIX_DATA_FIRST if now.repaired:
            return now.repaired.way
        case _:
            return Way.PROMPT


def _net(now: Known, decision: Decision) -> Values:
    """What the decision nets over the horizon (n,)."""
    if decision is Decision.FINE_TUNE_SUBSET and now.subset:
        return now.subset.net
    if decision is Decision.FIX_DATA_FIRST and now.repaired:
        return now.repaired.net
    return now.nets[_chosen(now, decision)]


def _valuation(
    now: Known, given: Mapping[str, float], by_cost: tuple[CostRange, ...], ruled: Ruled, *, permitted: bool
) -> Valuation:
    facts, stakes = now.facts, now.stakes
    volume, cost = break_even(now)
    over_prompt = (_net(now, ruled.decision) - now.nets[Way.PROMPT]) / stakes.months
    subset = (
        None
        if now.subset is None
        else float(now.subset.net.mean()) - max(float(net.mean()) for net in now.nets.values())
    )
    return Valuation(
        months=round(stakes.months),
        monthly_volume=stakes.volume,
        volume_from="set in audit.toml" if "monthly_volume" in given else facts.volume_from,
        error_cost=stakes.error_cost,
        error_cost_set="error_cost" in given,
        ways=(*(way_value(now, way) for way in WAYS), *today(now, given)),
        best=now.best,
        net_a_month=level_of(over_prompt),
        training_pays=now.training_pays,
        tuning_pays=now.tuning_pays,
        break_even_volume=volume,
        break_even_error_cost=cost,
        break_even_months=_earned_back(now),
        ranges=by_cost,
        at_costs=at_costs(now),
        sheets=now.sheets if permitted else (),
        repair=_repair(now),
        subset=None if subset is None else subset / stakes.months,
        moves=moves(now),
        assumptions=assumptions(facts, given),
        notes=notes(now, permitted=permitted),
        tuning=tuning_of(now),
        map=decision_map(now),
    )


def _earned_back(now: Known) -> float | None:
    """Months in which what the better trained way saves over prompting pays what it costs more at first; None where it
    costs no more, or saves nothing.
    """
    trained, prompt = now.found[now.better_trained], now.found[Way.PROMPT]
    once = float((trained.once - prompt.once).mean())
    saved = float((now.nets[trained.way] - now.nets[Way.PROMPT]).mean()) + once
    return once / (saved / now.stakes.months) if saved > 0 and once > 0 else None


def _repair(now: Known) -> RepairValue | None:
    found = now.repaired
    if found is None:
        return None
    gained = float(now.drawn.repair[found.way].mean())
    return RepairValue(
        now.facts.labels.listed,
        level_of(found.label_cost),
        gained,
        found.cost,
        float(found.gain.mean()),
        found.pays,
        level_of(now.drawn.after, now.facts.rows),
    )


def _conditions(now: Known, decision: Decision, turned: Turns) -> tuple[Condition, ...]:
    """Of a yes, three at most."""
    if decision not in {Decision.FINE_TUNE, Decision.FINE_TUNE_SUBSET}:
        return ()
    found = [] if now.measured else [Condition(ConditionKind.PROMPT_UNDER, turned.prompt_below)]
    if now.facts.labels.reviewed is None and now.facts.fresh is None:
        found.append(Condition(ConditionKind.REVIEW, REVIEW_LIMIT))
    found.append(Condition(ConditionKind.RETRAIN, now.found[Way.FINE_TUNED].cadence))
    if decision is Decision.FINE_TUNE_SUBSET:
        found.insert(0, Condition(ConditionKind.ROUTE))
    return tuple(found[:3])


def _estimates(now: Known, valuation: Valuation) -> dict[str, Estimate]:
    measured = {way: measured_on(now, way) for way in WAYS}

    def right(way: Way, expected: str) -> Estimate:
        level = level_of(now.drawn.given[way])
        rows, trained_on = measured[way], learnt(now, way)
        method: Words = expected if rows is None or way is Way.ORDINARY else ON_RECORDS.of(records=rows)
        if trained_on is not None:
            method = ENCODER.of(rows=trained_on, tuning=now.facts.trial.tuning if now.facts.trial else Tuning.WHOLE)
        return Estimate(level.value, level.low, level.high, "share", method)

    net = valuation.net_a_month
    found = {
        "accuracy_given_labels": right(
            Way.ORDINARY,
            "ordinary classifiers out of fold; its interval is for any that a team may choose",
        ),
        "trained_accuracy": right(
            Way.FINE_TUNED, "expected: the ordinary classifier plus the lift of published fine-tuned encoders"
        ),
        "prompt_accuracy": right(Way.PROMPT, "expected: the fine-tuned model less the gap of published prompts"),
        "net_value_a_month": Estimate(net.value, net.low, net.high, "money", "the answer over prompting, a month"),
        "probability_training_pays": Estimate(
            valuation.training_pays, None, None, "share", "draws in which the better trained way beats prompting"
        ),
    }
    single = {
        "break_even_months": (valuation.break_even_months, "months"),
        "break_even_volume": (valuation.break_even_volume, "records a month"),
        "break_even_error_cost": (valuation.break_even_error_cost, "money"),
    }
    method = "where the better trained way and prompting are expected to net the same"
    return found | {
        key: Estimate(value, None, None, unit, method) for key, (value, unit) in single.items() if value is not None
    }


def _routes(now: Known, decision: Decision) -> tuple[ClassRoute, ...]:
    """The classes under the decision; each carries its part of what is fixed by its share, so that they add up."""
    rows, classes, stakes = now.facts.by_class, now.classes, now.stakes
    total = float((_net(now, decision) - now.nets[Way.PROMPT]).mean()) / stakes.months
    chosen = _chosen(now, decision)
    takes = np.ones(len(rows), bool)
    route = {Way.FINE_TUNED: Route.FINE_TUNE, Way.ORDINARY: Route.ORDINARY}.get(chosen, Route.PROMPT)
    if decision is Decision.FINE_TUNE_SUBSET and now.subset:
        takes = now.subset.kept
    elif decision is Decision.FIX_DATA_FIRST:
        # The classes that hold more than their part of the listed rows.
        listed = np.array([each.listed for each in rows])
        takes, route = (
            listed >= min(float(np.average(listed, weights=classes.share)), float(listed.max())),
            Route.FIX_FIRST,
        )
    gain = np.where(takes, classes.of(chosen) - classes.prompt, 0.0) * classes.share
    right = gain * stakes.volume * stakes.error_cost
    spread = classes.share / classes.share.sum() * (total - float(right.sum()))
    other = Route.PROMPT
    return tuple(
        ClassRoute(
            each.label,
            route if takes[place] else other,
            float(right[place] + spread[place]),
            float(classes.prompt[place]),
            bool(classes.pooled[place]),
        )
        for place, each in enumerate(rows)
    )
