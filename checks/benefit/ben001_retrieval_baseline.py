"""Training against retrieved examples."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.intervals import paired_difference, share_of_others
from auditor.evidence.classes import CLASSES
from auditor.evidence.retrieval import N_EXAMPLES, RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.limits import MATERIAL
from auditor.model import COUNT, PERCENT, CheckReport, Figure, Finding, GateId, Severity, Subject, SubjectKind, Template

VOTE = Template(
    "vote", "vote of {records} nearest labelled records; its interval is for any retriever", fields={"records": COUNT}
)
# By how much a retriever that was chosen on the export is ahead of this vote, and how that differs between exports:
# benchmarks/results/calibration.md, the half that is there to fit on.
OTHERS_AHEAD, OTHERS_SPREAD = 0.027, 0.020
AMONG = Template(
    "among",
    "the given label is among {records} retrieved examples; its interval is for any retriever",
    fields={"records": COUNT},
)
# The same of how often a record's own label is among those retrieved.
OTHERS_AHEAD_AMONG, OTHERS_SPREAD_AMONG = 0.0, 0.008
LITTLE_TO_ADD = Template(
    "little_to_add",
    "The nearest {records} labelled records already answer {right} rightly; training would add {gain} (± {error}).",
    "Prompt with retrieved examples; it needs no training and follows the taxonomy when it changes.",
    {
        "records": COUNT,
        "right": PERCENT,
        "gain": Figure("points", 0, signed=True),
        "error": Figure("points", 0, bare=True),
    },
)


def retrieval_baseline(context: Context) -> CheckReport:
    """The surrogate for a trained model against its nearest labelled neighbours, on the same held-out records."""
    retrieval, codes = context.results[RETRIEVAL], context.results[CLASSES].codes
    truth = codes[retrieval.queries]
    trained = context.results[SURROGATE].out_of_fold.predicted[retrieval.queries] == truth
    vote = retrieval.vote == truth
    n = len(truth)
    gain, error = paired_difference(int((trained & ~vote).sum()), int((vote & ~trained).sum()), n)
    findings: tuple[Finding, ...] = ()
    if gain < context["gain"]:
        findings = (
            Finding(
                "BEN001",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                LITTLE_TO_ADD.of(records=retrieval.k, right=float(vote.mean()), gain=gain, error=error),
                gain,
                context["gain"],
            ),
        )
    return CheckReport(
        {
            "gain_over_retrieval": gain,
            "gain_over_retrieval_low": gain - error,
            "gain_over_retrieval_high": gain + error,
            "gain_over_ceiling": float(trained.mean() - retrieval.found.mean()),
            "surrogate_accuracy_beside_vote": float(trained.mean()),
            "vote_accuracy": float(vote.mean()),
            "found_among_retrieved": float(retrieval.found.mean()),
        },
        findings,
        {
            "retrieval_accuracy": share_of_others(
                int(vote.sum()), n, VOTE.of(records=retrieval.k), OTHERS_AHEAD, OTHERS_SPREAD
            ),
            "retrieval_ceiling": share_of_others(
                int(retrieval.found.sum()),
                n,
                AMONG.of(records=N_EXAMPLES),
                OTHERS_AHEAD_AMONG,
                OTHERS_SPREAD_AMONG,
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
    parameters=(Parameter("gain", MATERIAL, "the material margin, 3 points"),),
    templates=(LITTLE_TO_ADD, VOTE, AMONG),
)
