"""From measurements to gates: each figure held against its limits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.judge.ignored import counts_as
from auditor.limits import Limit, deciding
from auditor.model import (
    COUNT,
    CheckOutcome,
    Criterion,
    Figure,
    Finding,
    Gate,
    GateId,
    GateStatus,
    Kind,
    Notice,
    OneOf,
    Outcome,
    Said,
    Severity,
    Template,
    measurements,
)

UNKNOWN = Template("unknown", "Not known: {why}", fields={"why": Kind.WORDS})
CRASHED = Template("crashed", "Not known: the check {codes} did not finish", fields={"codes": Kind.WORDS})
UNSETTLED = Template(
    "unsettled", "Not known: {label} ({needs} would tell)", fields=dict.fromkeys(("label", "needs"), Kind.WORDS)
)
NOT_RUN = Template("not_run", "Not known: the checks that measure it were not run")
NOTHING_CROSSED = Template("nothing_crossed", "No limit is crossed")
PART_MISSING = Template("part_missing", "Part of the evidence is missing")
ALL_MET = Template("all_met", "All limits are met")
OTHERS_MET = Template("others_met", "All other limits are met")
BY_SETTINGS = Template(
    "by_settings",
    "Ignores or severities of the settings decide: by its limits alone it would {otherwise}",
    fields={"otherwise": OneOf({"fail": "fail", "caution": "be cautious", "unknown": "be unknown", "pass": "pass"})},
)
BY_SHEET = Template(
    "by_sheet",
    "A fresh sheet of {reviewed} records puts the wrong labels at {rate} ({low} to {high})",
    fields={"reviewed": COUNT, "rate": Figure("share"), "low": Figure("share"), "high": Figure("share")},
)
# No check owns it: it follows from the sum of all.
TRAINING_PAYS = Limit(
    GateId.BENEFIT,
    "probability_training_pays",
    "chance that the better trained way is worth more than prompting",
    "The better trained way is worth more than prompting with a chance of {}",
    0.8,
    0.5,
    "share",
    "house rule (2026): a yes to an unmeasured opponent takes four in five; under one in two prompting is ahead",
    "Measure a prompted model on records labelled afresh.",
    hours=8,
    higher_is_better=True,
    missing=GateStatus.UNKNOWN,
)


def judge_gates(
    outcomes: tuple[CheckOutcome, ...],
    limits: tuple[Limit, ...],
    computed: Mapping[str, float] | None = None,
    notices: tuple[Notice, ...] = (),
    severities: Mapping[str, str] | None = None,
) -> tuple[Gate, ...]:
    """Every gate with its criteria. A check that crashed leaves its gate unknown.

    ``computed`` are figures that no check owns, as they follow from the sum of all. ``notices`` say how the export was
    read where nothing decides: the gates that hang on one are unknown. ``severities`` are those that the settings give
    to checks.
    """
    measured = measurements(outcomes) | dict(computed or {})
    held = deciding(limits, measured)
    measured_by = {name: outcome for outcome in outcomes for name in outcome.measurements}

    def judged(limit: Limit) -> Criterion:
        criterion = _judge(limit, measured)
        if limit.measurement not in measured_by:
            return criterion
        owner = measured_by[limit.measurement]
        counted = counts_as(criterion.status, owner, (severities or {}).get(owner.code))
        return criterion if counted is criterion.status else replace(criterion, counts_as=counted)

    gates = []
    for gate in GateId:
        criteria = tuple(judged(limit) for limit in held if limit.gate is gate)
        crashed = [o.code for o in outcomes if o.gate is gate and o.outcome is Outcome.ERRORED]
        unsettled = [notice.text for notice in notices if gate in notice.gates]
        open_ends = bool(crashed), bool(unsettled)
        status = _status(criteria, *open_ends)
        by_limits = _status([replace(each, counts_as=None) for each in criteria], *open_ends)
        summary = (UNKNOWN.of(why=unsettled[0]),) if unsettled else _summary(status, criteria, crashed, outcomes, gate)
        if gate is GateId.LABELS and "reviewed_noise_rate" in measured:
            summary += (_by_sheet(measured),)
        if by_limits is not status:
            summary += (BY_SETTINGS.of(otherwise=by_limits),)
        gates.append(Gate(gate, status, summary, criteria, None if by_limits is status else by_limits))
    return tuple(gates)


def held(outcomes: tuple[CheckOutcome, ...], limits: tuple[Limit, ...]) -> tuple[CheckOutcome, ...]:
    """``outcomes`` with every finding about a limit's measurement as severe as that limit says; within it is none."""
    by_name, measured = {limit.measurement: limit for limit in limits}, measurements(outcomes)

    def level(finding: Finding) -> Finding | None:
        limit = by_name.get(finding.measurement)
        if limit is None or finding.observed is None:
            return finding
        severity = limit.severity(finding.observed)
        of_gate = finding.observed == measured.get(limit.measurement)
        if severity is Severity.CRITICAL and of_gate and _judge(limit, measured).status is not GateStatus.FAIL:
            severity = Severity.WARNING
        return None if severity is None else replace(finding, severity=severity, limit=limit.passes)

    def of(outcome: CheckOutcome) -> CheckOutcome:
        findings = tuple(found for each in outcome.findings if (found := level(each)))
        left = Outcome.PASSED if outcome.findings and not findings else outcome.outcome
        return replace(outcome, findings=findings, outcome=left)

    return tuple(map(of, outcomes))


