"""A few figures and codes for a pipeline that decides on them; all the rest is in report.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import findings, first_screen, words

if TYPE_CHECKING:
    from auditor.model import AuditResult

FIGURES = ("label_noise_rate", "accuracy_given_labels", "prompt_accuracy", "trained_accuracy", "net_value_a_month")


def to_short(result: AuditResult) -> dict[str, Any]:
    """Ready for JSON."""
    known = result.estimates
    return {
        "run": result.run.id,
        "source": result.run.source,
        "rows": result.run.intake.rows_used,
        "decision": str(result.verdict.decision),
        "answer": words.one_line(first_screen.of(result).answer),
        "ignored": findings.ignored_count(result.checks),
        "gates": {str(gate.id): str(gate.status) for gate in result.gates},
        "figures": {name: round(known[name].value, 4) for name in FIGURES if name in known},
        "since": None if result.since is None else result.since.said,
        "worse": None if result.since is None else result.since.worse,
    }
