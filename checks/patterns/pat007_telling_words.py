"""Words that decide the label alone."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.leakage import TELLING_WORDS, WORD_COVERAGE, TellingWord
from auditor.model import PERCENT, CheckReport, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template
from checks.telling import PARAMETERS

MAX_NAMED = 20
FINDS_ALONE = Template(
    "finds_alone",
    "The word '{term}' alone finds {coverage} of '{label}', and {precision} of the records with it belong there.",
    "Check that the word is written before the decision. If it is, a rule serves these records untrained.",
    {"term": Kind.WORDS, "coverage": PERCENT, "label": Kind.CLASS, "precision": PERCENT},
)


def telling_words(context: Context) -> CheckReport:
    """Ordinary words that occur in one class only and in much of it: a rule may do what a model is trained for."""
    classes = context.results[CLASSES]
    words = context.results[TELLING_WORDS]
    told = np.zeros(len(classes.codes), bool)
    for word in words:
        told[word.rows] = True
    best: dict[int, TellingWord] = {}
    for word in words:
        best.setdefault(word.code, word)
    findings = tuple(
        Finding(
            "PAT007",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[code],)),
            FINDS_ALONE.of(term=word.word, coverage=word.coverage, label=classes.shown[code], precision=word.precision),
            word.precision,
            context["precision"],
            evidence={"term": word.word, "rows": len(word.rows), "coverage": word.coverage, "lift": word.lift},
        )
        for code, word in list(best.items())[:MAX_NAMED]
    )
    return CheckReport({"told_share": float(told.mean()), "told_classes": len(best)}, findings)


CHECK = Check(
    "PAT007",
    "telling-words",
    "Words that decide the label alone",
    GateId.PATTERNS,
    "What one word decides needs no training, and a word written after the decision misleads a model.",
    telling_words,
    reads=(CLASSES, TELLING_WORDS),
    parameters=(*PARAMETERS, Parameter("coverage", WORD_COVERAGE, "house rule: half of the class holds it")),
    templates=(FINDS_ALONE,),
)
