"""Label bias of one period."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.estimators.churn import CLASS_EVENTS
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.sources import PERIOD_BIAS
from auditor.model import CheckReport, GateId, Severity
from checks.source_bias import FILED_APART, bias_finding

MAX_NAMED = 20


def period_bias(context: Context) -> CheckReport:
    """Class pairs that one period files unlike the periods before and after it."""
    names = context.results[CLASSES].shown
    # A class that is born or dies is taxonomy churn, which STA003 reports.
    churned = {event.code for event in context.results[CLASS_EVENTS]}
    biases = [h for h in context.results[PERIOD_BIAS] if not churned & {h.given, h.expected}]
    row_ids = context.results[ROWS]["row_id"].to_numpy()
    findings = [bias_finding("PAT005", Severity.WARNING, bias, names, row_ids) for bias in biases[:MAX_NAMED]]
    rows = sum(len(bias.rows) for bias in biases)
    return CheckReport({"period_habits": len(biases), "period_habit_share": rows / len(row_ids)}, tuple(findings))


CHECK = Check(
    "PAT005",
    "period-habits",
    "Label bias of one period",
    GateId.PATTERNS,
    "A clerk who stays for a quarter, or a rule that held for a year, leaves labels that no later model should learn.",
    period_bias,
    reads=(CLASSES, ROWS, CLASS_EVENTS, PERIOD_BIAS),
    needs=frozenset({"time"}),
    templates=(FILED_APART,),
)
