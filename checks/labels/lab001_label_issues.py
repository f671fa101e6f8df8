"""Labels that the out-of-fold model doubts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context
from auditor.estimators.agreement import AGREEMENT
from auditor.estimators.intervals import share_estimate
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.evidence.classes import CLASSES
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Estimate,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes

MAX_CLASSES = 10
MIN_WRONG = 50
LOOK_WRONG = Template(
    "look_wrong",
    "About {rate} of the labels look wrong, judged by {judged_by}; {listed} records are listed for a second look.",
    "Have the listed records judged again, most suspicious first (rows.parquet, label_quality).",
    {"rate": PERCENT, "judged_by": Kind.WORDS, "listed": COUNT},
)
NOISY_CLASS = Template(
    "noisy_class",
    "About {rate} of the records filed under '{label}' belong to another class, most often '{most_often}'.",
    "Have this class judged first.",
    {"rate": PERCENT, "label": Kind.CLASS, "most_often": Kind.CLASS},
)


def label_issues(context: Context) -> CheckReport:
    """Lists the labels that the out-of-fold model doubts, and estimates how many labels look wrong."""
    issues, classes = context.results[LABEL_ISSUES], context.results[CLASSES]
    bound = _largest_bound(context)
    findings: list[Finding] = []
    limit = context.limits["label_noise_rate"]
    if severity := limit.severity(bound.value):
        findings.append(
            Finding(
                "LAB001",
                severity,
                Subject(SubjectKind.DATASET),
                LOOK_WRONG.of(rate=bound.value, judged_by=bound.method, listed=int(issues.flagged.sum())),
                bound.value,
                limit.passes,
                evidence={"anchors": context.results[ANCHOR_NOISE].anchors, "flagged": int(issues.flagged.sum())},
                measurement=limit.measurement,
            )
        )
        findings += _noisy_classes(context.results[ANCHOR_NOISE].flow, classes, limit.passes)
    return CheckReport(
        {
            "label_noise_rate": bound.value,
            # The model shares the annotators' mistakes, so the data gives no upper end.
            "label_noise_low": bound.low or 0.0,
            "flagged_share": float(issues.flagged.mean()),
            "confident_joint_share": issues.off_diagonal_share,
            "confident_joint_low": issues.off_diagonal_low,
        },
        tuple(findings),
        {"label_noise_rate": replace(bound, high=None)},
    )


def _largest_bound(context: Context) -> Estimate:
    """Each of these is a lower bound on the share of wrong labels, so the largest is the best one.

    Equal texts with different labels are none: where texts are short or coded they do not decide the class.
    """
    results, n = context.results, len(context.results[CLASSES].codes)
    anchors = results[ANCHOR_NOISE]
    bounds = [share_estimate(anchors.wrong, anchors.anchors, "the records whose class is clearest")]
    if agreement := results.get(AGREEMENT):
        bounds.append(share_estimate(agreement.wrong, n, "annotators who labelled the same record"))
    return max(bounds, key=lambda bound: bound.value)


def _noisy_classes(flow: NDArray[np.float64], classes: Classes, limit: float) -> list[Finding]:
    wrong = flow.sum(axis=1)
    rates = np.minimum(wrong / classes.counts, 1)
    likely = flow.argmax(axis=1)
    return [
        Finding(
            "LAB001",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[code], classes.shown[likely[code]])),
            NOISY_CLASS.of(rate=float(rates[code]), label=classes.shown[code], most_often=classes.shown[likely[code]]),
            float(rates[code]),
            limit,
        )
        for code in np.argsort(-wrong)[:MAX_CLASSES]
        if rates[code] > 3 * limit and wrong[code] >= MIN_WRONG
    ]


CHECK = Check(
    "LAB001",
    "label-issues",
    "Labels that the out-of-fold model doubts",
    GateId.LABELS,
    "A model trained on wrong labels is scored on them too, so that the damage stays hidden.",
    label_issues,
    reads=(CLASSES, ANCHOR_NOISE, LABEL_ISSUES),
    may=(AGREEMENT,),
    limits=(
        Limit(
            GateId.LABELS,
            "label_noise_rate",
            "labels that look wrong",
            "About {} of the labels look wrong",
            0.05,
            0.12,
            "share",
            "Northcutt et al. 2021: 3.4 % on average in well-known test sets; readiness benchmark (2026): 10 % "
            "wrong at random cost training 1 to 2 points, 15 % cost 3",
            "Have the flagged records judged again, most suspicious first.",
            counted=True,
            missing=GateStatus.UNKNOWN,
            needs="a fresh sheet",
        ),
    ),
    templates=(LOOK_WRONG, NOISY_CLASS),
)
