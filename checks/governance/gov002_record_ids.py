"""An id for every record."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.evidence.profile import PROFILE
from auditor.model import COUNT, CheckReport, Finding, GateId, Severity, Subject, SubjectKind, Template

REPEATED = Template(
    "repeated",
    "{rows} records repeat the id of an earlier one.",
    "Give each record an id of its own, so that a correction reaches the right one.",
    {"rows": COUNT},
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
                REPEATED.of(rows=profile.rows - profile.distinct_ids),
                repeated,
                0.0,
            ),
        )
    return CheckReport({"repeated_id_share": repeated}, findings)


CHECK = Check(
    "GOV002",
    "record-ids",
    "An id for every record",
    GateId.GOVERNANCE,
    "A correction must reach the record that it is about.",
    record_ids,
    reads=(PROFILE,),
    needs=frozenset({"id"}),
    templates=(REPEATED,),
)
