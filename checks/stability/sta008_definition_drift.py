"""The same text labelled differently over time."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.drift_family import DRIFT
from auditor.evidence.redefinition import REDEFINITIONS
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

MAX_PAIRS = 20


def redefinition(context: Context) -> CheckReport:
    """Pairs of classes between which the same texts went one way before a month and the other way after it."""
    results = context.results
    names = results[CLASSES].shown
    tried = results[REDEFINITIONS]
    findings = [
        Finding(
            "STA008",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (names[each.source], names[each.target])),
            f"From {each.month:%B %Y} on, texts between '{names[each.source]}' and '{names[each.target]}' go to "
            f"'{names[each.target]}' {100 * each.swing:.0f} points more often than the same texts did before.",
            each.swing,
            context["swing"],
            f"Ask what changed in {each.month:%B %Y}, and relabel the records from before by today's definition.",
            {"month": each.month.isoformat(), "from": names[each.source], "to": names[each.target], "rows": each.rows},
        )
        for each in results[DRIFT].redefined
        if each.swing > context["swing"]
    ]
    return CheckReport({"redefined_pairs": len(findings), "pairs_between": len(tried)}, tuple(findings[:MAX_PAIRS]))


CHECK = Check(
    "STA008",
    "definition-drift",
    "The same text labelled differently over time",
    GateId.STABILITY,
    "A class that means something else than it did teaches a model two answers to one text.",
    redefinition,
    reads=(CLASSES, DRIFT, REDEFINITIONS),
    needs=frozenset({"time"}),
    parameters=(Parameter("swing", 0.15, "house rule: one text in seven; and sure in the family of drift tests"),),
)
