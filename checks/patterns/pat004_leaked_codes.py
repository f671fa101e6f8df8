"""Codes in the text that give the label away."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.leakage import CODE_COVERAGE, LEAKED_CODES
from auditor.limits import Limit
from auditor.model import CheckReport, Finding, GateId, GateStatus, Severity, Subject, SubjectKind
from checks.telling import PARAMETERS

MAX_NAMED = 20


def leaked_codes(context: Context) -> CheckReport:
    """Code-like words that occur in one class only and in much of it, and the accuracy that rests on them."""
    classes = context.results[CLASSES]
    codes, effect = context.results[LEAKED_CODES].words, context.results[LEAKED_CODES].effect
    leaked = np.zeros(len(classes.codes), bool)
    for word in codes:
        leaked[word.rows] = True
    measurements = {"leaked_share": float(leaked.mean()), "leaked_codes": len(codes)}
    rests = ""
    if effect is not None:
        measurements |= {"leaked_accuracy": effect.with_words, "accuracy_without_leaks": effect.without}
        rests = (
            f" A model is right on {100 * effect.with_words:.0f} % of the records with such codes, and on "
            f"{100 * effect.without:.0f} % of them when the codes are taken out."
        )
    findings = tuple(
        Finding(
            "PAT004",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[word.code],)),
            f"The code '{word.word}' stands in {100 * word.coverage:.0f} % of '{classes.shown[word.code]}' "
            f"and almost nowhere else: it gives the label away.{rests}",
            word.precision,
            context["precision"],
            "If the code is written after the decision, remove it from the text; if it is known before, "
            "a rule needs no model.",
            {"term": word.word, "rows": len(word.rows), "coverage": word.coverage, "lift": word.lift},
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
    parameters=(*PARAMETERS, Parameter("coverage", CODE_COVERAGE, "house rule: a third of the class leans on it")),
    limits=(
        Limit(
            GateId.PATTERNS,
            "leaked_share",
            "records whose text holds a code for the label",
            "In {} of the records a code in the text gives the label away",
            0.005,
            None,
            "share",
            "house rule (2026)",
            "Remove the codes that give the label away from the text.",
            counted=True,
            hours=8,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
