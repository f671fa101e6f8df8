"""The same text labelled differently over time."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.drift import DRIFT
from auditor.estimators.redefinition import REDEFINITIONS
from auditor.evidence.classes import CLASSES
from auditor.model import POINTS, CheckReport, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template

MAX_PAIRS = 20
REDEFINED = Template(
    "redefined",
    "From {month} on, texts between '{source}' and '{target}' go to '{target}' {swing} more often than the same texts "
    "did before.",
    "Ask what changed in {month}, decide which definition holds, then relabel the records of the other side.",
    {"month": Kind.MONTH, "source": Kind.CLASS, "target": Kind.CLASS, "swing": POINTS},
)


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
            REDEFINED.of(month=each.month, source=names[each.source], target=names[each.target], swing=each.swing),
            each.swing,
            context["swing"],
            evidence={
                "month": each.month.isoformat(),
                "from": names[each.source],
                "to": names[each.target],
                "rows": each.rows,
            },
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
    templates=(REDEFINED,),
)
