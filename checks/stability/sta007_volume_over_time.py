"""Gaps, spikes and late records."""

from __future__ import annotations

import math
from datetime import date

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.estimators.drift import DRIFT
from auditor.model import CheckReport, Figure, Finding, GateId, Kind, Said, Severity, Subject, SubjectKind, Template

GAP = Template(
    "gap",
    "Hardly any records are dated {month}: {times} times fewer than in the months around it.",
    "Find out whether records are lost, and load them.",
    {"month": Kind.MONTH, "times": Figure("number", 0)},
)
SPIKE = Template(
    "spike",
    "{month} holds {times} times as many records as the months around it.",
    "Find out whether a backlog was dated to one month, or records were loaded twice.",
    {"month": Kind.MONTH, "times": Figure("number", 1)},
)
LATEST = Template(
    "latest",
    "The last 30 days hold {times} times fewer records than the 90 days before; some may be late.",
    "Leave the last month out of the training, or wait for its records.",
    {"times": Figure("number", 1)},
)


def volume(context: Context) -> CheckReport:
    """Months with far fewer or far more records than their neighbours, and records that are still to come."""
    found = context.results[DRIFT]
    tests = {test.subject: test for test in found.of("volume")}
    if not tests:
        raise NotApplicable("the dates are years, or span fewer than nine months")
    months = {"gap": found.gap, "spike": found.spike, "latest": None}
    findings = [
        Finding(
            "STA007",
            Severity.INFO,
            Subject(SubjectKind.PERIOD, (f"{month:%Y-%m}",) if (month := months[name]) else ()),
            _said(name, month, math.exp(abs(test.effect))),
            test.effect,
            math.log(context["times"]) * (1 if name == "spike" else -1),
            evidence={"kind": name, "p": test.adjusted},
        )
        for name, test in tests.items()
        if test.moved and (test.effect if name == "spike" else -test.effect) > math.log(context["times"])
    ]
    return CheckReport({f"volume_{name}": test.effect for name, test in tests.items()}, tuple(findings))


def _said(name: str, month: date | None, times: float) -> Said:
    if name == "latest":
        return LATEST.of(times=times)
    return (GAP if name == "gap" else SPIKE).of(month=month, times=times)


CHECK = Check(
    "STA007",
    "volume-over-time",
    "Gaps, spikes and late records",
    GateId.STABILITY,
    "A lost or doubled month distorts what a model learns and what the backtest says of it.",
    volume,
    reads=(DRIFT,),
    needs=frozenset({"time"}),
    parameters=(Parameter("times", 2.0, "house rule: half or twice; and sure in the family of drift tests"),),
    templates=(GAP, SPIKE, LATEST),
)
