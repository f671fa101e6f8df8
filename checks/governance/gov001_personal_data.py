"""Personal data in the text."""

from __future__ import annotations

import polars as pl

from auditor.check import Check, Context
from auditor.evidence.given import ROWS
from auditor.limits import Limit
from auditor.model import COUNT, CheckReport, Finding, GateId, GateStatus, Kind, Subject, SubjectKind, Template
from checks.personal import PATTERNS

MAX_ROW_IDS = 20
HOLD = Template(
    "hold",
    "{rows} records hold what looks like {kind}.",
    "Remove or mask them before any record goes to a provider or into training.",
    {"rows": COUNT, "kind": Kind.WORDS},
)


def personal_data(context: Context) -> CheckReport:
    """Counts records with patterns of personal data; the values never leave the check."""
    rows = context.results[ROWS]
    found = rows.select(
        "row_id",
        *(pattern.holds(pl.col("text")).alias(kind) for kind, pattern in PATTERNS.items()),
    )
    limit = context.limits["personal_data_share"]
    findings = []
    for kind in PATTERNS:
        hits = found.filter(pl.col(kind))
        share = len(hits) / len(rows)
        if severity := limit.severity(share):
            findings.append(
                Finding(
                    "GOV001",
                    severity,
                    Subject(SubjectKind.DATASET, (kind,)),
                    HOLD.of(rows=len(hits), kind=kind),
                    share,
                    limit.passes,
                    evidence={"kind": kind, "rows": len(hits), "row_ids": hits["row_id"][:MAX_ROW_IDS].to_list()},
                    measurement=limit.measurement,
                )
            )
    any_kind = found.select(pl.any_horizontal(*PATTERNS)).to_series()
    return CheckReport({"personal_data_share": int(any_kind.sum()) / len(rows)}, tuple(findings))


CHECK = Check(
    "GOV001",
    "personal-data",
    "Personal data in the text",
    GateId.GOVERNANCE,
    "What is in the text reaches the provider, the training files and, at worst, the model's answers.",
    personal_data,
    reads=(ROWS,),
    limits=(
        Limit(
            GateId.GOVERNANCE,
            "personal_data_share",
            "records with what looks like personal data",
            "{} of the records hold what looks like personal data",
            0.001,
            None,
            "share",
            "house rule (2026)",
            "Mask personal data in the text.",
            counted=True,
            hours=16,
            missing=GateStatus.CAUTION,
        ),
    ),
    templates=(HOLD,),
)
