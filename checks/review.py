"""A person's review: what it says about all labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.evidence.review import Sample, rate_of_all, rate_of_part, sample_of
from auditor.inputs.labels import folded
from auditor.inputs.verdicts import Verdict, Verdicts
from auditor.model import CheckReport, Estimate, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence import Evidence

MAX_ROW_IDS = 20
MAX_CLASSES = 30
DOUBT = "the model's doubt"
REPEATED_DOUBT = "the model's doubt where it agrees"
AGREEMENT = "the agreement with the given labels"


@dataclass(frozen=True)
class _Judged:
    """Judged rows by position (m,), with the verdict and the right label's code (m,), -1 where nobody named it."""

    rows: NDArray[np.int64]
    strata: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    right_label: NDArray[np.int64]


def review(context: Context) -> CheckReport:
    """Estimates from a person's verdicts how many labels are wrong, and what the stand-in scores against true ones."""
    evidence, verdicts = context.evidence, context.evidence.verdicts
    judged = _judged(evidence, verdicts)
    drawn, usable = sum(verdicts.stratum_rows.values()), len(evidence.rows)
    known = ~judged.unsure
    counts = {
        "reviewed": int(known.sum()),
        "review_unsure": int(judged.unsure.sum()),
        "review_blank": verdicts.not_reviewed,
        "review_contradictory": len(verdicts.contradictory),
        "review_unreadable": len(verdicts.unreadable),
        "review_foreign": len(verdicts.foreign),
    }
    findings = _left_out(verdicts)
    if drawn != usable:
        findings.append(
            _finding(
                f"The review was drawn from {drawn:,} records and this export has {usable:,}: its rates are about "
                "those it was drawn from.",
                remedy="Draw a new review if many records have come or gone.",
            )
        )
    if known.sum() < context["min_reviewed"]:
        findings.append(
            _finding(
                f"Only {int(known.sum()):,} records were judged right or wrong, too few for a rate of all labels.",
                float(known.sum()),
                context["min_reviewed"],
                "Judge more of the drawn records, from the top of the file.",
            )
        )
        return CheckReport(counts, tuple(findings))

    doubt = 1 - evidence.label_quality.quality

    def rate(of: NDArray[np.bool_], y: NDArray[np.float64], f: NDArray[np.float64], guess: str) -> Estimate:
        sample = sample_of(judged.strata[of], verdicts.stratum_rows)
        return rate_of_all(sample, y, f[judged.rows[of]], f if drawn == usable else None, guess)

    wrong = judged.wrong[known].astype(float)
    noise = rate(known, wrong, doubt, DOUBT)
    agrees = (evidence.stand_in.out_of_fold.predicted == evidence.codes).astype(float)
    repeated = rate(known, wrong * agrees[judged.rows[known]], doubt * agrees, REPEATED_DOUBT)
    if_unsure_wrong = rate(np.ones_like(known), (judged.wrong | judged.unsure).astype(float), doubt, DOUBT)
    sample = sample_of(judged.strata[known], verdicts.stratum_rows)
    parts = _classes(evidence, judged.rows[known], wrong, sample, context["min_of_class"])
    findings += _too_much_noise(noise, parts, context["noise_rate"])
    measurements = counts | {
        "reviewed_noise_rate": noise.value,
        "reviewed_noise_low": noise.low or 0.0,
        "reviewed_noise_high": 1.0 if noise.high is None else noise.high,
        "noise_rate_if_unsure_wrong": if_unsure_wrong.value,
        "reviewed_repeated_rate": repeated.value,
        "reviewed_repeated_low": repeated.low or 0.0,
        "reviewed_repeated_high": 1.0 if repeated.high is None else repeated.high,
    }
    estimates = {"label_noise_rate": noise, "accuracy_true_labels": _accuracy(evidence, judged, known, agrees, rate)}
    estimates |= {f"label_noise_rate:{name}": each for name, each in parts.items()}
    flagged = evidence.label_issues.flagged[judged.rows[known]]
    if flagged.any():
        precision = rate_of_part(wrong[flagged], sample.weights[flagged], "flagged records")
        measurements["flag_precision"] = precision.value
        estimates["flag_precision"] = precision
    return CheckReport(measurements, tuple(findings), estimates)


def _judged(evidence: Evidence, verdicts: Verdicts) -> _Judged:
    row_ids = evidence.rows["row_id"].to_numpy()
    order = np.argsort(row_ids)
    asked = np.array([each.row_id for each in verdicts.judged], np.int64)
    rows = order[np.searchsorted(row_ids[order], asked)]
    verdict = np.array([each.verdict.value for each in verdicts.judged], object)
    codes = {folded(name): code for code, name in enumerate(evidence.classes.names)}
    outside = len(codes)
    named = np.array([codes.get(folded(each.correct_label), outside) for each in verdicts.judged], np.int64)
    given = np.array([bool(each.correct_label) for each in verdicts.judged], bool)
    right_label = np.where(verdict == Verdict.RIGHT, evidence.codes[rows], np.where(given, named, -1))
    strata = np.array([each.stratum for each in verdicts.judged], np.int64)
    return _Judged(rows, strata, verdict == Verdict.WRONG, verdict == Verdict.UNSURE, right_label)


