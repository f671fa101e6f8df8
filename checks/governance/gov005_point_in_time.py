"""Text before label, label soon after."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.given import ROWS
from auditor.model import COUNT, CheckReport, Figure, Finding, GateId, Severity, Subject, SubjectKind, Template

MAX_ROW_IDS = 20
AFTER_LABEL = Template(
    "after_label",
    "{rows} records are dated after their label: their text may have been written with the answer known.",
    "Export the text as it was when the label was given.",
    {"rows": COUNT},
)
LATE_LABEL = Template(
    "late_label",
    "{rows} labels were given or changed long after what is usual, more than {beyond} beyond the median of {usual}.",
    "Export the label's first value and date as well; judge whether the change was a correction.",
    {"rows": COUNT, "beyond": Figure("days", 0), "usual": Figure("number", 0)},
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
            said,
            float(rows.mean()),
            context["share"],
            evidence={"rows": int(rows.sum()), "row_ids": dated["row_id"].to_numpy()[rows][:MAX_ROW_IDS].tolist()},
        )
        for rows, said in (
            (early, AFTER_LABEL.of(rows=int(early.sum()))),
            (late, LATE_LABEL.of(rows=int(late.sum()), beyond=context["days"], usual=usual)),
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


CHECK = Check(
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
    templates=(AFTER_LABEL, LATE_LABEL),
)