def _by_sheet(measured: Mapping[str, float]) -> Said:
    interval = {name: measured[f"reviewed_noise_{name}"] for name in ("rate", "low", "high")}
    return BY_SHEET.of(reviewed=measured["reviewed"], **interval)


def _judge(limit: Limit, measured: Mapping[str, float]) -> Criterion:
    """A figure whose interval holds the limit is not known to meet it, nor to miss it; and it fails where all of its
    interval does.

    The ends are measurements too: ``gain_low`` and ``gain_high`` of ``gain``, ``noise_low`` of ``noise_rate``.
    """
    value = measured.get(limit.measurement)
    low, high = (measured.get(f"{limit.measurement.removesuffix('_rate')}_{end}") for end in ("low", "high"))
    sign = 1 if limit.higher_is_better else -1
    held = Criterion(
        limit.measurement,
        limit.label,
        limit.sentence,
        (limit.missing or GateStatus.PASS) if value is None else limit.status(value),
        value,
        limit.passes,
        limit.fail,
        None if value is None else sign * (value - limit.passes),
        limit.unit,
        limit.source,
        low,
        high,
        limit.needs,
    )
    if value is None:
        return held
    if not held.is_settled:
        return replace(held, status=GateStatus.UNKNOWN)
    best = high if limit.higher_is_better else low
    if held.status is GateStatus.FAIL and best is not None and limit.status(best) is not GateStatus.FAIL:
        return replace(held, status=GateStatus.CAUTION)
    return held


def _status(criteria: Sequence[Criterion], crashed: bool, unsettled: bool) -> GateStatus:
    if unsettled:
        return GateStatus.UNKNOWN
    # What is known to miss its limit counts for more than what may.
    sure = [each.weight for each in criteria if each.observed is None or each.is_settled]
    status = _worst(sure + [GateStatus.UNKNOWN] * crashed)
    return _worst([each.weight for each in criteria]) if status is GateStatus.PASS else status


def _worst(statuses: list[GateStatus]) -> GateStatus:
    order = (GateStatus.FAIL, GateStatus.UNKNOWN, GateStatus.CAUTION)
    return next((status for status in order if status in statuses), GateStatus.PASS)


def _summary(
    status: GateStatus,
    criteria: tuple[Criterion, ...],
    crashed: list[str],
    outcomes: tuple[CheckOutcome, ...],
    gate: GateId,
) -> tuple[Said, ...]:
    if status is GateStatus.UNKNOWN and crashed:
        return (CRASHED.of(codes=", ".join(crashed)),)
    if status is GateStatus.UNKNOWN:
        unsettled = [
            each
            for each in criteria
            if each.observed is not None and not each.is_settled and each.weight is GateStatus.UNKNOWN
        ]
        if unsettled:
            return tuple(UNSETTLED.of(label=each.label, needs=each.needs) for each in unsettled)
        reasons = [o.reason for o in outcomes if o.gate is gate and o.outcome is Outcome.NOT_APPLICABLE]
        return (UNKNOWN.of(why=reasons[0]) if reasons else NOT_RUN.of(),)
    deciding = [criterion for criterion in criteria if criterion.weight is status and criterion.observed is not None]
    if status is GateStatus.PASS:
        heeded = [criterion for criterion in deciding if criterion.counts_as is None]
        all_met = ALL_MET if heeded == deciding else OTHERS_MET
        deciding = heeded
    if not deciding:
        return (NOTHING_CROSSED.of() if status is GateStatus.PASS else PART_MISSING.of(),)
    if status is GateStatus.PASS:
        return all_met.of(), _said(min(deciding, key=lambda c: (c.margin or 0) / (abs(c.pass_limit) or 1)))
    return tuple(map(_said, deciding))


def _said(criterion: Criterion) -> Said:
    """The limit's own sentence, and the limit."""
    limit = criterion.fail_limit if criterion.status is GateStatus.FAIL else criterion.pass_limit
    unit = Figure(criterion.unit)
    sentence = criterion.sentence.replace("{}", "{figure}") + " (limit {limit})"
    template = Template(criterion.measurement, sentence, fields={"figure": unit, "limit": unit})
    return template.of(figure=criterion.observed, limit=limit)


def speaking_against(gates: tuple[Gate, ...]) -> tuple[GateId, ...]:
    """The gates that fail, then those that caution or are unknown."""
    order = (GateStatus.FAIL, GateStatus.CAUTION, GateStatus.UNKNOWN)
    return tuple(gate.id for status in order for gate in gates if gate.status is status)
