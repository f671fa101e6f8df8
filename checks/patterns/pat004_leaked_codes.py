"""Codes in the text that give the label away."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.evidence.classes import CLASSES
from auditor.evidence.leakage import LEAKED_CODES
from auditor.model import (
    PERCENT,
    CheckReport,
    Finding,
    GateId,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)
from checks.telling import COVERAGE, PARAMETERS

MAX_NAMED = 20
GIVES_AWAY = Template(
    "gives_away",
    (
        "The code '{term}' stands in {coverage} of '{label}' and almost nowhere else: is it there before the label?",
        " A model is right on {with_codes} of the records with such codes, and on {without} of them when the codes are "
        "taken out.",
    ),
    "If the code is written after the decision, remove it from the text; if it is known before, a rule needs no model.",
    {
        "term": Kind.WORDS,
        "coverage": PERCENT,
        "label": Kind.CLASS,
        "with_codes": PERCENT,
        "without": PERCENT,
    },
)


def leaked_codes(context: Context) -> CheckReport:
    """Code-like words that occur in one class only and in much of it, and the accuracy that rests on them."""
    classes = context.results[CLASSES]
    codes, effect = context.results[LEAKED_CODES].words, context.results[LEAKED_CODES].effect
    leaked = np.zeros(len(classes.codes), bool)
    for word in codes:
        leaked[word.rows] = True
    measurements = {"leaked_share": float(leaked.mean()), "leaked_codes": len(codes)}
    rests: dict[str, float | None] = {"with_codes": None, "without": None}
    if effect is not None:
        measurements |= {"leaked_accuracy": effect.with_words, "accuracy_without_leaks": effect.without}
        rests = {"with_codes": effect.with_words, "without": effect.without}
    findings = tuple(
        Finding(
            "PAT004",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[word.code],)),
            GIVES_AWAY.of(term=word.word, coverage=word.coverage, label=classes.shown[word.code], **rests),
            word.precision,
            context["precision"],
            evidence={"term": word.word, "rows": len(word.rows), "coverage": word.coverage, "lift": word.lift},
        )
        for word in codes[:MAX_NAMED]
    )
    return CheckReport(measurements, findings)


CHECK = Check(
    "PAT004",
    "leaked-codes",
    "Codes in the text that give the label away",
    GateId.PATTERNS,
    "A code written after the decision makes a model look right until it meets a fresh record.",
    leaked_codes,
    reads=(CLASSES, LEAKED_CODES),
    parameters=(*PARAMETERS, COVERAGE),
    templates=(GIVES_AWAY,),
)
