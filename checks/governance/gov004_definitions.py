"""Definitions and examples of the classes."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.duplicates import DUPLICATES
from auditor.model import COUNT, CheckReport, Finding, GateId, Kind, OneOf, Severity, Subject, SubjectKind, Template

MAX_NAMED = 20
LACKS = Template(
    "lacks",
    "'{label}' ({rows} records) has {lacks}.",
    "Write down what belongs to it and what does not, with examples; people and prompts need it alike.",
    {
        "label": Kind.CLASS,
        "rows": COUNT,
        "lacks": OneOf(
            {
                "definition": "no definition",
                "examples": "too few different examples",
                "both": "no definition and too few different examples",
            }
        ),
    },
)


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
            LACKS.of(
                label=classes.shown[code],
                rows=int(classes.counts[code]),
                lacks="both" if bare[code] and few[code] else "definition" if bare[code] else "examples",
            ),
            float(shares[code]),
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
    templates=(LACKS,),
)
