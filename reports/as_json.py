"""``report.json``: the data contract. ``schema.json`` names every field, so that no refactoring changes it unseen."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from auditor.interval import LEVEL
from auditor.model import Said
from reports import first_screen, text
from reports.plain import plain

if TYPE_CHECKING:
    from auditor.model import (
        AuditResult,
        BacktestMatrix,
        BenefitOverTime,
        CheckOutcome,
        ClassRow,
        Corrections,
        Criterion,
        Estimate,
        Facts,
        Finding,
        Gate,
        LearningCurve,
        LearningPoint,
        RunInfo,
        Stability,
        Valuation,
    )

# One end of an interval alone is a bound, which is missed half as often.
ONE_SIDED = (1 + LEVEL) / 2


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
        "verdict": _verdict(result),
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
        "valuation": None if result.valuation is None else _valuation(result.valuation),
        "benefit_over_time": _record(result.benefit_over_time),
        "stability": _record(result.stability),
        "corrections": None if result.corrections is None else _corrections(result, result.corrections),
        "since": None if result.since is None else asdict(result.since),
        "governance": [asdict(answer) for answer in result.governance],
    }
    ready: dict[str, Any] = plain(data, sort=False)
    # Every digit: who judges the report again comes to the same sum.
    ready["facts"] = None if result.facts is None else _facts(result.facts)
    ready["effective_config"] = plain(result.effective_config)
    return ready


def _run(run: RunInfo) -> dict[str, Any]:
    intake = run.intake
    return {
        "id": run.id,
        "time": run.time,
        "tool_version": run.tool_version,
        "config_hash": run.config_hash,
        "data_fingerprint": run.data_fingerprint,
        "content_fingerprint": run.content.fingerprint,
        "source": run.source,
        "rows": intake.rows_read,
        "intake": {
            "rows_read": intake.rows_read,
            "rows_used": intake.rows_used,
            "empty_text": intake.empty_text,
            "missing_label": intake.missing_label,
            "copies": intake.copies,
            "missing_date": intake.missing_date,
            "unreadable_date": intake.unreadable_date,
            "notices": [{"text": notice.text, "gates": notice.gates} for notice in intake.notices],
        },
        "roles": [
            {"role": choice.role, "columns": choice.columns, "given": choice.given, "reason": choice.reason}
            for choice in run.roles
        ],
        "dates": {"first": run.first_date, "last": run.last_date},
        "seconds": plain(run.seconds),
    }


def _verdict(result: AuditResult) -> dict[str, Any]:
    """Codes and figures, and beside each the words of the first screen."""
    verdict, screen = result.verdict, first_screen.of(result)
    against = [{"gate": gate, "text": text} for gate, text in screen.against]
    return {
        "decision": verdict.decision,
        "measure_first": verdict.measure_first,
        "headline": screen.answer,
        "why": screen.why,
        "reasons": [screen.why, *screen.beside, *(each["text"] for each in against)],
        "next_steps": [asdict(step) | {"text": text} for step, text in zip(verdict.steps, screen.steps, strict=True)],
        "would_be_yes": screen.yes_if,
        "turns": asdict(verdict.turns),
        "against": against,
        "conditions": [
            asdict(each) | {"text": text} for each, text in zip(verdict.conditions, screen.conditions, strict=True)
        ],
        "would_change": [asdict(action) | {"effect": text.effect(action)} for action in verdict.would_change],
    }


def _valuation(valuation: Valuation) -> dict[str, Any]:
    said = {"volume_from": text.message(valuation.volume_from), "notes": list(map(text.message, valuation.notes))}
    return asdict(valuation) | said


def _facts(facts: Facts) -> dict[str, Any]:
    return asdict(facts) | {"volume_from": text.message(facts.volume_from)}


def _corrections(result: AuditResult, found: Corrections) -> dict[str, Any]:
    after = {name: result.estimates[name] for name in found.before if name in result.estimates}
    before = {name: _estimate(each) for name, each in found.before.items()}
    return asdict(found) | {"before": before, "after": {name: _estimate(each) for name, each in after.items()}}


def _record(value: Stability | BenefitOverTime | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "id": gate.id,
        "question": gate.question,
        "who": gate.who,
        "status": gate.status,
        "summary": text.summary(gate),
        "by_limits": gate.by_limits,
        "evidence": [_criterion(criterion) for criterion in gate.criteria],
    }


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "measurement": criterion.measurement,
        "label": criterion.label,
        "sentence": criterion.sentence,
        "status": criterion.status,
        "observed": criterion.observed,
        "pass_limit": criterion.pass_limit,
        "fail_limit": criterion.fail_limit,
        "margin": criterion.margin,
        "unit": criterion.unit,
        "source": criterion.source,
        "low": criterion.low,
        "high": criterion.high,
        "needs": criterion.needs,
        "counts_as": criterion.counts_as,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        # One end of a 90 % interval is a bound that one in twenty misses.
        "level": LEVEL if (estimate.low is None) == (estimate.high is None) else ONE_SIDED,
        "unit": estimate.unit,
        "method": text.message(estimate.method),
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
        "ignored": [
            {"finding": _finding(each.finding), "reason": each.reason, "until": each.until} for each in check.ignored
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": {"kind": finding.subject.kind, "names": finding.subject.names},
        "message": text.found(finding),
        "remedy": text.remedy(finding.said),
        "template": finding.said.template.id,
        "fields": plain({name: _field(value) for name, value in finding.said.fields.items()}),
        "observed": finding.observed,
        "limit": finding.limit,
        "evidence": plain(finding.evidence),
        "measurement": finding.measurement,
    }


def _field(value: object) -> object:
    """As it was measured; words that hold a figure of their own as a sentence."""
    return text.message(value) if isinstance(value, Said) else value


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
        "why": text.message(row.why),
        "gain_low": row.gain_low,
        "gain_high": row.gain_high,
        "ceiling_recall": row.ceiling_recall,
        "prompt_recall": row.prompt_recall,
        "habit_share": row.habit_share,
        "churned": row.churned,
        "value_a_month": row.value_a_month,
        "pooled": row.pooled,
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
