"""Records of one patient, account or claim."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.together import TOGETHER, Together
from auditor.evidence.groups import KIN
from auditor.interval import Z_90
from auditor.model import (
    COUNT,
    CheckReport,
    Figure,
    Finding,
    GateId,
    Kind,
    Said,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

RIGHT, FALLS = Figure("share", 1), Figure("points", 1)
KEPT = Template(
    "kept_together",
    (
        "Kept together by {column}, a model gets {together} right; with records of one group both in what it learns "
        "from and in what it is asked, {apart}.",
        " {near_apart}",
    ),
    "Split by group, too, when you train and score a model.",
    {"column": Kind.COLUMN, "together": RIGHT, "apart": RIGHT, "near_apart": Kind.WORDS},
)
NEAR_APART = "Near duplicates in different groups stay apart: they would tie most groups to one."
ASKED = Template(
    "looks_like_groups",
    "Values of {column} repeat as those of a patient or account do: kept together, accuracy falls by {falls}: "
    "--group {column} settles it.",
    "Pass --group {column} where new records come from others than those in the export.",
    {"column": Kind.COLUMN, "falls": FALLS},
)
NEAR = Template(
    "near_duplicates_together",
    "{rows} records are near duplicates of others: kept together, accuracy falls by {falls}.",
    "Keep one record of each, if new records will not repeat them.",
    {"rows": COUNT, "falls": FALLS},
)


def kept_together(context: Context) -> CheckReport:
    """How far accuracy falls where the records of one group are all in what is learnt from or all in what is asked."""
    kin = context.results[KIN]
    given = next((each for each in context.results[TOGETHER] if each.given), None)
    tried = [each for each in context.results[TOGETHER] if not each.given]
    if given is not None:
        note = NEAR_APART if kin.near_apart else None
        said = KEPT.of(column=given.column, together=given.together, apart=given.apart, near_apart=note)
        measurements = {
            "groups": given.groups,
            "grouped_share": given.rows / len(kin.groups),
            "accuracy_apart": given.apart,
            "accuracy_together": given.together,
        }
        return CheckReport(measurements, (_finding(given, said),))
    news = (each for each in tried if each.falls >= context["falls"] and each.falls > Z_90 * each.error)
    near = next((each for each in tried if each.column is None), None)
    measured = {} if near is None else {"falls_with_near_duplicates": near.falls}
    return CheckReport(measured, tuple(_finding(each, _asked(each)) for each in news))


def _asked(found: Together) -> Said:
    if found.column is None:
        return NEAR.of(rows=found.rows, falls=found.falls)
    return ASKED.of(column=found.column, falls=found.falls)


def _finding(found: Together, said: Said) -> Finding:
    subject = Subject(SubjectKind.DATASET) if found.column is None else Subject(SubjectKind.COLUMN, (found.column,))
    evidence = {"groups": found.groups, "rows": found.rows, "apart": found.apart, "together": found.together}
    return Finding("PAT009", Severity.INFO, subject, said, found.falls, evidence=evidence)


CHECK = Check(
    "PAT009",
    "kept-together",
    "Records of one patient, account or claim",
    GateId.PATTERNS,
    "A model that has seen a patient's other records looks better on them than it will be on a new patient's.",
    kept_together,
    reads=(KIN, TOGETHER),
    parameters=(Parameter("falls", 0.01, "house rule (2026): one point, beyond noise at 90 %"),),
    templates=(KEPT, ASKED, NEAR),
)
