"""Examples per class."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.shown import CLASS_SHARED_BY
from auditor.limits import Limit
from auditor.model import CheckReport, Finding, GateId, GateStatus, Severity, Subject, SubjectKind

MAX_NAMED = 30


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
            f"'{classes.shown[code]}' has {unique[code]:,} different examples.",
            float(unique[code]),
            context["examples_per_class"],
            "Collect more examples, merge it with a class that is handled alike, or leave it to prompting.",
        )
        for code in short[~classes.rare[short]][:MAX_NAMED]
    ]
    if rare := int(classes.rare[short].sum()):
        findings.append(
            Finding(
                "VOL002",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"{rare:,} classes have fewer than {CLASS_SHARED_BY} records each; rows.parquet names them.",
                float(rare),
                0.0,
                "Merge them with classes that are handled alike, or leave them to prompting.",
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
)
