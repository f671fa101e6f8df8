"""Examples per class."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.limits import Limit
from auditor.model import (
    CLASS_SHARED_BY,
    COUNT,
    CheckReport,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

MAX_NAMED = 30
FEW_EXAMPLES = Template(
    "few_examples",
    "'{label}' has {examples} different examples.",
    "Collect more examples, merge it with a class that is handled alike, or leave it to prompting.",
    {"label": Kind.CLASS, "examples": COUNT},
)
RARE_CLASSES = Template(
    "rare_classes",
    "{classes} classes have fewer than {least} records each; rows.parquet names them.",
    "Merge them with classes that are handled alike, or leave them to prompting.",
    {"classes": COUNT, "least": COUNT},
)


def class_counts(context: Context) -> CheckReport:
    """Counts different examples per class and the volume that well-stocked classes carry."""
    classes = context.results[CLASSES]
    unique = context.results[DUPLICATES].different(classes.codes, len(classes))
    enough = unique >= context["examples_per_class"]
    volume = classes.counts / classes.counts.sum()
    short = np.flatnonzero(~enough)
    findings = [
        Finding(
            "VOL002",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[code],)),
            FEW_EXAMPLES.of(label=classes.shown[code], examples=int(unique[code])),
            float(unique[code]),
            context["examples_per_class"],
        )
        for code in short[~classes.rare[short]][:MAX_NAMED]
    ]
    if rare := int(classes.rare[short].sum()):
        findings.append(
            Finding(
                "VOL002",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                RARE_CLASSES.of(classes=rare, least=CLASS_SHARED_BY),
                float(rare),
                0.0,
            )
        )
    return CheckReport(
        {
            "classes": len(classes),
            "short_classes": len(short),
            "covered_volume_share": float(volume[enough].sum()),
            "largest_class_share": float(volume.max()),
        },
        tuple(findings),
    )


CHECK = Check(
    "VOL002",
    "class-counts",
    "Examples per class",
    GateId.VOLUME,
    "A class with few examples is not learned; prompting with its definition serves it better.",
    class_counts,
    reads=(CLASSES, DUPLICATES),
    parameters=(Parameter("examples_per_class", 50, "OpenAI fine-tuning guide (2025): start with 50 good examples"),),
    limits=(
        Limit(
            GateId.VOLUME,
            "covered_volume_share",
            "volume in classes with 50 or more examples",
            "{} of the volume is in classes with 50 or more examples",
            0.9,
            None,
            "share",
            "OpenAI fine-tuning guide (2025): start with 50 good examples; it fails nothing, as training paid off"
            " below it (readiness benchmark, 2026)",
            "Collect examples for the small classes, or merge them.",
            higher_is_better=True,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(FEW_EXAMPLES, RARE_CLASSES),
)
