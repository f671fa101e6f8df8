"""Texts that name their label."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.evidence.classes import CLASSES
from auditor.evidence.leaks import NAMED
from auditor.model import PERCENT, CheckReport, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template
from checks.telling import COVERAGE, PARAMETERS

MAX_NAMED = 20
NAMES_ITSELF = Template(
    "names_itself",
    "{coverage} of '{label}' say '{term}' and almost no other record does: is it there before the label? On the "
    "records that name a class a model gets {with_names} right, {without} without the names.",
    "If the name is written after the decision, remove it; if before, it is what the text is about.",
    {"coverage": PERCENT, "label": Kind.CLASS, "term": Kind.WORDS, "with_names": PERCENT, "without": PERCENT},
)


def names_in_text(context: Context) -> CheckReport:
    """Classes whose name stands in their texts, and what a model gets without the words of these names."""
    classes, found = context.results[CLASSES], context.results[NAMED]
    if found.effect is None:
        return CheckReport({"named_classes": 0})
    effect = found.effect
    accuracy = {"with_names": effect.with_words, "without": effect.without}
    findings = tuple(
        Finding(
            "PAT011",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[word.code],)),
            NAMES_ITSELF.of(coverage=word.coverage, label=classes.shown[word.code], term=word.word, **accuracy),
            word.coverage,
            context["coverage"],
            evidence={"rows": len(word.rows), "precision": word.precision},
        )
        for word in found.words[:MAX_NAMED]
    )
    measured = {"named_accuracy": effect.with_words, "accuracy_without_names": effect.without}
    return CheckReport({"named_classes": len(found.words), **measured}, findings)


CHECK = Check(
    "PAT011",
    "label-in-text",
    "Texts that name their label",
    GateId.PATTERNS,
    "A label's name in the text is what the text is about, or was written with the answer known.",
    names_in_text,
    reads=(CLASSES, NAMED),
    parameters=(*PARAMETERS, COVERAGE),
    templates=(NAMES_ITSELF,),
)
