"""Who runs it, and on what terms."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    CheckReport,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Listed,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

OPEN = Template(
    "open",
    "{open} of {questions} questions have no answer: {listed}.",
    "Answer each under [governance] in audit.toml, or say there why it does not apply.",
    {
        "open": COUNT,
        "questions": COUNT,
        "listed": Listed("{question}", {"question": Kind.WORDS}, between="; ", last="; "),
    },
)


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
                OPEN.of(
                    open=len(unanswered),
                    questions=len(context.batch.governance),
                    listed=[{"question": each.question} for each in unanswered],
                ),
                float(len(unanswered)),
                limit.passes,
                evidence={"keys": [each.key for each in unanswered]},
            ),
        )
    return CheckReport({"unanswered_questions": len(unanswered)}, findings)


CHECK = Check(
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
    templates=(OPEN,),
)
