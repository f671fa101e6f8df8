"""Equal texts under different labels."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.estimators.intervals import share_estimate
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import ROWS
from auditor.limits import Limit
from auditor.model import COUNT, CheckReport, Finding, GateId, GateStatus, Subject, SubjectKind, Template

MAX_ROW_IDS = 20
CONFLICT = Template(
    "conflict",
    "{rows} records have the same text as another one but a different label.",
    "Decide each group once; write the rule into the definition of the class.",
    {"rows": COUNT},
)


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
                CONFLICT.of(rows=int(conflicting.sum())),
                rate,
                limit.passes,
                evidence={
                    "rows": int(conflicting.sum()),
                    "groups": len(np.unique(exact[conflicting])),
                    "row_ids": row_ids.tolist(),
                    "share_of_duplicated_rows": float(conflicting.sum() / max(duplicated.sum(), 1)),
                },
                measurement=limit.measurement,
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


CHECK = Check(
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
    templates=(CONFLICT,),
)
