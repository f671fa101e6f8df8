"""Governance: is it ours to run?"""

from __future__ import annotations

import polars as pl

from auditor.check import Check, Context, Parameter
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

MAX_ROW_IDS = 20

PERSONAL_DATA_PATTERNS = {
    "e-mail addresses": r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}",
    "phone numbers": r"(?:\(\d{3}\) ?|\b\d{3}[-. ])\d{3}[-. ]\d{4}\b",
    "social security numbers": r"\b\d{3}-\d{2}-\d{4}\b",
    "medical record numbers": r"(?i:\bMRN)[:# ]{0,3}\d{5,}",
    "dates of birth": r"(?i:\b(?:dob|date of birth)\b)[:# ]{0,3}\d",
    "names": r"\b(?i:pt|patient|mr|mrs|ms|dr|member|spoke (?:w/|with))\.? [A-Z][a-z]+ [A-Z][a-z]+",
}


def personal_data(context: Context) -> CheckReport:
    """Counts records with patterns of personal data; the values never leave the check."""
    rows = context.evidence.rows
    found = rows.select(
        "row_id",
        *(pl.col("text").str.contains(pattern).alias(kind) for kind, pattern in PERSONAL_DATA_PATTERNS.items()),
    )
    limit = context["share"]
    findings = []
    for kind in PERSONAL_DATA_PATTERNS:
        hits = found.filter(pl.col(kind))
        share = len(hits) / len(rows)
        if share > limit:
            findings.append(
                Finding(
                    "GOV001",
                    Severity.WARNING,
                    Subject(SubjectKind.DATASET, (kind,)),
                    f"{len(hits):,} records hold what looks like {kind}.",
                    share,
                    limit,
                    "Remove or mask them before any record goes to a provider or into training.",
                    {"kind": kind, "rows": len(hits), "row_ids": hits["row_id"][:MAX_ROW_IDS].to_list()},
                )
            )
    any_kind = found.select(pl.any_horizontal(*PERSONAL_DATA_PATTERNS)).to_series()
    return CheckReport({"personal_data_share": int(any_kind.sum()) / len(rows)}, tuple(findings))


def record_ids(context: Context) -> CheckReport:
    """Checks that every record can be traced by an id of its own."""
    profile = context.evidence.profile
    repeated = 1 - profile.distinct_ids / profile.rows
    findings: tuple[Finding, ...] = ()
    if repeated > 0:
        findings = (
            Finding(
                "GOV002",
                Severity.INFO,
                Subject(SubjectKind.COLUMN, (context.batch.roles.id or "",)),
                f"{profile.rows - profile.distinct_ids:,} records repeat the id of an earlier one.",
                repeated,
                0.0,
                "Give each record an id of its own, so that a correction reaches the right one.",
            ),
        )
    return CheckReport({"repeated_id_share": repeated}, findings)


PERSONAL_DATA = Check(
    "GOV001",
    "personal-data",
    "Personal data in the text",
    GateId.GOVERNANCE,
    "What is in the text reaches the provider, the training files and, at worst, the model's answers.",
    personal_data,
    parameters=(Parameter("share", 0.001, "house rule: one record in a thousand"),),
)
RECORD_IDS = Check(
    "GOV002",
    "record-ids",
    "An id for every record",
    GateId.GOVERNANCE,
    "A correction must reach the record that it is about.",
    record_ids,
    needs=frozenset({"id"}),
)
