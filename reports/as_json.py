"""``report.json``: the data contract. ``schema.json`` names every field, so that no refactoring changes it unseen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.model import (
        AuditResult,
        BacktestMatrix,
        BenefitOverTime,
        BenefitRange,
        CheckOutcome,
        ClassRow,
        Confidence,
        Cost,
        Criterion,
        Estimate,
        Finding,
        Gate,
        LearningCurve,
        LearningPoint,
        RunInfo,
        Stability,
        Verdict,
    )

SIGNIFICANT_DIGITS = 6


def to_json(result: AuditResult) -> str:
    """Serialise a result. The same result gives the same bytes."""
    return json.dumps(to_data(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every ``report.json`` satisfies."""
    loaded: dict[str, Any] = json.loads(files("reports").joinpath("schema.json").read_text("utf-8"))
    return loaded


def to_data(result: AuditResult) -> dict[str, Any]:
    """The contract as plain dictionaries and lists."""
    data = {
        "schema_version": result.schema_version,
        "run": _run(result.run),
        "verdict": _verdict(result.verdict),
        "gates": [_gate(gate) for gate in result.gates],
        "estimates": {key: _estimate(result.estimates[key]) for key in sorted(result.estimates)},
        "checks": [_check(check) for check in result.checks],
        "classes": [_class(row) for row in result.classes],
        "learning_curve": None if result.learning_curve is None else _curve(result.learning_curve),
        "backtest": None if result.backtest is None else _backtest(result.backtest),
        "effective_config": result.effective_config,
        "examples": [asdict(example) for example in result.examples],
        "history": [asdict(past) | {"figures": plain(past.figures)} for past in result.history],
        "segments": [asdict(segment) for segment in result.segments],
        "stability": _record(result.stability),
        "benefit": _record(result.benefit),
        "benefit_over_time": _record(result.benefit_over_time),
        "counterfactuals": [asdict(each) for each in result.counterfactuals],
        "turning_points": [asdict(each) for each in result.turning_points],
        "confidence": _record(result.confidence),
        "cost": _record(result.cost),
        "governance": [asdict(answer) for answer in result.governance],
    }
    ready: dict[str, Any] = plain(data, sort=False)
    ready["effective_config"] = plain(result.effective_config)
    return ready


def plain(value: Any, *, sort: bool = True) -> Any:  # noqa: ANN401 (any value in, one case per kind)
    """Anything as JSON values: keys sorted, NaN and infinity null, floats at six significant digits."""
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case int():
            return int(value)
        case float():
            return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
        case str():
            # A lone surrogate, as a broken export can hold, has no UTF-8 form.
            return value.encode("utf-8", "replace").decode("utf-8")
        case date():
            return value.isoformat()
        case Mapping():
            pairs = [(plain(str(key)), plain(item, sort=sort)) for key, item in value.items()]
            return dict(sorted(pairs, key=lambda pair: pair[0]) if sort else pairs)
        case list() | tuple():
            return [plain(item, sort=sort) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
    # Array scalars of any numeric library, without importing one.
    scalar = getattr(value, "item", None)
    return plain(scalar()) if callable(scalar) else plain(str(value))


def _run(run: RunInfo) -> dict[str, Any]:
    intake = run.intake
    return {
        "id": run.id,
        "time": run.time,
        "tool_version": run.tool_version,
        "config_hash": run.config_hash,
        "data_fingerprint": run.data_fingerprint,
        "source": run.source,
        "rows": intake.rows_read,
        "intake": {
            "rows_read": intake.rows_read,
            "rows_used": intake.rows_used,
            "empty_text": intake.empty_text,
            "missing_label": intake.missing_label,
            "missing_date": intake.missing_date,
            "unreadable_date": intake.unreadable_date,
        },
        "roles": [
            {"role": choice.role, "columns": choice.columns, "given": choice.given, "reason": choice.reason}
            for choice in run.roles
        ],
        "dates": {"first": run.first_date, "last": run.last_date},
        "seconds": plain(run.seconds),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "decision": verdict.decision,
        "headline": verdict.headline,
        "reasons": verdict.reasons,
        "conditions": verdict.conditions,
        "would_change": [asdict(action) for action in verdict.would_change],
        "also_holding": verdict.also_holding,
    }


def _record(value: Stability | BenefitRange | BenefitOverTime | Confidence | Cost | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "id": gate.id,
        "question": gate.question,
        "who": gate.who,
        "status": gate.status,
        "summary": gate.summary,
        "evidence": [_criterion(criterion) for criterion in gate.criteria],
    }


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "measurement": criterion.measurement,
        "label": criterion.label,
        "status": criterion.status,
        "observed": criterion.observed,
        "pass_limit": criterion.pass_limit,
        "fail_limit": criterion.fail_limit,
        "margin": criterion.margin,
        "unit": criterion.unit,
        "source": criterion.source,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "unit": estimate.unit,
        "method": estimate.method,
    }


def _check(check: CheckOutcome) -> dict[str, Any]:
    return {
        "code": check.code,
        "name": check.name,
        "title": check.title,
        "gate": check.gate,
        "outcome": check.outcome,
        "reason": check.reason,
        "seconds": check.seconds,
        "measurements": plain(check.measurements),
        "findings": [_finding(finding) for finding in check.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": {"kind": finding.subject.kind, "names": finding.subject.names},
        "message": finding.message,
        "observed": finding.observed,
        "limit": finding.limit,
        "remedy": finding.remedy,
        "evidence": plain(finding.evidence),
    }


def _class(row: ClassRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "rows": row.rows,
        "unique_rows": row.unique_rows,
        "volume_share": row.volume_share,
        "recall": row.recall,
        "precision": row.precision,
        "retrieval_recall": row.retrieval_recall,
        "noise_rate": row.noise_rate,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "route": row.route,
        "why": row.why,
        "gain_low": row.gain_low,
        "gain_high": row.gain_high,
        "ceiling_recall": row.ceiling_recall,
        "prompt_recall": row.prompt_recall,
        "habit_share": row.habit_share,
        "churned": row.churned,
    }


def _curve(curve: LearningCurve) -> dict[str, Any]:
    return {"measured": _points(curve.measured), "forecast": _points(curve.forecast)}


def _points(points: tuple[LearningPoint, ...]) -> list[dict[str, Any]]:
    return [{"rows": point.rows, "accuracy": point.accuracy, "low": point.low, "high": point.high} for point in points]


def _backtest(matrix: BacktestMatrix) -> dict[str, Any]:
    return {
        "periods": matrix.periods,
        "rows": matrix.rows,
        "accuracy": matrix.accuracy,
        "in_time_accuracy": matrix.in_time_accuracy,
        "horizon_months": matrix.horizon_months,
    }
