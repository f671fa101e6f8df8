"""What the result says of a gate beyond figures with limits, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import GateId, Outcome
from reports import numbers, sheet, words

if TYPE_CHECKING:
    from auditor.model import (
        AuditResult,
        DecaySplit,
        Forecast,
        Growth,
        Retraining,
        Stability,
    )

# A pace of fewer new classes a year says nothing of when the next one comes (house rule, 2026).
OFTEN = 0.5
SILENT = (Outcome.ERRORED, Outcome.NOT_APPLICABLE, Outcome.SKIPPED)


def of_gate(result: AuditResult, gate: GateId) -> list[str]:
    """Sentences that stand under the figures of a gate."""
    if gate is GateId.LABELS:
        return sheet.said(result)
    if gate is GateId.STABILITY and result.stability:
        return _stability(result.stability)
    return []


def _stability(stability: Stability) -> list[str]:
    lines = []
    if stability.forecast:
        lines.append(_forecast(stability.forecast))
    if stability.decay:
        lines.append(_decay(stability.decay))
    if stability.retraining:
        lines.append(_retraining(stability.retraining))
        if stability.decay and stability.decay.total > 0:
            lines.append(_AGE_ALONE)
    if stability.growth:
        lines.append(_growth(stability.growth))
    return [f"{line}." for line in lines]


def _forecast(forecast: Forecast) -> str:
    value, low, high = numbers.figures((forecast.value, forecast.low, forecast.high), "share")
    ahead = words.plural(forecast.months, "month")
    if not numbers.says_something(forecast.low, forecast.high, "share"):
        return f"What a model trained today gets right {ahead} on is not known: needs more months of records"
    line = f"Trained today, a model would get {value} right {ahead} on"
    if forecast.low is not None and forecast.high is not None:
        line += f" ({low} to {high})"
    if forecast.mean_error is not None:
        error = numbers.figure(forecast.mean_error, "points")
        line += f"; {words.plural(forecast.errors, 'such forecast')} of the past missed by {error} on average"
    return line


def _decay(decay: DecaySplit) -> str:
    parts = (decay.total, decay.new_classes, decay.moved_priors, decay.wording_and_rest)
    total, new, moved, rest = (numbers.figure(part, "points", 1) for part in parts)
    return (
        f"Of the {total} that models of the past lost, {new} are classes they had never seen, {moved} a changed mix of "
        f"classes, and {rest} records that are worded or filed differently"
    )


_AGE_ALONE = (
    "That is age alone, against a fresh model on the same records: later records are harder than random folds promise "
    "for a fresh model too, and retraining does not win that part back"
)


def _retraining(retraining: Retraining) -> str:
    tolerance = numbers.figure(retraining.tolerance, "points")
    if retraining.every_months is None:
        return f"Up to an age of {retraining.seen_months} months a model loses less than {tolerance} by growing older"
    months = words.plural(max(1, round(retraining.every_months)), "month")
    line = f"Growing older costs a model another {tolerance} in {months}"
    if retraining.labels_each:
        line += f"; some {numbers.about(retraining.labels_each)} new labels win that back"
    return line


def _growth(growth: Growth) -> str:
    classes = words.plural(growth.last, "class", "classes")
    if growth.first == growth.last:
        line = f"The taxonomy has {classes} in use, as many as at the start"
    else:
        line = f"The taxonomy went from {growth.first} to {classes} in use"
    if growth.born_per_year >= OFTEN:
        line += f", with a new one every {words.plural(max(1, round(12 / growth.born_per_year)), 'month')}"
    elif growth.born_per_year:
        line += f", with less than one new one in {words.plural(round(1 / OFTEN), 'year')}"
    return line
