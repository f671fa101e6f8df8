"""Governance: is it ours to run?"""

from __future__ import annotations

import numpy as np
import polars as pl

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import ROWS
from auditor.evidence.profile import PROFILE
from auditor.limits import Limit
from auditor.model import CheckReport, Finding, GateId, GateStatus, Severity, Subject, SubjectKind
from checks.personal import PATTERNS

MAX_ROW_IDS = 20
MAX_NAMED = 20


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
                    f"{len(hits):,} records hold what looks like {kind}.",
                    share,
                    limit.passes,
                    "Remove or mask them before any record goes to a provider or into training.",
                    {"kind": kind, "rows": len(hits), "row_ids": hits["row_id"][:MAX_ROW_IDS].to_list()},
                )
            )
    any_kind = found.select(pl.any_horizontal(*PATTERNS)).to_series()
    return CheckReport({"personal_data_share": int(any_kind.sum()) / len(rows)}, tuple(findings))


def open_questions(context: Context) -> CheckReport:
    """Counts the questions about the running of a model that audit.toml leaves open."""
    unanswered = [each for each in context.batch.governance if each.open]
    findings: tuple[Finding, ...] = ()
    limit = context.limits["unanswered_questions"]
    if limit.severity(len(unanswered)):
        findings = (
            Finding(
                "GOV003",
                Severity.INFO,
                Subject(SubjectKind.DATASET),
                f"{len(unanswered)} of {len(context.batch.governance)} questions have no answer: "
                f"{'; '.join(each.question for each in unanswered)}.",
                float(len(unanswered)),
                limit.passes,
                "Answer each under [governance] in audit.toml, or say there why it does not apply.",
                {"keys": [each.key for each in unanswered]},
            ),
        )
    return CheckReport({"unanswered_questions": len(unanswered)}, findings)


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
            f"'{classes.shown[code]}' ({classes.counts[code]:,} records) has "
            f"{' and '.join(['no definition'] * bool(bare[code]) + ['too few different examples'] * bool(few[code]))}.",
            float(shares[code]),
            None,
            "Write down what belongs to it and what does not, with examples; people and prompts need it alike.",
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


def point_in_time(context: Context) -> CheckReport:
    """Sets the date of each label beside the date of its text."""
    dated = context.results[ROWS].select("row_id", "time", "label_time").drop_nulls()
    if dated.is_empty():
        raise NotApplicable("no record has both its own date and the date of its label")
    # Days: where one of the dates has an hour and the other has none, hours would tell nothing.
    days = (dated["label_time"].dt.date() - dated["time"].dt.date()).dt.total_days().to_numpy()
    usual = float(np.median(days))
    early, late = days < 0, days > usual + context["days"]
    findings = [
        Finding(
            "GOV005",
            Severity.WARNING,
            Subject(SubjectKind.DATASET),
            message.format(int(rows.sum())),
            float(rows.mean()),
            context["share"],
            remedy,
            {"rows": int(rows.sum()), "row_ids": dated["row_id"].to_numpy()[rows][:MAX_ROW_IDS].tolist()},
        )
        for rows, message, remedy in (
            (
                early,
                "{:,} records are dated after their label: their text may have been written with the answer known.",
                "Export the text as it was when the label was given.",
            ),
            (
                late,
                "{:,} labels were given or changed long after what is usual, more than "
                f"{context['days']:.0f} days beyond the median of {usual:.0f}.",
                "Export the label's first value and date as well; judge whether the change was a correction.",
            ),
        )
        if rows.mean() > context["share"]
    ]
    return CheckReport(
        {
            "text_after_label_share": float(early.mean()),
            "late_label_share": float(late.mean()),
            "usual_label_days": usual,
        },
        tuple(findings),
    )


def record_ids(context: Context) -> CheckReport:
    """Checks that every record can be traced by an id of its own."""
    profile = context.results[PROFILE]
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
)
RECORD_IDS = Check(
    "GOV002",
    "record-ids",
    "An id for every record",
    GateId.GOVERNANCE,
    "A correction must reach the record that it is about.",
    record_ids,
    reads=(PROFILE,),
    needs=frozenset({"id"}),
)
OPEN_QUESTIONS = Check(
    "GOV003",
    "open-questions",
    "Who runs it, and on what terms",
    GateId.GOVERNANCE,
    "A model without an owner, a budget and a plan is out of date before anybody notices.",
    open_questions,
    limits=(
        Limit(
            GateId.GOVERNANCE,
            "unanswered_questions",
            "questions about the running of the model without an answer",
            "{} questions about the running of the model have no answer",
            0,
            None,
            "count",
            "house list (2026), after NIST AI RMF 1.0 (2023) and Gebru et al. 2021",
            "Answer the open questions under [governance] in audit.toml.",
            hours=8,
            missing=GateStatus.CAUTION,
        ),
    ),
)
DEFINED_CLASSES = Check(
    "GOV004",
    "definitions",
    "Definitions and examples of the classes",
    GateId.GOVERNANCE,
    "What is not written down, every annotator and every prompt makes up again.",
    definitions,
    reads=(CLASSES, DEFINITIONS, DUPLICATES),
    parameters=(Parameter("examples", 10, "OpenAI fine-tuning guide (2025): 10 examples at the least"),),
)
POINT_IN_TIME = Check(
    "GOV005",
    "point-in-time",
    "Text before label, label soon after",
    GateId.GOVERNANCE,
    "A text that was finished after its label may hold the answer, which no new record will.",
    point_in_time,
    reads=(ROWS,),
    needs=frozenset({"time", "label_time"}),
    parameters=(
        Parameter("share", 0.01, "house rule (2026): one record in a hundred"),
        Parameter("days", 90, "house rule (2026): a quarter beyond the usual time"),
    ),
)
