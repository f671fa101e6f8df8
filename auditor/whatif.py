"""The policy run on what might be: other figures, other limits, repaired data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from math import inf
from random import Random
from typing import Any

from auditor.actions import hours_to_judge
from auditor.limits import LIMITS, Limit, RoutePolicy, with_better
from auditor.model import (
    TRAINING,
    Action,
    BenefitRange,
    CheckOutcome,
    ClassRow,
    Confidence,
    Counterfactual,
    Decision,
    Estimate,
    GateId,
    GateStatus,
    TurningPoint,
    measurements,
)
from auditor.policy import decisions, judge_gates, route

Outcomes = tuple[CheckOutcome, ...]
Classes = tuple[ClassRow, ...]
Limits = tuple[Limit, ...]

STEPS_BETWEEN = 100
JUST = 1e-9
DRAWS = 200
LIMITS_MOVE = 0.2
# Half-width of a 90 % interval in standard errors.
Z_90 = 1.645


def decision_with(
    outcomes: Outcomes,
    classes: Classes,
    limits: Limits = LIMITS,
    changes: Mapping[str, float] | None = None,
    policy: RoutePolicy | None = None,
) -> Decision:
    """The decision where the measurements in ``changes`` are as given there, measured or not."""
    changed = tuple(replace(outcome, measurements={**outcome.measurements, **(changes or {})}) for outcome in outcomes)
    return decisions(judge_gates(changed, limits), classes, policy)[0]


def rerouted(row: ClassRow, policy: RoutePolicy | None = None, **changes: Any) -> ClassRow:  # noqa: ANN401
    """The class with changed figures, and the route that they give it."""
    changed = replace(row, **changes)
    target, why = route(changed, policy)
    return replace(changed, route=target, why=why)


def benefit_range(outcomes: Outcomes, classes: Classes, limits: Limits = LIMITS) -> BenefitRange | None:
    """The decision at each accuracy that a prompt could have, from the floor to the ceiling; None without retrieval."""
    known = measurements(outcomes)
    if "gain_over_retrieval" not in known:
        return None
    trained, floor, ceiling = (known[name] for name in ("trained_accuracy", "prompt_floor", "prompt_ceiling"))
    here = decision_with(outcomes, classes, limits)
    if "gain_over_prompt" in known:
        return BenefitRange(
            known["trained_accuracy_beside_prompt"], floor, ceiling, known["prompt_accuracy"], here, here, None
        )
    along = [_at(outcomes, classes, limits, known, step / STEPS_BETWEEN) for step in range(STEPS_BETWEEN + 1)]
    changes = next((step for step, decision in enumerate(along) if decision is not here), None)
    settled = None if changes is None else floor + (ceiling - floor) * changes / STEPS_BETWEEN
    return BenefitRange(trained, floor, ceiling, None, here, along[-1], settled)


def beside_prompt(outcomes: Outcomes, classes: Classes) -> Classes:
    """The classes routed against a measured prompt: between floor and ceiling in each as far as it is in all."""
    known = measurements(outcomes)
    if "prompt_accuracy" not in known or "prompt_floor" not in known:
        return classes
    floor, width = known["prompt_floor"], known["prompt_ceiling"] - known["prompt_floor"]
    part = min(max((known["prompt_accuracy"] - floor) / width, 0.0), 1.0) if width > 0 else 0.0
    return tuple(
        row
        if row.retrieval_recall is None or row.ceiling_recall is None
        else rerouted(row, prompt_recall=row.retrieval_recall + part * (row.ceiling_recall - row.retrieval_recall))
        for row in classes
    )


def _at(outcomes: Outcomes, classes: Classes, limits: Limits, known: Mapping[str, float], part: float) -> Decision:
    """The decision if a prompt came ``part`` of the way from the floor to the ceiling, in every class."""
    gain = known["gain_over_retrieval"] + part * (known["gain_over_ceiling"] - known["gain_over_retrieval"])
    moved = tuple(
        row
        if row.retrieval_recall is None or row.ceiling_recall is None or not part
        else rerouted(row, retrieval_recall=row.retrieval_recall + part * (row.ceiling_recall - row.retrieval_recall))
        for row in classes
    )
    less = known["gain_over_retrieval"] - gain
    later = {"gain_in_time": known["gain_in_time"] - less} if "gain_in_time" in known else {}
    return decision_with(outcomes, moved, limits, {"gain_over_retrieval": gain} | later)


@dataclass(frozen=True)
class Repair:
    """A step on the data, and the figures as they would be after it. ``classes`` holds changed fields by class."""

    action: Action
    measurements: Mapping[str, float]
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def repairs(outcomes: Outcomes, classes: Classes, limits: Limits = LIMITS) -> tuple[Repair, ...]:
    """Every step that brings one measurement of the labels or the text to its limit."""
    known = measurements(outcomes)
    missed = [
        criterion
        for gate in judge_gates(outcomes, limits)
        for criterion in gate.criteria
        if criterion.observed is not None and criterion.status is not GateStatus.PASS
    ]
    found = []
    for criterion in missed:
        observed, limit = criterion.observed or 0.0, criterion.pass_limit
        rows = round(abs(criterion.margin or 0.0) * known.get("rows", 0.0))
        match criterion.measurement:
            case "label_noise_rate" | "reviewed_noise_rate" | "reviewed_repeated_rate" as name:
                step = Action(
                    "Relabel the records that look wrong, most suspicious first", GateId.LABELS, rows,
                    f"wrong labels from {100 * observed:.1f} % to {100 * limit:.1f} %", hours_to_judge(rows),
                )  # fmt: skip
                left = limit / observed if observed > 0 else 1.0
                cleaner = {
                    row.label: {"noise_rate": row.noise_rate * left} for row in classes if row.noise_rate is not None
                }
                found.append(Repair(step, {name: limit}, cleaner))
            case "conflict_rate" as name:
                step = Action(
                    "Decide groups of equal texts with two labels", GateId.LABELS, rows,
                    f"conflicting records from {100 * observed:.1f} % to {100 * limit:.1f} %", hours_to_judge(rows),
                )  # fmt: skip
                found.append(Repair(step, {name: limit}))
            case "confused_share" as name:
                step = Action(
                    "Tell classes apart that are filed as one another, and relabel them", GateId.PATTERNS, rows,
                    f"mixed-up records from {100 * observed:.1f} % to {100 * limit:.1f} %", hours_to_judge(rows),
                )  # fmt: skip
                found.append(Repair(step, {name: limit}))
            case "repeated_systematic_share":
                rows = round(known["systematic_share"] * known.get("rows", 0.0))
                step = Action(
                    "Relabel the records that one source files by its habit", GateId.PATTERNS, rows,
                    f"repeated habits from {100 * observed:.1f} % of the records to none", hours_to_judge(rows),
                )  # fmt: skip
                rid = {row.label: {"habit_share": 0.0} for row in classes if row.habit_share}
                found.append(Repair(step, {"repeated_systematic_share": 0.0, "systematic_share": 0.0}, rid))
            case "leaked_share" as name:
                step = Action(
                    "Remove the codes that give the label away", GateId.PATTERNS, rows, "leaked labels to the limit", 8
                )
                found.append(Repair(step, {name: limit}))
    return tuple(found)


def counterfactuals(
    outcomes: Outcomes, classes: Classes, possible: tuple[Repair, ...], limits: Limits = LIMITS
) -> tuple[Counterfactual, ...]:
    """The sets of steps with the least work after which the policy decides otherwise, and decides for training.

    Every set is tried by running the policy on the repaired figures; one answer where both are the same.
    """
    now = decision_with(outcomes, classes, limits)
    if now in TRAINING:
        return ()
    sets = chain.from_iterable(combinations(possible, size) for size in range(1, len(possible) + 1))
    tried = [
        Counterfactual(tuple(repair.action for repair in chosen), _after(outcomes, classes, chosen, limits), now)
        for chosen in sorted(sets, key=_work)
    ]
    other = next((each for each in tried if each.decision is not now), None)
    trains = next((each for each in tried if each.decision in TRAINING), None)
    return tuple(dict.fromkeys(each for each in (other, trains) if each))


def turning_points(outcomes: Outcomes, classes: Classes, limits: Limits = LIMITS) -> tuple[TurningPoint, ...]:
    """Where `fine_tune` would no longer hold: every figure taken past the limit that it fails at, one at a time.

    Counts are left out, as they are certain.
    """
    if decision_with(outcomes, classes, limits) is not Decision.FINE_TUNE:
        return ()
    known = measurements(outcomes)
    found = []
    for limit in with_better(limits):
        name, below = limit.measurement, limit.higher_is_better
        if limit.fail is None or limit.unit == "count" or limit.decisive(known) is not limit:
            continue
        # A person may have set a pass limit beyond the one that fails.
        at = min(limit.fail, limit.passes) if below else max(limit.fail, limit.passes)
        then = decision_with(outcomes, classes, limits, {name: at - JUST if below else at + JUST})
        if then is not Decision.FINE_TUNE:
            found.append(TurningPoint(name, limit.label, known.get(name), at, below, limit.unit, then))
    return tuple(found)


def _work(chosen: tuple[Repair, ...]) -> tuple[float, int]:
    return sum(inf if repair.action.hours is None else repair.action.hours for repair in chosen), len(chosen)


def _after(outcomes: Outcomes, classes: Classes, chosen: tuple[Repair, ...], limits: Limits) -> Decision:
    figures = {name: value for repair in chosen for name, value in repair.measurements.items()}
    fields: dict[str, dict[str, Any]] = {}
    for repair in chosen:
        for label, changes in repair.classes.items():
            fields.setdefault(label, {}).update(changes)
    repaired = tuple(rerouted(row, **fields[row.label]) if row.label in fields else row for row in classes)
    return decision_with(outcomes, repaired, limits, figures)


def confidence(
    outcomes: Outcomes, classes: Classes, estimates: Mapping[str, Estimate], limits: Limits = LIMITS, seed: int = 0
) -> Confidence:
    """How often the decision stays: figures drawn anew within their intervals, limits moved by up to 20 %, both."""
    now = decision_with(outcomes, classes, limits)
    errors = _standard_errors(outcomes, estimates, limits)
    known = measurements(outcomes)
    random = Random(seed)  # noqa: S311 - no secret
    seen: dict[str, list[Decision]] = {"figures": [], "limits": [], "both": []}
    for _ in range(DRAWS):
        drawn = {name: known[name] + error * random.gauss(0, 1) for name, error in errors.items()}
        rows = tuple(_redrawn(row, random) for row in classes)
        moved = tuple(_moved(limit, random.uniform(1 - LIMITS_MOVE, 1 + LIMITS_MOVE)) for limit in limits)
        policy = _moved_policy(random)
        seen["figures"].append(decision_with(outcomes, tuple(rerouted(row) for row in rows), limits, drawn))
        seen["limits"].append(decision_with(outcomes, tuple(rerouted(r, policy) for r in classes), moved, None, policy))
        seen["both"].append(decision_with(outcomes, tuple(rerouted(r, policy) for r in rows), moved, drawn, policy))
    shares = {decision: seen["both"].count(decision) / DRAWS for decision in Decision if decision in seen["both"]}
    tips = tuple(
        limit.label
        for index, limit in enumerate(limits)
        if any(
            decision_with(outcomes, classes, (*limits[:index], _moved(limit, by), *limits[index + 1 :])) is not now
            for by in (1 - LIMITS_MOVE, 1 + LIMITS_MOVE)
        )
    )
    return Confidence(
        shares.get(now, 0.0), seen["figures"].count(now) / DRAWS, seen["limits"].count(now) / DRAWS, shares, tips, DRAWS
    )


def _standard_errors(outcomes: Outcomes, estimates: Mapping[str, Estimate], limits: Limits) -> dict[str, float]:
    """Of each figure with a limit, where its interval is known, or where it is a share of the records."""
    known = measurements(outcomes)
    errors = {}
    for limit in with_better(limits):
        name = limit.measurement
        if name not in known:
            continue
        low, high = known.get(f"{name}_low"), known.get(f"{name}_high")
        estimate = estimates.get(name)
        if low is None and estimate is not None:
            low = estimate.low
            high = estimate.high if estimate.high is not None else 2 * estimate.value - (estimate.low or 0.0)
        if low is not None and high is not None:
            errors[name] = (high - low) / (2 * Z_90)
        elif limit.unit == "share" and known.get("rows"):
            share = min(max(known[name], 0.0), 1.0)
            errors[name] = (share * (1 - share) / known["rows"]) ** 0.5
    return errors


def _redrawn(row: ClassRow, random: Random) -> ClassRow:
    shift = random.gauss(0, 1)
    if row.retrieval_recall is None or row.gain_low is None or row.gain_high is None:
        return row
    return replace(row, retrieval_recall=row.retrieval_recall + shift * (row.gain_high - row.gain_low) / (2 * Z_90))


def _moved(limit: Limit, by: float) -> Limit:
    better = _moved(limit.better, by) if limit.better else None
    return replace(limit, passes=limit.passes * by, fail=None if limit.fail is None else limit.fail * by, better=better)


def _moved_policy(random: Random) -> RoutePolicy:
    start, by = RoutePolicy(), random.uniform(1 - LIMITS_MOVE, 1 + LIMITS_MOVE)
    return RoutePolicy(
        round(start.examples * by), start.noise * by, start.habit * by, start.margin * by, min(start.carries * by, 1.0)
    )
