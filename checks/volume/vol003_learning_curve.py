"""Accuracy against training rows."""

from __future__ import annotations

from math import hypot

from auditor.check import Check, Context
from auditor.estimators.curve import LEARNING_CURVE, doubled, doubling_error
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.evidence.classes import CLASSES
from auditor.evidence.means import mean_error
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.limits import MATERIAL, Limit
from auditor.model import POINTS, CheckReport, Finding, GateId, GateStatus, Subject, SubjectKind, Template

STILL_RISES = Template(
    "still_rises",
    "Accuracy still rises with more rows: twice as many would add about {gain}.",
    "Collect more labelled records before you pay for training.",
    {"gain": POINTS},
)


def learning_curve(context: Context) -> CheckReport:
    """Measures how accuracy grows with rows and what twice the rows would give."""
    curve = context.results[LEARNING_CURVE]
    codes, predicted = context.results[CLASSES].codes, context.results[SURROGATE].out_of_fold.predicted
    right = predicted == codes
    estimates = {}
    measurements = {"accuracy_given_labels": float(right.mean())}
    findings: tuple[Finding, ...] = ()
    gain = curve.by_twice_the_rows
    if gain is not None:
        # Like with like: all rows against twice as many, both by the law.
        ahead = context.results[ORDINARY_AHEAD]
        level = float(right.mean()) + ahead.value + curve.by_all_rows + gain
        error = hypot(mean_error(right), ahead.spread)
        estimates["accuracy_doubling_data"] = doubled(level, error, len(codes))
        half_width = Z_90 * doubling_error(len(codes))
        measurements |= {
            "doubling_gain": gain,
            "doubling_gain_low": max(gain - half_width, 0.0),
            "doubling_gain_high": gain + half_width,
        }
        limit = context.limits["doubling_gain"]
        if severity := limit.severity(gain):
            findings = (
                Finding(
                    "VOL003",
                    severity,
                    Subject(SubjectKind.DATASET),
                    STILL_RISES.of(gain=gain),
                    gain,
                    limit.passes,
                    measurement=limit.measurement,
                ),
            )
    return CheckReport(measurements, findings, estimates)


CHECK = Check(
    "VOL003",
    "learning-curve",
    "Accuracy against training rows",
    GateId.VOLUME,
    "A curve that still rises says that labelling more is worth more than training now.",
    learning_curve,
    reads=(ORDINARY_AHEAD, CLASSES, LEARNING_CURVE, SURROGATE),
    limits=(
        Limit(
            GateId.VOLUME,
            "doubling_gain",
            "accuracy that twice the records would add",
            "Twice the records would add {} of accuracy",
            MATERIAL,
            0.08,
            "points",
            "house rule (2026): material margin of 3 points",
            "Label more records before training.",
            missing=GateStatus.UNKNOWN,
            needs="more records",
        ),
    ),
    templates=(STILL_RISES,),
)
