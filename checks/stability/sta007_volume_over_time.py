"""Gaps, spikes and late records."""

from __future__ import annotations

import math

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.drift_family import DRIFT
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind


def volume(context: Context) -> CheckReport:
    """Months with far fewer or far more records than their neighbours, and records that are still to come."""
    found = context.results[DRIFT]
    tests = {test.subject: test for test in found.of("volume")}
    if not tests:
        raise NotApplicable("the dates are years, or span fewer than nine months")
    words = {
        "gap": "Hardly any records are dated {month:%B %Y}: {times:.0f} times fewer than in the months around it.",
        "spike": "{month:%B %Y} holds {times:.1f} times as many records as the months around it.",
        "latest": "The last 30 days hold {times:.1f} times fewer records than the 90 days before; some may be late.",
    }
    remedies = {
        "gap": "Find out whether records are lost, and load them.",
        "spike": "Find out whether a backlog was dated to one month, or records were loaded twice.",
        "latest": "Leave the last month out of the training, or wait for its records.",
    }
    months = {"gap": found.gap, "spike": found.spike, "latest": None}
    findings = [
        Finding(
            "STA007",
            Severity.INFO,
            Subject(SubjectKind.PERIOD, (f"{month:%Y-%m}",) if (month := months[name]) else ()),
            words[name].format(month=month, times=math.exp(abs(test.effect))),
            test.effect,
            math.log(context["times"]) * (1 if name == "spike" else -1),
            remedies[name],
            {"kind": name, "p": test.adjusted},
        )
        for name, test in tests.items()
        if test.moved and (test.effect if name == "spike" else -test.effect) > math.log(context["times"])
    ]
    return CheckReport({f"volume_{name}": test.effect for name, test in tests.items()}, tuple(findings))


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
)
