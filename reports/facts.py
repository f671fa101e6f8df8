"""What the result says beyond figures with limits, in sentences: of one gate, and of the verdict as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import GateId, Outcome
from reports import numbers, words

if TYPE_CHECKING:
    from auditor.model import (
        AuditResult,
        BenefitRange,
        Confidence,
        Cost,
        DecaySplit,
        Estimate,
        Forecast,
        Growth,
        Retraining,
        Stability,
    )

SILENT = (Outcome.ERRORED, Outcome.NOT_APPLICABLE, Outcome.SKIPPED, Outcome.IGNORED)


def of_gate(result: AuditResult, gate: GateId) -> list[str]:
    """Sentences that stand under the figures of a gate."""
    if gate is GateId.STABILITY and result.stability:
        return _stability(result.stability)
    if gate is GateId.BENEFIT and result.benefit:
        return _benefit(result.benefit)
    return []


def sureness(result: AuditResult) -> list[str]:
    """How firmly the verdict stands, how far its figures reach, and what is not known."""
    lines = _confidence(result.confidence) if result.confidence else []
    known = [(name, result.estimates[key]) for key, name in words.SURENESS.items() if key in result.estimates]
    lines += [f"{name}: {_reach(estimate)}" for name, estimate in known]
    if result.benefit and result.benefit.settled_below is not None:
        lines.append(_unsettled(result.benefit))
    silent = sum(check.outcome in SILENT for check in result.checks)
    if result.checks:
        lines.append(f"{len(result.checks) - silent} of {words.plural(len(result.checks), 'check')} gave an answer")
    return lines


def of_cost(cost: Cost) -> list[str]:
    """Both ways in money, and when training has paid for itself."""
    lines = [
        f"A month of prompting costs {cost.prompt_per_month:,.0f}; a month of a tuned model "
        f"{cost.tuned_per_month:,.0f}, training again every {round(cost.retraining_every_months)} months included. "
        f"The first training costs {cost.first_training:,.0f}."
    ]
    if cost.break_even_months is None:
        lines.append("With these figures training never pays for itself.")
    else:
        months = words.plural(max(1, round(cost.break_even_months)), "month")
        lines.append(f"Training has paid for itself after {months}.")
    if cost.break_even_volume is not None:
        lines.append(
            f"It pays for itself within {cost.payback_months} months from {cost.break_even_volume:,.0f} records a "
            "month."
        )
    return lines


def _confidence(confidence: Confidence) -> list[str]:
    return [f"The verdict stays in {round(100 * confidence.stays)} of 100 redraws of its figures and limits"]


def _reach(estimate: Estimate) -> str:
    if numbers.is_number(estimate.low) and not numbers.is_number(estimate.high):
        return f"{numbers.figure(estimate.value, estimate.unit)} or more; how many at most, the data cannot tell"
    return numbers.estimate_words(estimate)


def _benefit(benefit: BenefitRange) -> list[str]:
    trained, floor, ceiling = numbers.figures((benefit.trained, benefit.floor, benefit.ceiling), "share")
    if benefit.measured is not None:
        measured = numbers.figure(benefit.measured, "share")
        return [f"On the same records a trained model gets {trained} right, and the prompted system {measured}."]
    lines = [
        f"On the same records a trained model gets {trained} right; a prompt with retrieval between {floor}, where the "
        f"retrieved examples only vote, and {ceiling}, where it always picks the right one of them."
    ]
    if benefit.settled_below is None:
        lines.append("The verdict is the same over that whole range.")
    else:
        lines.append(_unsettled(benefit) + ". Measure a prompt with: auditor baseline.")
    return lines


def _unsettled(benefit: BenefitRange) -> str:
    limit = numbers.figure(benefit.settled_below, "share")
    other = words.DECISIONS[benefit.at_ceiling]
    return f"A prompt that gets {limit} right or more would change the verdict to: {other}"


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
    line = f"Trained today, a model would get {value} right {words.plural(forecast.months, 'month')} on"
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
    line = f"Growing older costs a model another {tolerance} in {months}: retrain by then"
    if retraining.labels_each:
        line += f", with some {_rounded(retraining.labels_each)} new labels each time"
    return line


def _growth(growth: Growth) -> str:
    classes = words.plural(growth.last, "class", "classes")
    if growth.first == growth.last:
        line = f"The taxonomy has {classes} in use, as many as at the start"
    else:
        line = f"The taxonomy went from {growth.first} to {classes} in use"
    if growth.born_per_year:
        line += f", with {growth.born_per_year:.1f} new ones a year"
    if growth.next_due:
        line += f"; the next is due around {growth.next_due:%B %Y}"
    return line


def _rounded(count: int) -> str:
    """A count to two digits: it stems from a forecast."""
    return f"{round(count, 2 - len(str(count))):,}"
