"""From measurements to gates, and from gates to the verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from auditor.actions import actions_for, figure
from auditor.limits import LIMITS, UNDECIDED, Limit, RoutePolicy
from auditor.model import (
    TRAINING,
    BenefitRange,
    CheckOutcome,
    ClassRow,
    Cost,
    Criterion,
    Decision,
    Gate,
    GateId,
    GateStatus,
    GovernanceAnswer,
    Outcome,
    Route,
    Severity,
    Verdict,
    measurements,
)


class Facts(Protocol):
    """What routing needs to know of a class."""

    @property
    def unique_rows(self) -> int: ...
    @property
    def recall(self) -> float | None: ...
    @property
    def retrieval_recall(self) -> float | None: ...
    @property
    def prompt_recall(self) -> float | None: ...
    @property
    def noise_rate(self) -> float | None: ...
    @property
    def habit_share(self) -> float: ...
    @property
    def churned(self) -> bool: ...


HEADLINES: Mapping[Decision, str] = {
    Decision.FINE_TUNE: "Fine-tuning is justified",
    Decision.FINE_TUNE_SUBSET: "Fine-tune these classes, prompt for the rest",
    Decision.FIX_DATA_FIRST: "Fine-tuning now would amplify bad patterns",
    Decision.PROMPT_WITH_RETRIEVAL: "Stay with prompting and retrieval",
    Decision.INCONCLUSIVE: "The data cannot answer; here is what is missing",
}

# The data alone give no upper bound on wrong labels, and a model repeats those that its annotators share.
UNREVIEWED = ", if a person's review of 200 records confirms the labels"

ALL_MET = "All limits are met. "

REASON_STATUS = {Decision.INCONCLUSIVE: GateStatus.UNKNOWN, Decision.FINE_TUNE: GateStatus.PASS}

DECISIVE = {
    Decision.FIX_DATA_FIRST: (GateId.LABELS, GateId.PATTERNS),
    Decision.PROMPT_WITH_RETRIEVAL: (GateId.VOLUME, GateId.STABILITY, GateId.BENEFIT),
}


def judge_gates(outcomes: tuple[CheckOutcome, ...], limits: tuple[Limit, ...] = LIMITS) -> tuple[Gate, ...]:
    """Every gate with its criteria. A check that crashed leaves its gate unknown."""
    measured = measurements(outcomes)
    gates = []
    for gate in GateId:
        held = [limit.decisive(measured) for limit in limits if limit.gate is gate]
        criteria = tuple(_judge(limit, measured.get(limit.measurement)) for limit in held)
        crashed = [o.code for o in outcomes if o.gate is gate and o.outcome is Outcome.ERRORED]
        status = _worst([criterion.status for criterion in criteria] + [GateStatus.UNKNOWN] * bool(crashed))
        summary = _summary(status, criteria, crashed, outcomes, gate)
        if gate is GateId.LABELS and "reviewed" in measured:
            summary += f". {_reviewed(measured)}"
        gates.append(Gate(gate, status, summary, criteria))
    return tuple(gates)


def _reviewed(measured: Mapping[str, float]) -> str:
    rate, low, high = (figure(measured[f"reviewed_noise_{name}"], "share") for name in ("rate", "low", "high"))
    return f"A review of {measured['reviewed']:,.0f} records puts the wrong labels at {rate} ({low} to {high})"


def _judge(limit: Limit, value: float | None) -> Criterion:
    sign = 1 if limit.higher_is_better else -1
    if value is None:
        status, margin = limit.missing or GateStatus.PASS, None
    else:
        margin = sign * (value - limit.passes)
        if margin >= 0:
            status = GateStatus.PASS
        elif limit.fail is not None and sign * (value - limit.fail) < 0:
            status = GateStatus.FAIL
        else:
            status = GateStatus.CAUTION
    return Criterion(
        limit.measurement,
        limit.label,
        status,
        value,
        limit.passes,
        limit.fail,
        margin,
        limit.unit,
        limit.source,
    )


def _worst(statuses: list[GateStatus]) -> GateStatus:
    order = (GateStatus.FAIL, GateStatus.UNKNOWN, GateStatus.CAUTION)
    return next((status for status in order if status in statuses), GateStatus.PASS)


def _summary(
    status: GateStatus,
    criteria: tuple[Criterion, ...],
    crashed: list[str],
    outcomes: tuple[CheckOutcome, ...],
    gate: GateId,
) -> str:
    if status is GateStatus.UNKNOWN and crashed:
        return f"Not known: the check {', '.join(crashed)} did not finish"
    if status is GateStatus.UNKNOWN:
        reasons = [o.reason for o in outcomes if o.gate is gate and o.outcome is Outcome.NOT_APPLICABLE]
        return "Not known: " + (reasons[0] if reasons else "the checks that measure it were not run")
    deciding = [criterion for criterion in criteria if criterion.status is status and criterion.observed is not None]
    if not deciding:
        return "No limit is crossed" if status is GateStatus.PASS else "Part of the evidence is missing"
    if status is GateStatus.PASS:
        return ALL_MET + _said(min(deciding, key=lambda c: (c.margin or 0) / (abs(c.pass_limit) or 1)))
    return ". ".join(_said(criterion) for criterion in deciding)


def _said(criterion: Criterion) -> str:
    limit = criterion.fail_limit if criterion.status is GateStatus.FAIL else criterion.pass_limit
    said = criterion.sentence.replace("{}", figure(criterion.observed, criterion.unit))
    return f"{said} (limit {figure(limit, criterion.unit)})"


def route(facts: Facts, policy: RoutePolicy | None = None) -> tuple[Route, str]:
    """Where the records of one class should go, and why in a few words."""
    policy = policy or RoutePolicy()
    if facts.habit_share > policy.habit:
        return Route.FIX_FIRST, "one source files it differently"
    if (facts.noise_rate or 0) > policy.noise:
        return Route.FIX_FIRST, f"about {100 * (facts.noise_rate or 0):.0f} % of its labels look wrong"
    if facts.unique_rows < policy.examples:
        return Route.PROMPT, f"{facts.unique_rows:,} different examples"
    if facts.churned:
        return Route.PROMPT, "born or dying in these years"
    if facts.recall is None or facts.retrieval_recall is None:
        return Route.PROMPT, "too few records to compare"
    prompt = facts.prompt_recall
    gain = facts.recall - (facts.retrieval_recall if prompt is None else prompt)
    why = f"training adds {100 * gain:+.0f} points over {'retrieval' if prompt is None else 'the prompt'}"
    return (Route.PROMPT if gain < policy.margin else Route.FINE_TUNE), why


def decide(
    gates: tuple[Gate, ...],
    classes: tuple[ClassRow, ...],
    outcomes: tuple[CheckOutcome, ...],
    benefit: BenefitRange | None = None,
    governance: tuple[GovernanceAnswer, ...] = (),
    cost: Cost | None = None,
) -> Verdict:
    """The most cautious decision that holds, and the others that hold as well.

    ``benefit`` is what the verdict was at both ends of what a prompt could reach, where that is known; ``governance``
    the questions that no export answers; ``cost`` what both ways cost.
    """
    holding = decisions(gates, classes)
    decision = holding[0]
    return Verdict(
        decision,
        _headline(decision, outcomes),
        _reasons(decision, gates, trainable_share(classes), outcomes),
        (*_conditions(gates, outcomes, benefit), *_cost_condition(cost), *_governance_conditions(governance)),
        actions_for(gates, outcomes),
        tuple(holding[1:]),
    )


def _headline(decision: Decision, outcomes: tuple[CheckOutcome, ...]) -> str:
    waits = decision in TRAINING and "reviewed_noise_rate" not in measurements(outcomes)
    return HEADLINES[decision] + (UNREVIEWED if waits else "")


def decisions(
    gates: tuple[Gate, ...], classes: tuple[ClassRow, ...], policy: RoutePolicy | None = None
) -> list[Decision]:
    """Every decision that holds, the most cautious first.

    Fixing the data comes first, except where only limits of `UNDECIDED` ask for it.
    """
    policy = policy or RoutePolicy()
    status = {gate.id: gate.status for gate in gates}
    holding = [decision for decision, ids in DECISIVE.items() if any(status[gate] is GateStatus.FAIL for gate in ids)]
    to_fix = [gate.criteria for gate in gates if gate.id in DECISIVE[Decision.FIX_DATA_FIRST]]
    if {c.measurement for criteria in to_fix for c in criteria if c.status is GateStatus.FAIL} <= UNDECIDED:
        holding.reverse()
    asked = [gate for ids in DECISIVE.values() for gate in ids]
    unknown = [gate for gate in asked if status[gate] is GateStatus.UNKNOWN]
    failed = {gate for gate in asked if status[gate] is GateStatus.FAIL}
    carried = failed <= {GateId.VOLUME, GateId.BENEFIT} and trainable_share(classes) >= policy.carries
    routed = failed == {GateId.STABILITY} and _routed_gain(gates) >= policy.margin
    if failed and not unknown and (carried or routed):
        return [Decision.FINE_TUNE_SUBSET]
    if unknown:
        holding.append(Decision.INCONCLUSIVE)
    return holding or [Decision.FINE_TUNE]


def _routed_gain(gates: tuple[Gate, ...]) -> float:
    """What training adds in the months after it where each class is answered by the better of both; 0 if unknown."""
    found = [c.observed for gate in gates for c in gate.criteria if c.measurement in {"gain_in_time", "routing_adds"}]
    return sum(each or 0.0 for each in found)


def trainable_share(classes: tuple[ClassRow, ...]) -> float:
    """The share of volume in classes that are routed to training."""
    return sum(row.volume_share for row in classes if row.route is Route.FINE_TUNE)


def _reasons(
    decision: Decision, gates: tuple[Gate, ...], trainable: float, outcomes: tuple[CheckOutcome, ...]
) -> tuple[str, ...]:
    wanted = REASON_STATUS.get(decision, GateStatus.FAIL)
    first = DECISIVE.get(decision, ())
    chosen = sorted((gate for gate in gates if gate.status is wanted), key=lambda gate: gate.id not in first)
    reasons = [_reason(gate, outcomes) for gate in chosen]
    if decision is Decision.FINE_TUNE_SUBSET:
        reasons.insert(0, f"Classes where training pays carry {100 * trainable:.0f} % of the volume.")
    return tuple(reasons[:3])


def _reason(gate: Gate, outcomes: tuple[CheckOutcome, ...]) -> str:
    """The gate's summary and, where one stands out, its gravest finding."""
    grave = [
        finding
        for outcome in outcomes
        if outcome.gate is gate.id
        for finding in outcome.findings
        if finding.severity is Severity.CRITICAL
    ]
    named = f"{gate.id.value.capitalize()}: " if gate.status is GateStatus.UNKNOWN else ""
    return f"{named}{gate.summary.removeprefix(ALL_MET)}." + (
        f" {grave[0].message[:1].upper()}{grave[0].message[1:]}" if grave else ""
    )


