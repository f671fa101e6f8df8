"""Classes that a model gives up."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.intervals import share_of_others
from auditor.evidence.classes import CLASSES
from auditor.evidence.surrogate import SURROGATE
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Figure,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

# By how much another classifier finds more or less of a class: between the 0.04 of exports that stay as they are and
# the 0.1 of those that move, benchmarks/results/calibration.md, the half that is there to fit on.
OTHERS_SPREAD = 0.05
MAX_NAMED = 20
GIVEN_UP = Template(
    "given_up",
    "A model finds {found} of '{label}' ({rows} records) and answers it for {answered} of records where {carried} "
    "carry it.",
    "Sharpen its definition against the class it is taken for, collect more, or leave it to prompting.",
    {
        "found": PERCENT,
        "label": Kind.CLASS,
        "rows": COUNT,
        "answered": Figure("share", 1),
        "carried": Figure("share", 1),
    },
)


def class_recall(context: Context) -> CheckReport:
    """Recall of each class out of fold, and the volume of those that the model gives up."""
    classes, predicted = context.results[CLASSES], context.results[SURROGATE].out_of_fold.predicted
    counts = classes.counts
    hits = np.bincount(classes.codes[predicted == classes.codes], minlength=len(classes))
    recall = hits / counts
    starved = recall < context["recall"]
    given, said = counts / counts.sum(), np.bincount(predicted, minlength=len(classes)) / len(predicted)
    # Named is a class that any classifier misses: of a few records half may be missed by chance, or by this one alone.
    surely = [
        (share_of_others(int(hit), int(of), "", 0.0, OTHERS_SPREAD).high or 1.0) < context["recall"]
        for hit, of in zip(hits, counts, strict=True)
    ]
    worst = [int(code) for code in np.flatnonzero(np.array(surely) & ~classes.rare)]
    findings = [
        Finding(
            "PAT001",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[code],)),
            GIVEN_UP.of(
                found=float(recall[code]),
                label=classes.shown[code],
                rows=int(counts[code]),
                answered=float(said[code]),
                carried=float(given[code]),
            ),
            float(recall[code]),
            context["recall"],
        )
        for code in worst[:MAX_NAMED]
    ]
    return CheckReport(
        {
            "macro_recall": float(recall.mean()),
            "starved_classes": int(starved.sum()),
            "starved_volume_share": float(given[starved].sum()),
            "imbalance_ratio": float(counts.max() / max(counts.min(), 1)),
        },
        tuple(findings),
    )


CHECK = Check(
    "PAT001",
    "class-recall",
    "Classes that a model gives up",
    GateId.PATTERNS,
    "Training answers the common classes more often than they occur and the rare ones less.",
    class_recall,
    reads=(CLASSES, SURROGATE),
    parameters=(Parameter("recall", 0.5, "house rule: a class missed more often than found is not served"),),
    limits=(
        Limit(
            GateId.PATTERNS,
            "starved_volume_share",
            "volume in classes that a model misses more often than not",
            "{} of the volume is in classes that a model misses more often than not",
            0.1,
            None,
            "share",
            "house rule (2026)",
            "Merge or redefine the classes that a model misses.",
            hours=16,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(GIVEN_UP,),
)
