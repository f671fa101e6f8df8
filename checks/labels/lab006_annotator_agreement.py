"""Annotators who labelled the same record."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.agreement import AGREEMENT
from auditor.model import COUNT, PERCENT, CheckReport, Figure, Finding, GateId, Severity, Subject, SubjectKind, Template

DISAGREE = Template(
    "disagree",
    "{annotators} annotators labelled {items} records twice or more and disagree on {disputed}: Krippendorff's alpha "
    "is {alpha} (1 is full agreement, 0 is chance), so at least {wrong} of their labels are wrong.",
    "Settle the disputed records together and write the rule into the definition of the class.",
    {"annotators": COUNT, "items": COUNT, "disputed": COUNT, "alpha": Figure("number", 2), "wrong": PERCENT},
)


def annotator_agreement(context: Context) -> CheckReport:
    """Measures how far annotators agree who labelled the same record."""
    found = context.results[AGREEMENT]
    bound = found.wrong / found.labels
    findings = []
    if found.alpha < context["alpha"]:
        findings.append(
            Finding(
                "LAB006",
                Severity.CRITICAL if found.alpha < context["alpha_critical"] else Severity.WARNING,
                Subject(SubjectKind.DATASET),
                DISAGREE.of(
                    annotators=found.annotators,
                    items=found.items,
                    disputed=found.disputed,
                    alpha=found.alpha,
                    wrong=bound,
                ),
                found.alpha,
                context["alpha"],
                evidence={
                    "items": found.items,
                    "disputed": found.disputed,
                    "labels": found.labels,
                    "percentage_agreement": found.percentage,
                },
            )
        )
    return CheckReport(
        {
            "annotator_agreement": found.percentage,
            "annotator_alpha": found.alpha,
            "annotator_noise_bound": bound,
            "annotator_items": found.items,
        },
        tuple(findings),
    )


CHECK = Check(
    "LAB006",
    "annotator-agreement",
    "Annotators who labelled the same record",
    GateId.LABELS,
    "Where two people give one record two labels, one of them is wrong, and no model can please both.",
    annotator_agreement,
    reads=(AGREEMENT,),
    needs=frozenset({"annotator", "id"}),
    parameters=(
        Parameter("alpha", 0.8, "Krippendorff 2004: the customary limit for conclusions"),
        Parameter("alpha_critical", 0.667, "Krippendorff 2004: the lowest limit even for tentative conclusions"),
    ),
    templates=(DISAGREE,),
)
