"""Stability: will a model trained today still be right in six months?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from auditor.check import Check, Context, Parameter
from auditor.evidence.churn import ClassEvent, Event, Flow
from auditor.model import CheckReport, Estimate, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

MAX_NAMED = 40
RECENT_CUTS = 8
LEVEL = 0.90
PERMUTATIONS = 500
MONTHS_TO_MATCH = 3


def backtest_decay(context: Context) -> CheckReport:
    """Accuracy at the horizon by models of the past, against what random folds promise today."""
    backtest = context.evidence.backtest
    ahead = max(1, round(context.horizon / backtest.periods.months))
    at_horizon = np.diagonal(backtest.accuracy, ahead)
    history = at_horizon[np.isfinite(at_horizon)][-RECENT_CUTS:]
    promised = context.evidence.out_of_fold.accuracy(context.evidence.codes)
    measurements = {"accuracy_in_time": promised, "periods": len(backtest.periods.names)}
    if not len(history):
        return CheckReport(measurements)
    forecast = _forecast(history)
    decay = promised - forecast.value
    measurements |= {"decay_at_horizon": decay, "accuracy_in_6_months": forecast.value}
    findings: tuple[Finding, ...] = ()
    if decay > context["decay"]:
        findings = (
            Finding(
                "STA001",
                Severity.CRITICAL if decay > 2 * context["decay"] else Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"Random folds promise {100 * promised:.0f} % accuracy; models of the past got "
                f"{100 * forecast.value:.0f} % right {context.horizon} months on.",
                decay,
                context["decay"],
                "Judge models on later records only, and plan to retrain.",
            ),
        )
    return CheckReport(measurements, findings, {"accuracy_in_6_months": forecast})


def _forecast(history: NDArray[np.float64]) -> Estimate:
    """Mean of past cuts at the same age with a t prediction interval for one more cut; none from one cut."""
    mean = float(history.mean())
    method = f"mean of the last {len(history)} rolling-origin cuts, t prediction interval"
    if len(history) < 2:
        return Estimate(mean, None, None, "share", "one rolling-origin cut")
    spread = float(history.std(ddof=1) * np.sqrt(1 + 1 / len(history)))
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(history) - 1)) * spread
    return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), "share", method)


def label_drift(context: Context) -> CheckReport:
    """Class shares of the earlier half of the records against the later half."""
    times, classes = context.evidence.rows["time"], context.evidence.classes
    dated = np.flatnonzero(times.is_not_null().to_numpy())
    codes = classes.codes[dated]
    half = len(codes) // 2
    total = np.bincount(codes, minlength=len(classes))
    early = np.bincount(codes[:half], minlength=len(classes))
    observed = float(_psi(early, total - early))
    rng = np.random.default_rng(0)
    null = _psi(drawn := rng.multivariate_hypergeometric(total, half, size=PERMUTATIONS), total - drawn)
    chance = float(np.quantile(null, 0.99))
    findings: tuple[Finding, ...] = ()
    if observed > max(chance, context["psi"]):
        change = (total - early) / max(len(codes) - half, 1) - early / max(half, 1)
        moved = np.argsort(-np.abs(change))[:5]
        findings = (
            Finding(
                "STA002",
                Severity.WARNING,
                Subject(SubjectKind.DATASET, tuple(classes.names[code] for code in moved)),
                "The mix of classes moved between the earlier and the later half of the records, most in "
                + ", ".join(f"'{classes.names[code]}' ({100 * change[code]:+.1f} points)" for code in moved[:3])
                + ".",
                observed,
                max(chance, context["psi"]),
                "Weigh recent records more, and watch the mix in production.",
            ),
        )
    return CheckReport({"label_psi": observed, "label_psi_by_chance": chance}, findings)


def _psi(early: NDArray[np.int64], late: NDArray[np.int64]) -> NDArray[np.float64]:
    """Population stability index over the last axis, half a row added to every class."""
    p, q = early + 0.5, late + 0.5
    p = p / p.sum(axis=-1, keepdims=True)
    q = q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def taxonomy_churn(context: Context) -> CheckReport:
    """Classes born, dying, renamed and merged, with dates, and the volume that they carry."""
    evidence = context.evidence
    events, names = evidence.class_events, evidence.classes.names
    all_flows = evidence.flows if any(event.event is Event.DIED for event in events) else ()
    died = {event.code: event for event in events if event.event is Event.DIED}
    born = {event.code: event for event in events if event.event is Event.BORN}
    findings = [
        *(_succession(names, died[flow.source], flow, born, all_flows) for flow in all_flows),
        *(_plain_event(names, event) for event in events),
    ]
    churned = np.isin(evidence.codes, list(died | born))
    share = float(churned.mean())
    return CheckReport(
        {"born_classes": len(born), "dead_classes": len(died), "churned_volume_share": share},
        tuple(findings[:MAX_NAMED]),
        {"churned_volume_share": Estimate(share, None, None, "share", "rows of classes born or dead in the export")},
    )


def _succession(
    names: tuple[str, ...],
    death: ClassEvent,
    flow: Flow,
    born: dict[int, ClassEvent],
    flows: tuple[Flow, ...],
) -> Finding:
    successor = born.get(flow.target)
    together = successor is not None and _months_apart(successor.month, death.month) <= MONTHS_TO_MATCH
    sources = [other.source for other in flows if other.target == flow.target]
    if together and len(sources) == 1:
        kind, words = "renamed", f"was renamed to '{names[flow.target]}'"
    else:
        kind, words = "merged", f"was merged into '{names[flow.target]}'"
    return Finding(
        "STA003",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (names[flow.source], names[flow.target])),
        f"'{names[flow.source]}' {words} in {death.month:%B %Y}: {100 * flow.share:.0f} % of the texts that read "
        "like it are filed there since.",
        flow.share,
        None,
        "Map the old name to the new one before training.",
        {
            "event": kind,
            "month": death.month.isoformat(),
            "from": names[flow.source],
            "to": names[flow.target],
        },
    )


def _plain_event(names: tuple[str, ...], event: ClassEvent) -> Finding:
    verb = "is filed for the first time" if event.event is Event.BORN else "is hardly filed any more"
    return Finding(
        "STA003",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (names[event.code],)),
        f"'{names[event.code]}' {verb} from {event.month:%B %Y} on ({event.rows:,} records).",
        float(event.rows),
        None,
        "Train on records from after the change, or leave the class to prompting, which follows the taxonomy.",
        {"event": event.event.value, "month": event.month.isoformat()},
    )


def _months_apart(left: date, right: date) -> int:
    return abs((left.year - right.year) * 12 + left.month - right.month)


def missing_dates(context: Context) -> CheckReport:
    """Counts records that no time question can use."""
    intake = context.batch.intake
    undated = (intake.missing_date + intake.unreadable_date) / intake.rows_read
    findings: tuple[Finding, ...] = ()
    if undated > context["undated_share"]:
        findings = (
            Finding(
                "STA004",
                Severity.WARNING,
                Subject(SubjectKind.COLUMN, (context.batch.roles.time or "",)),
                f"{intake.missing_date:,} records have no date and {intake.unreadable_date:,} have one that "
                "cannot be read; the backtest leaves them out.",
                undated,
                context["undated_share"],
                "Fill the dates at the source.",
            ),
        )
    return CheckReport({"undated_share": undated}, findings)


BACKTEST_DECAY = Check(
    "STA001",
    "backtest-decay",
    "Accuracy of past models on later records",
    GateId.STABILITY,
    "Random folds mix past and future; only a model of the past shows what a model of today will do.",
    backtest_decay,
    needs=frozenset({"time"}),
    parameters=(Parameter("decay", 0.03, "the material margin of the policy, 3 points"),),
)
LABEL_DRIFT = Check(
    "STA002",
    "label-drift",
    "Change in the mix of classes",
    GateId.STABILITY,
    "A model keeps the class mix that it was trained on.",
    label_drift,
    needs=frozenset({"time"}),
    parameters=(Parameter("psi", 0.1, "Siddiqi 2006: under 0.1 little change; and above 99 % of permutations"),),
)
TAXONOMY_CHURN = Check(
    "STA003",
    "taxonomy-churn",
    "Classes born, dying, renamed and merged",
    GateId.STABILITY,
    "A model cannot answer a class that it has never seen, and goes on answering one that is gone.",
    taxonomy_churn,
    needs=frozenset({"time"}),
)
MISSING_DATES = Check(
    "STA004",
    "missing-dates",
    "Records without a readable date",
    GateId.STABILITY,
    "Records without a date cannot say whether the past predicts the future.",
    missing_dates,
    needs=frozenset({"time"}),
    parameters=(Parameter("undated_share", 0.01, "house rule"),),
)
