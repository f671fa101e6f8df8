"""Benefit: does fine-tuning beat prompting with retrieval by enough to pay for itself?"""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.classes import CLASSES
from auditor.evidence.intervals import share_estimate
from auditor.evidence.profile import PROFILE, TOKENS_PER_RECORD
from auditor.evidence.prompted import PROMPTED
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.volume import VOLUME
from auditor.interval import Z_90
from auditor.model import CheckReport, Estimate, Finding, GateId, Severity, Subject, SubjectKind
from auditor.script_tokens import METHOD


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


def monthly_volume(context: Context) -> CheckReport:
    """Records per month and their length, which any cost is made of."""
    profile, volume = context.results[PROFILE], context.results[VOLUME]
    return CheckReport(
        {"monthly_volume": volume.monthly, "words_per_record": profile.mean_words},
        (),
        {
            "monthly_volume": Estimate(volume.monthly, None, None, "records", volume.said),
            "tokens_per_record": Estimate(context.results[TOKENS_PER_RECORD], None, None, "tokens", METHOD),
        },
    )


def prompted_system(context: Context) -> CheckReport:
    """The answers of a prompted system against the trained model on the same records, and against each other."""
    found, classes = context.results[PROMPTED], context.results[CLASSES]
    n = len(found.rows)
    if n < context["rows"]:
        raise NotApplicable(f"{n:,} records have an answer of a prompted system; {context['rows']:.0f} are needed")
    right = found.right(classes)
    trained = context.results[SURROGATE].out_of_fold.predicted[found.rows] == classes.codes[found.rows]
    prompt_right, trained_right = found.mean(right), found.mean(trained)
    gain, error = trained_right - prompt_right, Z_90 * found.error(trained - right)
    measured = {
        "prompt_rows": n,
        "prompt_accuracy": prompt_right,
        "trained_accuracy_beside_prompt": trained_right,
        "gain_over_prompt": gain,
        "gain_over_prompt_low": gain - error,
        "gain_over_prompt_high": gain + error,
        "prompt_invalid_share": float((found.runs == -1).sum() / (found.runs > -2).sum()),
    }
    findings = []
    if gain < context["gain"]:
        findings.append(
            Finding(
                "BEN003",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"The prompted system is right on {100 * prompt_right:.1f} % of {n:,} records, a trained model on "
                f"{100 * trained_right:.1f} %: training would add {100 * gain:+.1f} points (± {100 * error:.1f}).",
                gain,
                context["gain"],
                "Stay with the prompt; its answers are as good without training.",
            )
        )
    if found.repeated.any():
        differ = float(found.wavering[found.repeated].mean())
        measured["prompt_wavering_share"] = differ
        if differ > context["wavering"]:
            findings.append(
                Finding(
                    "BEN003",
                    Severity.INFO,
                    Subject(SubjectKind.DATASET),
                    f"Asked again, the prompted system answers differently on {100 * differ:.1f} % of "
                    f"{int(found.repeated.sum()):,} records.",
                    differ,
                    context["wavering"],
                    "Where the same record must get the same answer, that is a reason to train: a classifier repeats "
                    "itself.",
                )
            )
    method = f"answers of a prompted system on {n:,} records"
    return CheckReport(
        measured, tuple(findings), {"prompt_accuracy": share_estimate(round(n * prompt_right), n, method)}
    )


RETRIEVAL_BASELINE = Check(
    "BEN001",
    "retrieval-baseline",
    "Training against retrieved examples",
    GateId.BENEFIT,
    "If the nearest labelled records answer as well, prompting with them does too, and costs no training.",
    retrieval_baseline,
    reads=(CLASSES, RETRIEVAL, SURROGATE),
    parameters=(Parameter("gain", 0.03, "the material margin of the policy, 3 points"),),
)
PROMPTED_SYSTEM = Check(
    "BEN003",
    "prompted-system",
    "Training against the prompted system",
    GateId.BENEFIT,
    "What a prompt really answers settles what the retrieved examples can only bound.",
    prompted_system,
    reads=(CLASSES, PROMPTED, SURROGATE),
    parameters=(
        Parameter("gain", 0.03, "house rule (2026): the material margin, here against the measured prompt"),
        Parameter("rows", 100, "house rule (2026): with fewer, the interval is wider than 8 points to either side"),
        Parameter("wavering", 0.02, "house rule (2026): one record in fifty"),
    ),
)
MONTHLY_VOLUME = Check(
    "BEN002",
    "monthly-volume",
    "Records per month",
    GateId.BENEFIT,
    "Training pays back only over many records.",
    monthly_volume,
    reads=(PROFILE, TOKENS_PER_RECORD, VOLUME),
    needs=frozenset({"time"}),
)