def _conditions(
    gates: tuple[Gate, ...], outcomes: tuple[CheckOutcome, ...], benefit: BenefitRange | None
) -> tuple[str, ...]:
    return (
        *_review_condition(gates, outcomes),
        *_prompt_condition(benefit),
        *(f"Somebody accepts this: {gate.summary}." for gate in gates if gate.status is GateStatus.CAUTION),
    )


def _cost_condition(cost: Cost | None) -> tuple[str, ...]:
    """What training must be worth beyond its savings, where those do not pay for it in time."""
    if cost is None or cost.net_after_payback >= 0:
        return ()
    volume = cost.break_even_volume
    needed = "at no volume" if volume is None else f"only from {volume:,.0f} records a month"
    return (
        f"The accuracy is worth its price: with the prices assumed ([cost] in audit.toml), training pays for itself "
        f"within {cost.payback_months} months {needed}.",
    )


def _governance_conditions(governance: tuple[GovernanceAnswer, ...]) -> tuple[str, ...]:
    """The open questions, and what is known to end."""
    unanswered = [each.question for each in governance if each.open]
    ends = [each.answer for each in governance if each.key == "provider_end_of_life" and each.answer]
    asked = (f"Somebody answers, under [governance] in audit.toml: {'; '.join(unanswered)}.",) if unanswered else ()
    return (
        *asked,
        *(f"The move to another base model is planned: the provider retires this one on {e}." for e in ends),
    )


