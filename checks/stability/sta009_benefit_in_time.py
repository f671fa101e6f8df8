"""Training against retrieval as time goes on."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.estimators.prospective_gain import PROSPECTIVE_GAIN
from auditor.limits import MATERIAL, Limit
from auditor.model import PERCENT, CheckReport, Figure, Finding, GateId, GateStatus, Subject, SubjectKind, Template

LITTLE_ADDED = Template(
    "little_added",
    "Over the {months} after training a model gets {trained} right, retrieval from the days before {retrieval}: "
    "training adds {gain}.",
    "Let retrieval from recent records answer; how often to train again is said above.",
    {"months": Figure("months"), "trained": PERCENT, "retrieval": PERCENT, "gain": Figure("points", 1, signed=True)},
)


def benefit_in_time(context: Context) -> CheckReport:
    """Models trained before against retrieval from the days before, on the same later records."""
    limit = context.limits["gain_in_time"]
    found = context.results[PROSPECTIVE_GAIN]
    findings: tuple[Finding, ...] = ()
    if severity := limit.severity(found.gain):
        findings = (
            Finding(
                "STA009",
                severity,
                Subject(SubjectKind.DATASET),
                LITTLE_ADDED.of(months=found.months, trained=found.trained, retrieval=found.retrieval, gain=found.gain),
                found.gain,
                limit.passes,
                measurement=limit.measurement,
            ),
        )
    return CheckReport(
        {
            "gain_in_time": found.gain,
            "gain_in_time_low": found.low,
            "gain_in_time_high": found.high,
            "routing_adds": found.routed_gain - found.gain,
        },
        findings,
    )


CHECK = Check(
    "STA009",
    "benefit-in-time",
    "Training against retrieval as time goes on",
    GateId.STABILITY,
    "Retrieval sees new classes the day after they are first used; a trained model waits until it is trained again.",
    benefit_in_time,
    reads=(PROSPECTIVE_GAIN,),
    needs=frozenset({"time"}),
    limits=(
        Limit(
            GateId.STABILITY,
            "gain_in_time",
            "accuracy that training adds over the neighbours' vote in time",
            "Training adds {} of accuracy over the neighbours' vote in the months after it",
            MATERIAL,
            None,
            "points",
            "house rule (2026): material margin of 3 points; it fails nothing, as the vote is no prompted model",
            "Let retrieval from recent records answer.",
            higher_is_better=True,
            missing=GateStatus.UNKNOWN,
            needs="more months of records",
        ),
        Limit(
            GateId.STABILITY,
            "routing_adds",
            "accuracy that retrieval adds to training for the classes that it answers better",
            "Retrieval adds {} to training in the classes that it answers better",
            MATERIAL,
            None,
            "points",
            "house rule (2026): material margin of 3 points",
            "Train on the classes that a model answers better, and let retrieval answer for the others.",
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(LITTLE_ADDED,),
)
