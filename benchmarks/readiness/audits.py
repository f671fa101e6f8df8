"""What `auditor` says of the training part of a scenario, kept so that another policy is judged in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.api import audit_of
from auditor.batch import load
from auditor.config import Config
from auditor.evidence import Evidence
from auditor.evidence.review import draw
from auditor.inputs.verdicts import Judged, Verdict, Verdicts
from auditor.limits import LIMITS
from auditor.model import AuditResult, CheckOutcome, ClassRow, Decision, GateId, Outcome, Route
from auditor.policy import decisions, judge_gates
from auditor.runner import run_checks
from benchmarks.readiness.scenarios import Built, Scenario
from checks import ALL_CHECKS

HIDDEN_OF_CLASS = {"label": "", "first_seen": None, "last_seen": None}
REVIEWED = 200
REVIEW = ("LAB005",)


def audited(scenario: Scenario, built: Built, folder: Path) -> dict[str, Any]:
    """One line: the decision, the gates, all measurements and estimates, the classes. No text of any record.

    ``reviewed`` are the measurements after a review of 200 drawn records, judged by the true labels.
    """
    columns = ["text", "given", "site", *(["time"] if scenario.dated else [])]
    export = folder / "train.parquet"
    built.train.select(columns).write_parquet(export)
    settings = Config(
        export=str(export), text=("text",), label="given", time="time" if scenario.dated else None, segment=("site",)
    )
    evidence = Evidence(load(settings), settings.seed, lambda _: None)
    result = audit_of(evidence, settings, LIMITS, datetime.now(UTC))
    evidence.batch = replace(evidence.batch, verdicts=_verdicts(evidence, built))
    after, _ = run_checks(ALL_CHECKS, evidence.batch, evidence, settings.horizon, REVIEW)
    return {"scenario": scenario.name, "rows": len(built.train)} | _kept(result) | {"reviewed": _checks(after)}


def _verdicts(evidence: Evidence, built: Built) -> Verdicts:
    """The review that a person who knows the true labels would hand in."""
    drawn = draw(evidence.label_quality.quality, REVIEWED, 0)
    rows = evidence.rows["row_id"].to_numpy()[drawn.rows]
    given, truth = (built.train[name].to_numpy()[rows] for name in ("given", "truth"))
    judged = (
        Judged(
            int(row), int(stratum), Verdict.RIGHT if said == right else Verdict.WRONG, "" if said == right else right
        )
        for row, stratum, said, right in zip(rows, drawn.stratum, given, truth, strict=True)
    )
    return Verdicts(tuple(judged), dict(enumerate(drawn.sizes.tolist())), 0, (), (), ())


def _kept(result: AuditResult) -> dict[str, Any]:
    return {
        "decision": result.verdict.decision,
        "also": list(result.verdict.also_holding),
        "gates": {gate.id: gate.status for gate in result.gates},
        "estimates": {name: [each.value, each.low, each.high] for name, each in result.estimates.items()},
        "checks": _checks(result.checks),
        "classes": [
            {name: value for name, value in asdict(row).items() if name not in HIDDEN_OF_CLASS}
            for row in result.classes
        ],
    }


def _checks(outcomes: Iterable[CheckOutcome]) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "gate": each.gate, "outcome": each.outcome, "measurements": dict(each.measurements)}
        for each in outcomes
        if each.outcome is not Outcome.SKIPPED
    ]


def decided_anew(line: dict[str, Any], *, reviewed: bool) -> Decision:
    """The decision that today's limits and policy take on the measurements of ``line``; routes stay as they were."""
    later = {each["code"]: each for each in line["reviewed"]} if reviewed else {}
    outcomes = tuple(
        CheckOutcome(
            each["code"], "", "", GateId(each["gate"]), Outcome(each["outcome"]), measurements=each["measurements"]
        )
        for each in (later.get(each["code"], each) for each in line["checks"])
    )
    classes = tuple(ClassRow(**HIDDEN_OF_CLASS, **(each | {"route": Route(each["route"])})) for each in line["classes"])
    return decisions(judge_gates(outcomes), classes)[0]
