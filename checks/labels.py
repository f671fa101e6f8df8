"""Labels: can they be trusted?"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA

from auditor.check import Check, Context, Parameter
from auditor.evidence.agreement import AGREEMENT
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import ROWS
from auditor.evidence.intervals import share_estimate
from auditor.evidence.label_issues import ANCHOR_NOISE, LABEL_ISSUES
from auditor.evidence.surrogate import SURROGATE
from auditor.limits import Limit
from auditor.model import CheckReport, Estimate, Finding, GateId, GateStatus, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes

MAX_NAMED = 30
MAX_CLASSES = 10
MIN_WRONG = 50
SHORTEST_STEM = 4
MAX_ROW_IDS = 20


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
                f"About {100 * bound.value:.0f} % of the labels look wrong, judged by {bound.method}; "
                f"{int(issues.flagged.sum()):,} records are listed for a second look.",
                bound.value,
                limit.passes,
                "Have the listed records judged again, most suspicious first (rows.parquet, label_quality).",
                {"anchors": context.results[ANCHOR_NOISE].anchors, "flagged": int(issues.flagged.sum())},
            )
        )
        findings += _noisy_classes(context.results[ANCHOR_NOISE].flow, classes, limit.passes)
    return CheckReport(
        {
            "label_noise_rate": bound.value,
            "flagged_share": float(issues.flagged.mean()),
            "confident_joint_share": issues.off_diagonal_share,
            "confident_joint_low": issues.off_diagonal_low,
        },
        tuple(findings),
        # The model shares the annotators' mistakes, so the data gives no upper bound.
        {
            "label_noise_rate": replace(bound, high=None),
            "accuracy_true_labels": _accuracy_true_labels(context, bound.value),
        },
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


def _accuracy_true_labels(context: Context, noise: float) -> Estimate:
    """The range that the data alone allows; a fresh sheet (LAB005) replaces it."""
    agrees = context.results[SURROGATE].out_of_fold.accuracy(context.results[CLASSES].codes)
    value = min(agrees / (1 - noise), 1.0) if noise < 1 else 1.0
    return Estimate(
        value,
        None,
        max(min(agrees + float(context.results[LABEL_ISSUES].flagged.mean()), 1.0), value),
        "share",
        "agreement with the given labels, if mistakes were random and as rare as the noise rate's lower bound; "
        "a fresh sheet gives an interval",
    )


def _noisy_classes(flow: NDArray[np.float64], classes: Classes, limit: float) -> list[Finding]:
    wrong = flow.sum(axis=1)
    rates = np.minimum(wrong / classes.counts, 1)
    likely = flow.argmax(axis=1)
    return [
        Finding(
            "LAB001",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[code], classes.shown[likely[code]])),
            f"About {100 * rates[code]:.0f} % of the records filed under '{classes.shown[code]}' belong to "
            f"another class, most often '{classes.shown[likely[code]]}'.",
            float(rates[code]),
            limit,
            "Have this class judged first.",
        )
        for code in np.argsort(-wrong)[:MAX_CLASSES]
        if rates[code] > 3 * limit and wrong[code] >= MIN_WRONG
    ]


def conflicting_duplicates(context: Context) -> CheckReport:
    """Finds equal texts that are filed under different classes."""
    codes, exact = context.results[CLASSES].codes, context.results[DUPLICATES].exact
    conflicting = context.results[DUPLICATES].conflicting(codes)
    rate = float(conflicting.mean())
    duplicated = np.bincount(exact)[exact] > 1
    findings = []
    limit = context.limits["conflict_rate"]
    if severity := limit.severity(rate):
        row_ids = context.results[ROWS]["row_id"].to_numpy()[conflicting][:MAX_ROW_IDS]
        findings.append(
            Finding(
                "LAB002",
                severity,
                Subject(SubjectKind.DATASET),
                f"{int(conflicting.sum()):,} records have the same text as another one but a different label.",
                rate,
                limit.passes,
                "Decide each group once; write the rule into the definition of the class.",
                {
                    "rows": int(conflicting.sum()),
                    "groups": len(np.unique(exact[conflicting])),
                    "row_ids": row_ids.tolist(),
                    "share_of_duplicated_rows": float(conflicting.sum() / max(duplicated.sum(), 1)),
                },
            )
        )
    return CheckReport(
        {
            "conflict_rate": rate,
            "near_conflict_rate": float(context.results[DUPLICATES].near_conflicting(codes).mean()),
            "duplicate_noise_bound": context.results[DUPLICATES].wrong_at_least(codes) / len(codes),
            "near_duplicate_noise_bound": context.results[DUPLICATES].near_wrong_at_least(codes) / len(codes),
        },
        tuple(findings),
        {"conflict_rate": share_estimate(int(conflicting.sum()), len(codes), "equal texts under different labels")},
    )


def label_spelling(context: Context) -> CheckReport:
    """Finds labels that differ only in case, white space or one letter."""
    classes = context.results[CLASSES]
    spelled = {name: forms for name, forms in classes.spellings.items() if len(forms) > 1 or next(iter(forms)) != name}
    # A rare name may be shown as a spelling of a class that is not rare.
    rare = {name for name, few in zip(classes.names, classes.rare, strict=True) if few}
    n = int(classes.counts.sum())
    variant_rows = sum(sum(forms.values()) - max(forms.values()) for forms in spelled.values())
    findings = [
        Finding(
            "LAB003",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (name,)),
            f"'{name}' is spelled in {len(forms)} ways that differ in case, white space, zeros or look-alike letters.",
            float(len(forms)),
            1.0,
            "Fold the spellings at the source; the audit has counted them as one class.",
            {"spellings": dict(list(forms.items())[:MAX_NAMED])},
        )
        for name, forms in [(name, forms) for name, forms in spelled.items() if name not in rare][:MAX_NAMED]
    ]
    alike = [
        (a, b)
        for a, b in combinations(classes.names, 2)
        if min(len(a), len(b)) >= context["look_alike_length"] and _look_alike(a, b)
    ]
    findings += [
        Finding(
            "LAB003",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, pair),
            f"'{pair[0]}' and '{pair[1]}' look like one name spelled twice.",
            1.0,
            1.0,
            "Merge them if they mean the same.",
        )
        for pair in [pair for pair in alike if not rare.issuperset(pair)][:MAX_NAMED]
    ]
    return CheckReport(
        {
            "variant_rows_share": variant_rows / n,
            "respelled_classes": len(spelled),
            "look_alike_pairs": len(alike),
        },
        tuple(findings),
    )


def _look_alike(left: str, right: str) -> bool:
    """One typing error or an abbreviation apart, and not two of a numbered series such as CWE-19 and CWE-119."""
    a, b = left.casefold(), right.casefold()
    if "".join(filter(str.isdigit, a)) != "".join(filter(str.isdigit, b)):
        return False
    letters = ["".join(filter(str.isalnum, name)) for name in (a, b)]
    return letters[0] == letters[1] or OSA.distance(*letters, score_cutoff=1) <= 1 or _abbreviates(a, b)


def _abbreviates(left: str, right: str) -> bool:
    """Word by word the same or, from four letters on, the start of the other: "auth expired"."""
    words = list(zip(left.split(), right.split(), strict=False))
    return len(left.split()) == len(right.split()) and all(
        a == b or (min(len(a), len(b)) >= SHORTEST_STEM and (a.startswith(b) or b.startswith(a))) for a, b in words
    )


DOUBTED_LABELS = Check(
    "LAB001",
    "label-issues",
    "Labels that the out-of-fold model doubts",
    GateId.LABELS,
    "A model trained on wrong labels is scored on them too, so that the damage stays hidden.",
    label_issues,
    reads=(CLASSES, ANCHOR_NOISE, LABEL_ISSUES, SURROGATE),
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
        ),
    ),
)
CONFLICTING_DUPLICATES = Check(
    "LAB002",
    "conflicting-duplicates",
    "Equal texts under different labels",
    GateId.LABELS,
    "Where the same text has two labels, one of them is wrong or the text does not decide the class.",
    conflicting_duplicates,
    reads=(CLASSES, ROWS, DUPLICATES),
    limits=(
        Limit(
            GateId.LABELS,
            "conflict_rate",
            "records whose text has two labels",
            "{} of the records have the same text as a record with another label",
            0.02,
            None,
            "share",
            "house rule (2026); it fails nothing, as a text that does not decide its class is no wrong label "
            "(readiness benchmark, 2026)",
            "Decide each group of equal texts once.",
            counted=True,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
LABEL_SPELLING = Check(
    "LAB003",
    "label-spelling",
    "Labels spelled in several ways",
    GateId.LABELS,
    "Two spellings of a label are two classes to a model.",
    label_spelling,
    reads=(CLASSES,),
    parameters=(Parameter("look_alike_length", 6, "house rule: shorter names differ by a letter on purpose"),),
)
