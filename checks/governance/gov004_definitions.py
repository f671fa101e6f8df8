"""Definitions and examples of the classes."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.duplicates import DUPLICATES
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

MAX_NAMED = 20


def definitions(context: Context) -> CheckReport:
    """How much of the volume is in classes with a definition and enough different examples."""
    results = context.results
    found, classes = results[DEFINITIONS], results[CLASSES]
    shares = classes.counts / classes.counts.sum()
    bare = np.zeros(len(classes), bool)
    bare[[*found.undefined, *found.unknown]] = True
    few = results[DUPLICATES].different(results[CLASSES].codes, len(classes)) < context["examples"]
    findings = [
        Finding(
            "GOV004",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[code],)),
            f"'{classes.shown[code]}' ({classes.counts[code]:,} records) has "
            f"{' and '.join(['no definition'] * bool(bare[code]) + ['too few different examples'] * bool(few[code]))}.",
            float(shares[code]),
            None,
            "Write down what belongs to it and what does not, with examples; people and prompts need it alike.",
        )
        for code in np.flatnonzero((bare | few) & ~classes.rare)[:MAX_NAMED]
    ]
    return CheckReport(
        {
            "defined_volume_share": float(shares[~bare].sum()),
            "defined_classes_share": float((~bare).mean()),
            "classes_without_examples": int(few.sum()),
        },
        tuple(findings),
    )


CHECK = Check(
    "GOV004",
    "definitions",
    "Definitions and examples of the classes",
    GateId.GOVERNANCE,
    "What is not written down, every annotator and every prompt makes up again.",
    definitions,
    reads=(CLASSES, DEFINITIONS, DUPLICATES),
    parameters=(Parameter("examples", 10, "OpenAI fine-tuning guide (2025): 10 examples at the least"),),
)
