"""Source-specific label bias."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.estimators.intervals import share_estimate
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.sources import RELABELLING_GAIN, SOURCE_BIAS
from auditor.limits import Limit
from auditor.model import CheckReport, Estimate, GateId, GateStatus, Severity
from checks.source_bias import FILED_APART, bias_finding

MAX_NAMED = 20


def source_bias(context: Context) -> CheckReport:
    """Labelling that one source has and the others do not, and whether a model repeats it."""
    biases, classes = context.results[SOURCE_BIAS], context.results[CLASSES]
    row_ids = context.results[ROWS]["row_id"].to_numpy()
    n = len(classes.codes)
    findings = [bias_finding("PAT003", Severity.CRITICAL, bias, classes.shown, row_ids) for bias in biases[:MAX_NAMED]]
    rows = np.unique(np.concatenate([bias.rows for bias in biases])) if biases else np.empty(0, np.int64)
    estimates = {}
    if biases:
        sizes = np.array([len(bias.rows) for bias in biases])
        repeated = np.array([bias.repeated_noise_rate for bias in biases])
        amplified = float(np.average([bias.amplification_ratio for bias in biases], weights=sizes))
        repeated_rows = round(float((sizes * repeated).sum()))
        estimates = {
            "repeated_noise_rate": share_estimate(
                repeated_rows, int(sizes.sum()), "suspect labels that a model trained on them gives again"
            ),
            "amplification_ratio": Estimate(
                amplified,
                None,
                None,
                "ratio",
                "suspect pattern in predictions over the same in labels (cf. Zhao et al. 2017)",
            ),
        }
    measurements = {"systematic_share": len(rows) / n, "habits": len(biases), "repeated_systematic_share": 0.0}
    if biases:
        again = context.results[OUT_OF_FOLD].predicted[rows] == classes.codes[rows]
        measurements["repeated_systematic_share"] = float(again.sum() / n)
        measurements["relabelling_gain"] = context.results[RELABELLING_GAIN]
    return CheckReport(measurements, tuple(findings), estimates)


CHECK = Check(
    "PAT003",
    "source-habits",
    "Label bias of one source",
    GateId.PATTERNS,
    "Random mistakes average out in training; the bias of one source is learned and repeated.",
    source_bias,
    reads=(CLASSES, ROWS, SOURCE_BIAS, OUT_OF_FOLD, RELABELLING_GAIN),
    needs=frozenset({"segment"}),
    limits=(
        Limit(
            GateId.PATTERNS,
            "repeated_systematic_share",
            "records that a model would file by the label bias of single sources",
            "A model would file {} of the records by the label bias of single sources",
            0.001,
            0.005,
            "share",
            "house rule (2026)",
            "Relabel the records whose bias a model would repeat.",
            counted=True,
            missing=GateStatus.CAUTION,
        ),
        Limit(
            GateId.PATTERNS,
            "systematic_share",
            "records filed by the label bias of single sources",
            "{} of the records are filed by the label bias of single sources",
            0.001,
            None,
            "share",
            "house rule (2026)",
            "Relabel the records that one source files by a bias of its own.",
            counted=True,
            missing=GateStatus.CAUTION,
        ),
    ),
    templates=(FILED_APART,),
)
