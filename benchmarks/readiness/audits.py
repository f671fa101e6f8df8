"""What `auditor` says of the training part of a scenario, kept so that another policy is judged in seconds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from auditor.api import audit
from auditor.config import Config
from auditor.model import AuditResult, CheckOutcome, ClassRow, Decision, GateId, Outcome, Route
from auditor.policy import decisions, judge_gates
from benchmarks.readiness.scenarios import Built, Scenario

HIDDEN_OF_CLASS = {"label": "", "first_seen": None, "last_seen": None}


def audited(scenario: Scenario, built: Built, folder: Path) -> dict[str, Any]:
    """One line: the decision, the gates, all measurements and estimates, the classes. No text of any record."""
    columns = ["text", "given", "site", *(["time"] if scenario.dated else [])]
    export = folder / "train.parquet"
    built.train.select(columns).write_parquet(export)
    settings = Config(
        export=str(export), text=("text",), label="given", time="time" if scenario.dated else None, segment=("site",)
    )
    result, _ = audit(settings)
    return {"scenario": scenario.name, "rows": len(built.train)} | _kept(result)


def _kept(result: AuditResult) -> dict[str, Any]:
    return {
        "decision": result.verdict.decision,
        "also": list(result.verdict.also_holding),
        "gates": {gate.id: gate.status for gate in result.gates},
        "estimates": {name: [each.value, each.low, each.high] for name, each in result.estimates.items()},
        "checks": [
            {"code": each.code, "gate": each.gate, "outcome": each.outcome, "measurements": dict(each.measurements)}
            for each in result.checks
        ],
        "classes": [
            {name: value for name, value in asdict(row).items() if name not in HIDDEN_OF_CLASS}
            for row in result.classes
        ],
    }


def decided_anew(line: dict[str, Any]) -> Decision:
    """The decision that today's limits and policy take on the measurements of ``line``; routes stay as they were."""
    outcomes = tuple(
        CheckOutcome(
            each["code"], "", "", GateId(each["gate"]), Outcome(each["outcome"]), measurements=each["measurements"]
        )
        for each in line["checks"]
    )
    classes = tuple(ClassRow(**HIDDEN_OF_CLASS, **(each | {"route": Route(each["route"])})) for each in line["classes"])
    return decisions(judge_gates(outcomes), classes)[0]
