"""Stability: will a model trained today still be right in six months?"""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.changes import CLASS_CHANGES, GROWTH
from auditor.evidence.churn import CLASS_EVENTS, Event
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES, undated_source
from auditor.evidence.decay import DECAY_SPLIT
from auditor.evidence.drift_family import DRIFT
from auditor.evidence.given import ROWS, STRAY_DATES
from auditor.evidence.periods import PERIODS
from auditor.evidence.prospective_gain import FORECAST_LATER
from auditor.evidence.surrogate import SURROGATE
from auditor.limits import Limit
from auditor.model import (
    CheckReport,
    ClassChange,
    Estimate,
    Finding,
    Forecast,
    GateId,
    GateStatus,
    Severity,
    Subject,
    SubjectKind,
)

MAX_NAMED = 40


def backtest_decay(context: Context) -> CheckReport:
    """Accuracy at the horizon by models of the past, against what random folds promise today.

    The backtest is the proxy's; what the surrogate is ahead of it, measured on some of the rows, is added.
    """
    promised = context.results[SURROGATE].out_of_fold.accuracy(context.results[CLASSES].codes)
    measurements = {"accuracy_in_time": promised, "periods": len(context.results[PERIODS].names)}
    forecast = context.results[FORECAST_LATER]
    if forecast is None:
        return CheckReport(measurements)
    decay = promised - forecast.value
    measurements |= {"decay_at_horizon": decay, "accuracy_in_6_months": forecast.value}
    findings: tuple[Finding, ...] = ()
    limit = context.limits["decay_at_horizon"]
    if severity := limit.severity(decay):
        findings = (
            Finding(
                "STA001",
                severity,
                Subject(SubjectKind.DATASET),
                f"Random folds promise {100 * promised:.0f} % accuracy; models of the past got "
                f"{100 * forecast.value:.0f} % right {context.horizon} months on.",
                decay,
                limit.passes,
                "Judge models on later records only, and plan to retrain.",
            ),
        )
    if split := context.results[DECAY_SPLIT]:
        measurements |= {
            "decay_by_new_classes": split.new_classes,
            "decay_by_moved_priors": split.moved_priors,
            "decay_by_wording": split.wording_and_rest,
        }
    return CheckReport(measurements, findings, {"accuracy_in_6_months": _estimate(forecast)})


def _estimate(forecast: Forecast) -> Estimate:
    method = "rolling-origin backtest, no earlier forecast to judge its error by"
    if forecast.mean_error is not None:
        method = (
            f"rolling-origin backtest; {forecast.errors} earlier forecasts over {forecast.months} months were off by "
            f"{100 * forecast.mean_error:.1f} points on average"
        )
    return Estimate(forecast.value, forecast.low, forecast.high, "share", method)


def label_drift(context: Context) -> CheckReport:
    """Class shares of the earlier half of the records against the later half."""
    classes, halves = context.results[CLASSES], context.results[HALVES]
    (test,) = context.results[DRIFT].of("labels")
    measurements = {"label_psi": test.effect, "label_psi_p": test.adjusted}
    if not test.moved or test.effect <= context["psi"]:
        return CheckReport(measurements)
    early, late = (
        np.bincount(classes.codes[halves == half], minlength=len(classes)) / (halves == half).sum() for half in (0, 1)
    )
    change = late - early
    moved = np.argsort(-np.abs(change))[:5]
    finding = Finding(
        "STA002",
        Severity.WARNING,
        Subject(SubjectKind.DATASET, tuple(classes.shown[code] for code in moved)),
        "The mix of classes moved between the earlier and the later half of the records, most in "
        + ", ".join(f"'{classes.shown[code]}' ({100 * change[code]:+.1f} points)" for code in moved[:3])
        + ".",
        test.effect,
        context["psi"],
        "Weigh recent records more, and watch the mix in production.",
    )
    return CheckReport(measurements, (finding,))


def taxonomy_churn(context: Context) -> CheckReport:
    """Classes born, dying, renamed and merged, with dates, and the volume that they carry."""
    results = context.results
    told = results[CLASS_CHANGES]
    codes = {event.code for event in results[CLASS_EVENTS]}
    share = float(np.isin(results[CLASSES].codes, list(codes)).mean())
    measurements: dict[str, float] = {
        "born_classes": len({event.code for event in results[CLASS_EVENTS] if event.event is Event.BORN}),
        "dead_classes": len({event.code for event in results[CLASS_EVENTS] if event.event is Event.DIED}),
        "churned_volume_share": share,
    }
    if growth := results[GROWTH]:
        measurements["classes_born_per_year"] = growth.born_per_year
    return CheckReport(
        measurements,
        tuple(_changed(change) for change in told[:MAX_NAMED]),
        {"churned_volume_share": Estimate(share, None, None, "share", "rows of classes born or dead in the export")},
    )


