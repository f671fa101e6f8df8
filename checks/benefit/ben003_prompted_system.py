"""Training against the prompted system."""

from __future__ import annotations

from math import hypot

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.evidence.classes import CLASSES
from auditor.evidence.prompted import PROMPTED
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.limits import MATERIAL
from auditor.model import COUNT, CheckReport, Figure, Finding, GateId, Severity, Subject, SubjectKind, Template

AS_GOOD = Template(
    "as_good",
    "The prompted system is right on {prompted} of {records} records, an ordinary classifier on {trained}: training "
    "would add {gain} (± {error}).",
    "Stay with the prompt; its answers are as good without training.",
    {
        "prompted": Figure("share", 1),
        "records": COUNT,
        "trained": Figure("share", 1),
        "gain": Figure("points", 1, signed=True),
        "error": Figure("points", 1, bare=True),
    },
)
INCONSISTENT = Template(
    "inconsistent",
    "Asked again, the prompted system answers differently on {share} of {records} records.",
    "Where the same record must get the same answer, that is a reason to train: a classifier repeats itself.",
    {"share": Figure("share", 1), "records": COUNT},
)


def prompted_system(context: Context) -> CheckReport:
    """The answers of a prompted system against an ordinary classifier on the same records, and against each other."""
    found, classes = context.results[PROMPTED], context.results[CLASSES]
    n = len(found.rows)
    if n < context["rows"]:
        raise NotApplicable(f"{n:,} records have an answer of a prompted system; {context['rows']:.0f} are needed")
    right, ahead = found.right(classes), context.results[ORDINARY_AHEAD]
    trained = context.results[SURROGATE].out_of_fold.predicted[found.rows] == classes.codes[found.rows]
    prompt_right, trained_right = found.mean(right), min(found.mean(trained) + ahead.value, 1.0)
    gain, error = trained_right - prompt_right, Z_90 * hypot(found.error(trained - right), ahead.spread)
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
    if gain + error < context["gain"]:
        findings.append(
            Finding(
                "BEN003",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                AS_GOOD.of(prompted=prompt_right, records=n, trained=trained_right, gain=gain, error=error),
                gain,
                context["gain"],
            )
        )
    if found.repeated.any():
        differ = float(found.inconsistent[found.repeated].mean())
        measured["prompt_wavering_share"] = differ
        if differ > context["inconsistency"]:
            findings.append(
                Finding(
                    "BEN003",
                    Severity.INFO,
                    Subject(SubjectKind.DATASET),
                    INCONSISTENT.of(share=differ, records=int(found.repeated.sum())),
                    differ,
                    context["inconsistency"],
                )
            )
    return CheckReport(measured, tuple(findings))


CHECK = Check(
    "BEN003",
    "prompted-system",
    "Training against the prompted system",
    GateId.BENEFIT,
    "What a prompt really answers settles what the retrieved examples can only bound.",
    prompted_system,
    reads=(CLASSES, ORDINARY_AHEAD, PROMPTED, SURROGATE),
    parameters=(
        Parameter("gain", MATERIAL, "the material margin, here against the measured prompt"),
        Parameter("rows", 100, "house rule (2026): with fewer, the interval is wider than 8 points to either side"),
        Parameter("inconsistency", 0.02, "house rule (2026): one record in fifty"),
    ),
    templates=(AS_GOOD, INCONSISTENT),
)
