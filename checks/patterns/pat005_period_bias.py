"""Labelling habits of one period."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.evidence.churn import CLASS_EVENTS
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.sources import PERIOD_HABITS
from auditor.model import CheckReport, GateId, Severity
from checks.source_bias import FILED_APART, bias_finding

MAX_NAMED = 20


def period_habits(context: Context) -> CheckReport:
    """Class pairs that one period files unlike the periods before and after it."""
    names = context.results[CLASSES].shown
    # A class that is born or dies is taxonomy churn, which STA003 reports.
    churned = {event.code for event in context.results[CLASS_EVENTS]}
    habits = [h for h in context.results[PERIOD_HABITS] if not churned & {h.given, h.expected}]
    row_ids = context.results[ROWS]["row_id"].to_numpy()
    findings = [bias_finding("PAT005", Severity.WARNING, habit, names, row_ids) for habit in habits[:MAX_NAMED]]
    rows = sum(len(habit.rows) for habit in habits)
    return CheckReport({"period_habits": len(habits), "period_habit_share": rows / len(row_ids)}, tuple(findings))


CHECK = Check(
    "PAT005",
    "period-habits",
    "Labelling habits of one period",
    GateId.PATTERNS,
    "A clerk who stays for a quarter, or a rule that held for a year, leaves labels that no later model should learn.",
    period_habits,
    reads=(CLASSES, ROWS, CLASS_EVENTS, PERIOD_HABITS),
    needs=frozenset({"time"}),
    templates=(FILED_APART,),
)
