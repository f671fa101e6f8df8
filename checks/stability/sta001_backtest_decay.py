"""What today's model is expected to get right later, by models of the past."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.estimators.ageing import AGEING
from auditor.estimators.decay import DECAY_SPLIT
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.estimators.prospective_gain import FORECAST_LATER
from auditor.evidence.classes import CLASSES
from auditor.evidence.periods import PERIODS
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.limits import MATERIAL, Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Estimate,
    Figure,
    Finding,
    Forecast,
    GateId,
    GateStatus,
    Subject,
    SubjectKind,
    Template,
    Words,
)

BACKTEST = Template(
    "backtest",
    "rolling-origin backtest; {forecasts} earlier forecasts over {months} were off by {error} on average",
    fields={"forecasts": COUNT, "months": Figure("months"), "error": Figure("points", 1)},
)
DECAYED = Template(
    "decayed",
    "Random folds promise {promised} accuracy; as models of the past have aged, {right} are right {horizon} on.",
    "Judge models on later records only.",
    {"promised": PERCENT, "right": PERCENT, "horizon": Figure("months")},
)


def backtest_decay(context: Context) -> CheckReport:
    """What random folds promise today, less what a model loses by its age, as models of the past did."""
    by_surrogate = context.results[SURROGATE].out_of_fold.accuracy(context.results[CLASSES].codes)
    promised = min(by_surrogate + context.results[ORDINARY_AHEAD].value, 1.0)
    measurements = {"accuracy_in_time": promised, "periods": len(context.results[PERIODS].calendar.names)}
    forecast = context.results[FORECAST_LATER]
    if forecast is None:
        return CheckReport(measurements)
    decay = promised - forecast.value
    ageing = context.results[AGEING]
    error = Z_90 * ageing.loss_error(context.horizon) if ageing else 0.0
    measurements |= {
        "decay_at_horizon": decay,
        "decay_at_horizon_low": decay - error,
        "decay_at_horizon_high": decay + error,
        "accuracy_in_6_months": forecast.value,
    }
    findings: tuple[Finding, ...] = ()
    limit = context.limits["decay_at_horizon"]
    if severity := limit.severity(decay):
        findings = (
            Finding(
                "STA001",
                severity,
                Subject(SubjectKind.DATASET),
                DECAYED.of(promised=promised, right=forecast.value, horizon=context.horizon),
                decay,
                limit.passes,
                measurement=limit.measurement,
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
    method: Words = (
        "rolling-origin backtest; with no earlier forecast here, as wide as forecasts on other records missed"
    )
    if forecast.mean_error is not None:
        method = BACKTEST.of(forecasts=forecast.errors, months=forecast.months, error=forecast.mean_error)
    return Estimate(forecast.value, forecast.low, forecast.high, "share", method)


CHECK = Check(
    "STA001",
    "backtest-decay",
    "What a model of today gets right later",
    GateId.STABILITY,
    "Random folds mix past and future; only a model of the past shows what a model of today will do.",
    backtest_decay,
    reads=(AGEING, ORDINARY_AHEAD, CLASSES, PERIODS, DECAY_SPLIT, FORECAST_LATER, SURROGATE),
    needs=frozenset({"time"}),
    limits=(
        Limit(
            GateId.STABILITY,
            "decay_at_horizon",
            "accuracy lost in the months ahead",
            "A model loses {} of accuracy in the months ahead",
            MATERIAL,
            None,
            "points",
            "house rule (2026): material margin of 3 points; it fails nothing, as what counts is who is right then",
            "Map renamed and merged classes to their new names, or wait until the taxonomy has settled.",
            missing=GateStatus.UNKNOWN,
            needs="more months of records",
            mends="churned_volume_share",
            otherwise="Train again more often, and find out what changed in the texts or in how they are labelled.",
        ),
    ),
    templates=(DECAYED, BACKTEST),
)
