"""Patterns: words in the text that give the label away."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.leakage import CODE_COVERAGE, LEAKED_CODES, PRECISION, TELLING_WORDS, WORD_COVERAGE, TellingWord
from auditor.evidence.shown import SHARED_BY
from auditor.limits import Limit
from auditor.model import CheckReport, Finding, GateId, GateStatus, Severity, Subject, SubjectKind

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
            f"The word '{word.word}' alone finds {100 * word.coverage:.0f} % of '{classes.shown[code]}', and "
            f"{100 * word.precision:.0f} % of the records with it belong there.",
            word.precision,
            context["precision"],
            "Check that the word is written before the decision. If it is, a rule serves these records untrained.",
            {"term": word.word, "rows": len(word.rows), "coverage": word.coverage, "lift": word.lift},
        )
        for code, word in list(best.items())[:MAX_NAMED]
    )
    return CheckReport({"told_share": float(told.mean()), "told_classes": len(best)}, findings)


PARAMETERS = (
    Parameter("rows", SHARED_BY, "house rule: fewer different records could be told apart by the word"),
    Parameter("precision", PRECISION, "house rule: leaves room for label noise"),
)
CODES = Check(
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
WORDS = Check(
    "PAT007",
    "telling-words",
    "Words that decide the label alone",
    GateId.PATTERNS,
    "What one word decides needs no training, and a word written after the decision misleads a model.",
    telling_words,
    reads=(CLASSES, TELLING_WORDS),
    parameters=(*PARAMETERS, Parameter("coverage", WORD_COVERAGE, "house rule: half of the class holds it")),
)