def _accuracy(
    evidence: Evidence,
    judged: _Judged,
    known: NDArray[np.bool_],
    agrees: NDArray[np.float64],
    rate: Callable[[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64], str], Estimate],
) -> Estimate:
    """The share of rows where the out-of-fold prediction is the right label.

    Where a label is wrong, nobody said what is right and the prediction differs from it, the prediction may be
    right or wrong: the interval spans both, the value leaves such rows out.
    """
    predicted = evidence.stand_in.out_of_fold.predicted
    said = predicted[judged.rows]
    unknown = known & judged.wrong & (judged.right_label < 0) & (said != evidence.codes[judged.rows])
    hit = (said == judged.right_label).astype(float)
    if not unknown.any():
        return rate(known, hit[known], agrees, AGREEMENT)
    least, most = (rate(known, np.where(unknown, fill, hit)[known], agrees, AGREEMENT) for fill in (0.0, 1.0))
    closed = known & ~unknown
    value = rate(closed, hit[closed], agrees, AGREEMENT).value if closed.any() else least.value
    method = f"{least.method}; {int(unknown.sum()):,} wrong labels without a correct one count both ways"
    return replace(least, value=value, high=most.high, method=method)


def _classes(
    evidence: Evidence, rows: NDArray[np.int64], wrong: NDArray[np.float64], sample: Sample, least: float
) -> dict[str, Estimate]:
    """The rate of each class with enough judged records, most of them first."""
    codes = evidence.codes[rows]
    counts = np.bincount(codes, minlength=len(evidence.classes))
    return {
        evidence.classes.names[code]: rate_of_part(
            wrong[codes == code], sample.weights[codes == code], "records of the class"
        )
        for code in np.argsort(-counts, kind="stable")[:MAX_CLASSES]
        if counts[code] >= least
    }


def _too_much_noise(noise: Estimate, parts: dict[str, Estimate], limit: float) -> list[Finding]:
    if noise.value <= limit:
        return []
    over = [
        _finding(
            f"A person found {100 * each.value:.0f} % of the labels '{name}' wrong (90 % interval {_interval(each)}).",
            each.value,
            limit,
            "Review this class first.",
            Subject(SubjectKind.CLASS, (name,)),
        )
        for name, each in parts.items()
        if (each.low or 0) > max(limit, noise.value)
    ]
    whole = _finding(
        f"By a person's review {100 * noise.value:.0f} % of all labels are wrong (90 % interval {_interval(noise)}).",
        noise.value,
        limit,
        "Have the listed records judged again, most suspicious first (rows.parquet, label_quality).",
    )
    return [replace(whole, severity=Severity.CRITICAL if noise.value > 2 * limit else Severity.WARNING), *over]


def _left_out(verdicts: Verdicts) -> list[Finding]:
    """Lines that cannot count, with their row ids."""
    cases: tuple[tuple[Sequence[int | str], str, str], ...] = (
        (
            verdicts.contradictory,
            "contradict themselves (right with another label, wrong with the same label, or judged twice)",
            "Decide each of them once.",
        ),
        (verdicts.unreadable, "have a verdict other than right, wrong or unsure", "Correct the column 'verdict'."),
        (
            verdicts.foreign,
            "do not belong to this export: row id, label or text differ",
            "Pass the review that was drawn from this export.",
        ),
    )
    return [
        replace(
            _finding(f"{len(ids):,} reviewed records {problem}; they are left out.", float(len(ids)), 0.0, remedy),
            evidence={"rows": len(ids), "row_ids": [_number(each) for each in ids[:MAX_ROW_IDS]]},
        )
        for ids, problem, remedy in cases
        if ids
    ]


def _finding(
    message: str,
    observed: float | None = None,
    limit: float | None = None,
    remedy: str = "",
    subject: Subject | None = None,
) -> Finding:
    subject = subject or Subject(SubjectKind.DATASET)
    return Finding("LAB005", Severity.WARNING, subject, message, observed, limit, remedy)


def _number(row_id: int | str) -> int | None:
    """What is no number may be anything, so it is not shown."""
    return int(row_id) if str(row_id).isdecimal() and len(str(row_id)) < 16 else None


def _interval(estimate: Estimate) -> str:
    return f"{100 * (estimate.low or 0):.0f} to {100 * (1 if estimate.high is None else estimate.high):.0f} %"


REVIEW = Check(
    "LAB005",
    "review",
    "What a person's review says about all labels",
    GateId.LABELS,
    "A model shares its annotators' mistakes, so that only a person can bound the share of wrong labels from above.",
    review,
    parameters=(
        Parameter("noise_rate", 0.05, "Northcutt et al. 2021 find 3.4 % on average in well-known test sets"),
        Parameter("min_reviewed", 30, "house rule: below, the interval says next to nothing"),
        Parameter("min_of_class", 10, "house rule"),
    ),
)
