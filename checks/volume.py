"""Volume: are there enough different examples, overall and per class?"""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.curve import DOUBLING_ERROR, LEARNING_CURVE
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.intervals import mean_error, share_estimate
from auditor.evidence.shown import CLASS_SHARED_BY
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.limits import Limit
from auditor.model import CheckReport, Estimate, Finding, GateId, GateStatus, Severity, Subject, SubjectKind

MAX_NAMED = 30


def unique_rows(context: Context) -> CheckReport:
    """Counts texts after exact and near duplicates are folded."""
    duplicates = context.results[DUPLICATES]
    n = len(duplicates.near)
    n_exact, n_near = len(np.unique(duplicates.exact)), len(np.unique(duplicates.near))
    share = (n - n_near) / n
    groups = np.bincount(duplicates.near)
    findings = []
    if share > context["near_duplicate_share"]:
        findings.append(
            Finding(
                "VOL001",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"{n - n_near:,} of {n:,} records repeat another one almost word for word, "
                f"so that {n_near:,} different texts remain.",
                share,
                context["near_duplicate_share"],
                "Keep one record of each group, or split by group, before you train or score a model.",
                {"groups": int((groups > 1).sum()), "largest_group": int(groups.max())},
            )
        )
    return CheckReport(
        {
            "rows": n,
            "unique_rows": n_near,
            "exact_duplicate_share": (n - n_exact) / n,
            "near_duplicate_share": share,
        },
        tuple(findings),
        {"near_duplicate_share": share_estimate(n - n_near, n, "MinHash, word sets alike by 0.8 or more")},
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


def learning_curve(context: Context) -> CheckReport:
    """Measures how accuracy grows with rows and what twice the rows would give."""
    curve = context.results[LEARNING_CURVE]
    codes, predicted = context.results[CLASSES].codes, context.results[SURROGATE].out_of_fold.predicted
    method = "surrogate for a trained model in 5 random folds, against given labels"
    now = share_estimate(int((predicted == codes).sum()), len(codes), method)
    estimates = {"accuracy_given_labels": now}
    measurements = {"accuracy_given_labels": now.value}
    findings: tuple[Finding, ...] = ()
    gain = curve.by_twice_the_rows
    if gain is not None:
        # Like with like: all rows against twice as many, both by the law.
        doubled = min(now.value + curve.by_all_rows + gain, 1.0)
        half_width = Z_90 * float(np.hypot(mean_error(predicted == codes), DOUBLING_ERROR))
        estimates["accuracy_doubling_data"] = Estimate(
            doubled,
            max(doubled - half_width, 0.0),
            min(doubled + half_width, 1.0),
            "share",
            "power law on the learning curve",
        )
        measurements |= {
            "doubling_gain": gain,
            "doubling_gain_low": max(gain - Z_90 * DOUBLING_ERROR, 0.0),
            "doubling_gain_high": gain + Z_90 * DOUBLING_ERROR,
        }
        limit = context.limits["doubling_gain"]
        if severity := limit.severity(gain):
            findings = (
                Finding(
                    "VOL003",
                    severity,
                    Subject(SubjectKind.DATASET),
                    f"Accuracy still rises with more rows: twice as many would add about {100 * gain:.0f} points.",
                    gain,
                    limit.passes,
                    "Collect more labelled records before you pay for training.",
                ),
            )
    return CheckReport(measurements, findings, estimates)


UNIQUE_ROWS = Check(
    "VOL001",
    "unique-rows",
    "Different texts after near duplicates",
    GateId.VOLUME,
    "A template filed a thousand times teaches as much as one record, and makes scores look better than they are.",
    unique_rows,
    reads=(DUPLICATES,),
    parameters=(Parameter("near_duplicate_share", 0.02, "house rule; Lee et al. 2022 find 3 to 14 % in web corpora"),),
    limits=(
        Limit(
            GateId.VOLUME,
            "unique_rows",
            "different records",
            "There are {} different records",
            1000,
            200,
            "count",
            "house rule (2026): under 200 no gate below can be measured",
            "Collect more different records.",
            higher_is_better=True,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
CLASS_COUNTS = Check(
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
ACCURACY_BY_ROWS = Check(
    "VOL003",
    "learning-curve",
    "Accuracy against training rows",
    GateId.VOLUME,
    "A curve that still rises says that labelling more is worth more than training now.",
    learning_curve,
    reads=(CLASSES, LEARNING_CURVE, SURROGATE),
    limits=(
        Limit(
            GateId.VOLUME,
            "doubling_gain",
            "accuracy that twice the records would add",
            "Twice the records would add {} of accuracy",
            0.03,
            0.08,
            "points",
            "house rule (2026): material margin of 3 points",
            "Label more records before training.",
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