_WORDS = {
    "renamed": "'{label}' was renamed to {others} in {month}.",
    "merged": "'{label}' was merged into {others} in {month}.",
    "died": "'{label}' is hardly filed any more from {month} on ({rows:,} records).",
    "born": "'{label}' comes into use in {month} ({rows:,} records).",
    "dormant": "'{label}' pauses from {month} on, and comes back later ({rows:,} records).",
    "returned": "'{label}' is filed again from {month} on, after a pause ({rows:,} records).",
    "seasonal": "'{label}' comes in one season of the year only, first from {month} on ({rows:,} records).",
}
_SPLIT_UP = "'{label}' was split in {month}; what reads like it goes to {others}."
_SPLIT_OFF = "'{label}' comes into use in {month} ({rows:,} records), split off from {others}."
_REMEDIES = {
    "renamed": "Map the old name to the new one before training.",
    "merged": "Map the old names to the new one before training.",
    "split": "Relabel the records from before the split, or train on those after it alone.",
    "seasonal": "Judge the class by whole years.",
}
_RELATED = {
    "died": " What reads like it goes to {others}.",
    "born": " Before, its texts read like {others}.",
}
_PAIRED = frozenset({"renamed", "merged"})
_FOLLOW = "Train on records from after the change, or leave the class to prompting, which follows the taxonomy."


def _changed(change: ClassChange) -> Finding:
    split = _SPLIT_OFF if len(change.others) == 1 else _SPLIT_UP
    words = _WORDS.get(change.kind, split).format(
        label=change.label, others=_listed(change.others), month=f"{change.month:%B %Y}", rows=change.rows
    )
    if change.kind in _RELATED and change.others:
        words += _RELATED[change.kind].format(others=_listed(change.others))
    if change.source == "taxonomy":
        words += " The taxonomy gives this date."
    evidence: dict[str, object] = {"event": change.kind, "month": change.month.isoformat(), "date_from": change.source}
    if change.others:
        evidence |= {"from": change.label, "to": change.others[0], "others": list(change.others)}
    return Finding(
        "STA003",
        Severity.INFO if change.kind == "seasonal" else Severity.WARNING,
        Subject(SubjectKind.CLASS, (change.label, *change.others[:1]) if change.kind in _PAIRED else (change.label,)),
        words,
        float(change.rows),
        None,
        _REMEDIES.get(change.kind, _FOLLOW),
        evidence,
    )


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"'{name}'" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def missing_dates(context: Context) -> CheckReport:
    """Counts records that no time question can use."""
    intake, strays = context.batch.intake, context.results[STRAY_DATES]
    undated = (intake.missing_date + intake.unreadable_date + strays) / intake.rows_read
    findings: tuple[Finding, ...] = ()
    if undated > context["undated_share"]:
        findings = (
            Finding(
                "STA004",
                Severity.WARNING,
                Subject(SubjectKind.COLUMN, (context.batch.roles.time or "",)),
                f"{intake.missing_date:,} records have no date and {intake.unreadable_date:,} have one that "
                f"cannot be read{_strays(strays)}; the backtest leaves them out. {_where(context)}",
                undated,
                context["undated_share"],
                "Fill the dates at the source.",
                {"stray_dates": strays},
            ),
        )
    return CheckReport({"undated_share": undated}, findings)


def _strays(count: int) -> str:
    return f", and {count:,} lie five years or more from all others, as placeholders do" if count else ""


def _where(context: Context) -> str:
    source = undated_source(context.results[ROWS], context.batch.segments)
    if source is None:
        return "They come from all sources alike, as far as the columns tell."
    return (
        f"{100 * source.of_undated:.0f} % of them come from {source.column} '{source.value}', where "
        f"{100 * source.share:.0f} % lack a date: what is said about time does not hold there."
    )


BACKTEST_DECAY = Check(
    "STA001",
    "backtest-decay",
    "Accuracy of past models on later records",
    GateId.STABILITY,
    "Random folds mix past and future; only a model of the past shows what a model of today will do.",
    backtest_decay,
    reads=(CLASSES, PERIODS, DECAY_SPLIT, FORECAST_LATER, SURROGATE),
    needs=frozenset({"time"}),
    limits=(
        Limit(
            GateId.STABILITY,
            "decay_at_horizon",
            "accuracy lost at the horizon",
            "A model loses {} of accuracy by the horizon",
            0.03,
            None,
            "points",
            "house rule (2026): material margin of 3 points; it fails nothing, as what counts is who is right then",
            "Wait until the taxonomy has settled, or plan to retrain within the horizon.",
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
LABEL_DRIFT = Check(
    "STA002",
    "label-drift",
    "Change in the mix of classes",
    GateId.STABILITY,
    "A model keeps the class mix that it was trained on.",
    label_drift,
    reads=(CLASSES, HALVES, DRIFT),
    needs=frozenset({"time"}),
    parameters=(Parameter("psi", 0.1, "Siddiqi 2006: under 0.1 little change; and sure in the family of drift tests"),),
)
TAXONOMY_CHURN = Check(
    "STA003",
    "taxonomy-churn",
    "Classes born, dying, renamed and merged",
    GateId.STABILITY,
    "A model cannot answer a class that it has never seen, and goes on answering one that is gone.",
    taxonomy_churn,
    reads=(CLASSES, CLASS_CHANGES, CLASS_EVENTS, GROWTH),
    needs=frozenset({"time"}),
    limits=(
        Limit(
            GateId.STABILITY,
            "churned_volume_share",
            "volume in classes that were born or died",
            "{} of the volume is in classes that were born or died",
            0.05,
            None,
            "share",
            "house rule (2026)",
            "Map renamed and merged classes to their new names.",
            counted=True,
            hours=8,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
MISSING_DATES = Check(
    "STA004",
    "missing-dates",
    "Records without a readable date",
    GateId.STABILITY,
    "Records without a date cannot say whether the past predicts the future.",
    missing_dates,
    reads=(ROWS, STRAY_DATES),
    needs=frozenset({"time"}),
    parameters=(Parameter("undated_share", 0.01, "house rule"),),
)
