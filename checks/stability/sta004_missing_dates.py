"""Records without a readable date."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.check import Check, Context, Parameter
from auditor.estimators.undated import undated_source
from auditor.evidence.dates import lacking
from auditor.evidence.given import ROWS, STRAY_DATES
from auditor.evidence.shown import PEOPLE
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Field,
    Finding,
    GateId,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

_COUNTS: Mapping[str, Field] = {"missing": COUNT, "unreadable": COUNT, "strays": COUNT}
_LEFT_OUT = (
    "{missing} records have no date and {unreadable} have one that cannot be read",
    ", and {strays} lie five years or more from all others, as placeholders do",
    "; the backtest leaves them out.",
)
_REMEDY = "Fill the dates at the source."
UNDATED = Template(
    "undated",
    (*_LEFT_OUT, " They come from all sources alike, as far as the columns tell."),
    _REMEDY,
    _COUNTS,
)
UNDATED_AT_SOURCE = Template(
    "undated_at_source",
    (
        *_LEFT_OUT,
        " {of_undated} of them come from {column} '{value}', where {lack} lack a date: what is said about time does "
        "not hold there.",
    ),
    _REMEDY,
    {**_COUNTS, "of_undated": PERCENT, "column": Kind.COLUMN, "value": Kind.VALUE, "lack": PERCENT},
)


def missing_dates(context: Context) -> CheckReport:
    """Counts records that no time question can use."""
    intake, strays = context.batch.intake, context.results[STRAY_DATES]
    undated = (intake.missing_date + intake.unreadable_date + strays) / intake.rows_read
    findings: tuple[Finding, ...] = ()
    if undated > context["undated_share"]:
        source = undated_source(lacking(context.results[ROWS], context.batch.segments, context.results[PEOPLE]))
        left_out = {"missing": intake.missing_date, "unreadable": intake.unreadable_date, "strays": strays or None}
        findings = (
            Finding(
                "STA004",
                Severity.WARNING,
                Subject(SubjectKind.COLUMN, (context.batch.roles.time or "",)),
                UNDATED.of(**left_out)
                if source is None
                else UNDATED_AT_SOURCE.of(
                    **left_out,
                    of_undated=source.of_undated,
                    column=source.column,
                    value=source.value,
                    lack=source.share,
                ),
                undated,
                context["undated_share"],
                evidence={"stray_dates": strays},
            ),
        )
    return CheckReport({"undated_share": undated}, findings)


CHECK = Check(
    "STA004",
    "missing-dates",
    "Records without a readable date",
    GateId.STABILITY,
    "Records without a date cannot say whether the past predicts the future.",
    missing_dates,
    reads=(ROWS, PEOPLE, STRAY_DATES),
    needs=frozenset({"time"}),
    parameters=(Parameter("undated_share", 0.01, "house rule"),),
    templates=(UNDATED, UNDATED_AT_SOURCE),
)
