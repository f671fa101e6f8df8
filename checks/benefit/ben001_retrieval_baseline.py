"""Training against retrieved examples."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.intervals import share_estimate
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind


def retrieval_baseline(context: Context) -> CheckReport:
    """The surrogate for a trained model against its nearest labelled neighbours, on the same held-out records."""
    retrieval, codes = context.results[RETRIEVAL], context.results[CLASSES].codes
    truth = codes[retrieval.queries]
    trained = context.results[SURROGATE].out_of_fold.predicted[retrieval.queries] == truth
    vote = retrieval.vote == truth
    gain = trained.mean() - vote.mean()
    error = Z_90 * (trained.astype(int) - vote.astype(int)).std() / np.sqrt(len(truth))
    findings: tuple[Finding, ...] = ()
    if gain < context["gain"]:
        findings = (
            Finding(
                "BEN001",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"The nearest {retrieval.k} labelled records already answer {100 * vote.mean():.0f} % rightly; "
                f"training would add {100 * gain:+.0f} points (± {100 * error:.0f}).",
                float(gain),
                context["gain"],
                "Prompt with retrieved examples; it needs no training and follows the taxonomy when it changes.",
            ),
        )
    n = len(truth)
    return CheckReport(
        {
            "gain_over_retrieval": float(gain),
            "gain_over_retrieval_low": float(gain - error),
            "gain_over_retrieval_high": float(gain + error),
            "gain_over_ceiling": float(trained.mean() - retrieval.found.mean()),
            "trained_accuracy": float(trained.mean()),
            "prompt_floor": float(vote.mean()),
            "prompt_ceiling": float(retrieval.found.mean()),
        },
        findings,
        {
            "retrieval_accuracy": share_estimate(int(vote.sum()), n, f"vote of {retrieval.k} nearest labelled records"),
            "retrieval_ceiling": share_estimate(
                int(retrieval.found.sum()), n, "the given label is among 20 retrieved examples"
            ),
        },
    )


CHECK = Check(
    "BEN001",
    "retrieval-baseline",
    "Training against retrieved examples",
    GateId.BENEFIT,
    "If the nearest labelled records answer as well, prompting with them does too, and costs no training.",
    retrieval_baseline,
    reads=(CLASSES, RETRIEVAL, SURROGATE),
    parameters=(Parameter("gain", 0.03, "the material margin of the policy, 3 points"),),
)
