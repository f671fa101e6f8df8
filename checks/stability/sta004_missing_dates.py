"""Records without a readable date."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.evidence.dates import undated_source
from auditor.evidence.given import ROWS, STRAY_DATES
from auditor.model import (
    CheckReport,
    Finding,
    GateId,
    Severity,
    Subject,
    SubjectKind,
)


def missing_dates(context: Context) -> CheckReport:
    """Counts records that no time question can use."""
    intake, strays = context.batch.intake, context.results[STRAY_DATES]
    undated = (intake.missing_date + intake.unreadable_date + strays) / intake.rows_read
    findings: tuple[Finding, ...] = ()
    if undated > context["undated_share"]:
        findings = (
            Finding(
                "STA004",
                Severity.WARNING,
                Subject(SubjectKind.COLUMN, (context.batch.roles.time or "",)),
                f"{intake.missing_date:,} records have no date and {intake.unreadable_date:,} have one that "
                f"cannot be read{_strays(strays)}; the backtest leaves them out. {_where(context)}",
                undated,
                context["undated_share"],
                "Fill the dates at the source.",
                {"stray_dates": strays},
            ),
        )
    return CheckReport({"undated_share": undated}, findings)


def _strays(count: int) -> str:
    return f", and {count:,} lie five years or more from all others, as placeholders do" if count else ""


def _where(context: Context) -> str:
    source = undated_source(context.results[ROWS], context.batch.segments)
    if source is None:
        return "They come from all sources alike, as far as the columns tell."
    return (
        f"{100 * source.of_undated:.0f} % of them come from {source.column} '{source.value}', where "
        f"{100 * source.share:.0f} % lack a date: what is said about time does not hold there."
    )


CHECK = Check(
    "STA004",
    "missing-dates",
    "Records without a readable date",
    GateId.STABILITY,
    "Records without a date cannot say whether the past predicts the future.",
    missing_dates,
    reads=(ROWS, STRAY_DATES),
    needs=frozenset({"time"}),
    parameters=(Parameter("undated_share", 0.01, "house rule"),),
)