def _prompt_condition(benefit: BenefitRange | None) -> tuple[str, ...]:
    """What a prompted model must not reach, where the verdict does not hold over all that it could."""
    if benefit is None or benefit.settled_below is None:
        return ()
    floor, ceiling, limit, trained = (
        figure(value, "share") for value in (benefit.floor, benefit.ceiling, benefit.settled_below, benefit.trained)
    )
    return (
        f"A prompted model with retrieved examples stays under {limit} on the same records (a trained one gets "
        f"{trained}; the examples by themselves {floor} to {ceiling}): measure it with auditor baseline.",
    )


def _review_condition(gates: tuple[Gate, ...], outcomes: tuple[CheckOutcome, ...]) -> tuple[str, ...]:
    """What is still open about the labels: a review, or a larger one where its interval reaches over the limit."""
    measured = measurements(outcomes)
    limits = [
        c for gate in gates for c in gate.criteria if c.measurement in {"label_noise_rate", "reviewed_noise_rate"}
    ]
    limit = figure(limits[0].pass_limit if limits else 0.05, "share")
    if "reviewed_noise_rate" not in measured:
        if limits and limits[0].status is GateStatus.CAUTION and limits[0].fail_limit is not None:
            # What is visible is over the first limit already: only the second one is left to keep.
            limit = figure(limits[0].fail_limit, "share")
        return (
            f"A person reviews 200 drawn records (auditor review) and finds at most {limit} of their labels wrong: "
            "the data alone gives no upper bound.",
        )
    if limits and measured["reviewed_noise_rate"] <= limits[0].pass_limit < measured["reviewed_noise_high"]:
        high = figure(measured["reviewed_noise_high"], "share")
        return (f"A larger review keeps the wrong labels under {limit}: the interval of this one reaches to {high}.",)
    return ()
