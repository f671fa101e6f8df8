"""Texts of a word or two."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.thin import THIN_TEXTS
from auditor.evidence.given import ROWS
from auditor.evidence.thin import FEWEST_WORDS
from auditor.model import COUNT, PERCENT, CheckReport, Finding, GateId, Severity, Subject, SubjectKind, Template

SAY_LITTLE = Template(
    "say_little",
    "{rows} records ({share}) say less than {fewest} words: a model is right on {right} of them, on {others} of the "
    "others.",
    "Join another column to the text (repeat --text), or leave these records to a person.",
    {"rows": COUNT, "share": PERCENT, "fewest": COUNT, "right": PERCENT, "others": PERCENT},
)


def thin_texts(context: Context) -> CheckReport:
    """Records of a word or two, and how far a model falls behind on them."""
    found = context.results[THIN_TEXTS]
    share = found.rows / len(context.results[ROWS])
    findings: tuple[Finding, ...] = ()
    if share > context["share"] and found.surely_behind > context["behind"]:
        findings = (
            Finding(
                "VOL004",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                SAY_LITTLE.of(
                    rows=found.rows, share=share, fewest=FEWEST_WORDS, right=found.right, others=found.others
                ),
                share,
                context["share"],
                evidence={"rows": found.rows},
            ),
        )
    return CheckReport({"thin_text_share": share, "thin_text_behind": found.others - found.right}, findings)


CHECK = Check(
    "VOL004",
    "thin-texts",
    "Texts of a word or two",
    GateId.VOLUME,
    "What the text does not say no model can learn, and more records of the kind do not help.",
    thin_texts,
    reads=(ROWS, THIN_TEXTS),
    parameters=(
        Parameter("share", 0.05, "house rule (2026): one record in twenty"),
        Parameter("behind", 0.1, "house rule (2026): ten points, beyond noise"),
    ),
    templates=(SAY_LITTLE,),
)
