"""What a fresh sheet says about all labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.check import Check, Context, Parameter
from auditor.estimators.sheet_rates import LEAST, LEAST_OF_CLASS, SHEET_RATES
from auditor.evidence.given import ROWS
from auditor.evidence.prompted import PROMPTED, TRAINED
from auditor.evidence.sheet_rates import SHEET
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Estimate,
    Field,
    Figure,
    Finding,
    GateId,
    Kind,
    Said,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from auditor.estimators.people import People
    from auditor.estimators.sheet_rates import Scored, SheetRates
    from auditor.sheets.fill import Filled


_RATE: Mapping[str, Field] = {"rate": PERCENT, "low": Figure("share", 0, bare=True), "high": PERCENT}
OTHER_RECORDS = Template(
    "other_records",
    "The sheet was drawn from {drawn} recent records and this export has {here} of that time: its rates are about "
    "those it was drawn from.",
    "Draw a new sheet if many records have come or gone.",
    {"drawn": COUNT, "here": COUNT},
)
TOO_FEW = Template(
    "too_few",
    "Only {labelled} records of the sheet are labelled; a rate of all takes {needed}.",
    "Label more of the sheet, from its top.",
    {"labelled": COUNT, "needed": COUNT},
)
WRONG = Template(
    "wrong",
    "By a fresh sheet {rate} of recent labels are wrong (90 % interval {low} to {high}).",
    "Have the listed records judged again, most suspicious first (rows.parquet, label_quality).",
    _RATE,
)
WRONG_OF_CLASS = Template(
    "wrong_of_class",
    "{rate} of the labels '{label}' are wrong (90 % interval {low} to {high}).",
    "Have this class judged first.",
    {"label": Kind.CLASS, **_RATE},
)
APART = Template(
    "people_apart",
    "Two people gave {rate} of {records} records different labels (90 % interval {low} to {high}): one person's label "
    "is often not the truth here.",
    "Settle with both what tells the classes apart, and write it down (--taxonomy).",
    {"records": COUNT, **_RATE},
)
STRANGE = Template(
    "strange_lines",
    "{rows} filled lines are left out: their row id or text is no record's of the sheet.",
    "Keep row ids and texts as they were drawn.",
    {"rows": COUNT},
)
GONE = Template(
    "gone",
    "{rows} labelled records are left out: this export no longer holds their text.",
    "Pass the export that the sheet was drawn from.",
    {"rows": COUNT},
)
RELABELLED = Template(
    "relabelled",
    "{rows} labelled records have another label in the export since the draw; they count as they were drawn.",
    "Draw a new sheet once the labels have been put right.",
    {"rows": COUNT},
)


def sheet(context: Context) -> CheckReport:
    """Estimates from a person's own labels how many of the export's are wrong, and how right each way is in truth."""
    results, filled = context.results, context.results[SHEET]
    unsure = sum(each.label is None for each in filled.answers)
    counts = {
        "reviewed": len(filled.answers) - unsure,
        "review_needed": int(context["min_labels"]),
        "review_unsure": unsure,
        "review_blank": filled.blank,
        "review_strange": filled.strange,
        "review_gone": filled.gone,
        "review_relabelled": filled.relabelled,
    } | _answered(context, filled)
    findings = _left_out(filled)
    drawn, here = sum(filled.sheet.stratum_rows), int(filled.sheet.recent(results[ROWS]["time"]).sum())
    if drawn != here:
        findings.append(
            _finding(
                OTHER_RECORDS.of(drawn=drawn, here=here),
            )
        )
    if counts["reviewed"] < counts["review_needed"]:
        findings.append(
            _finding(
                TOO_FEW.of(labelled=counts["reviewed"], needed=counts["review_needed"]),
                float(counts["reviewed"]),
                float(counts["review_needed"]),
            )
        )
        return CheckReport(counts, tuple(findings))
    rates = results[SHEET_RATES]
    findings += _too_much_noise(rates, context.limits["reviewed_noise_rate"])
    findings += _apart(rates.people, context["people_apart"])
    return CheckReport(counts | _measured(rates), tuple(findings), _estimates(rates))


def _answered(context: Context, filled: Filled) -> dict[str, int]:
    """How many of the sheet's records in the export a baseline and a trial answered, where there is one."""
    results = context.results
    drawn, row_ids = set(filled.stands_for), results[ROWS]["row_id"]
    counts = {"review_drawn": len(drawn)}
    if context.batch.has_baseline:
        counts["review_prompt_answers"] = len(drawn.intersection(row_ids.gather(results[PROMPTED].rows)))
    if context.batch.trial:
        counts["review_trained_answers"] = len(drawn.intersection(row_ids.gather(results[TRAINED].rows)))
    return counts


def _measured(rates: SheetRates) -> dict[str, float]:
    figures = {
        "reviewed_noise_rate": rates.noise.value,
        "reviewed_noise_low": rates.noise.low or 0.0,
        "reviewed_noise_high": 1.0 if rates.noise.high is None else rates.noise.high,
        "noise_rate_if_unsure_wrong": rates.if_unsure.value,
        "reviewed_repeated_rate": rates.repeated.value,
        "reviewed_repeated_low": rates.repeated.low or 0.0,
        "reviewed_repeated_high": 1.0 if rates.repeated.high is None else rates.repeated.high,
    }
    if rates.flagged is not None:
        figures["flag_precision"] = rates.flagged.value
    if rates.people is not None:
        figures |= {"people_pairs": rates.people.pairs, "people_apart": rates.people.apart.value}
    return figures


def _estimates(rates: SheetRates) -> dict[str, Estimate]:
    found = {"label_noise_rate": rates.noise, "accuracy_true_labels": rates.ordinary.right}
    found |= {f"label_noise_rate:{name}": each for name, each in rates.by_class.items()}
    if rates.flagged is not None:
        found["flag_precision"] = rates.flagged
    if rates.people is not None:
        found["person_error_rate"] = rates.people.error
    ways: tuple[tuple[str, Scored | None], ...] = (("prompt", rates.prompt), ("trained", rates.trained))
    for name, scored in ways:
        if scored is not None:
            found[f"{name}_accuracy_true_labels"] = scored.right
            if scored.behind is not None:
                found[f"{name}_behind_true_labels"] = scored.behind
    return found


def _too_much_noise(rates: SheetRates, limit: Limit) -> list[Finding]:
    noise = rates.noise
    severity = limit.severity(noise.value)
    if severity is None:
        return []
    over = [
        _finding(
            WRONG_OF_CLASS.of(label=name, **_rate(each)),
            each.value,
            limit.passes,
            Subject(SubjectKind.CLASS, (name,)),
        )
        for name, each in rates.by_class.items()
        if (each.low or 0) > max(limit.passes, noise.value)
    ]
    whole = _finding(
        WRONG.of(**_rate(noise)),
        noise.value,
        limit.passes,
    )
    return [replace(whole, severity=severity, measurement=limit.measurement), *over]


def _apart(two: People | None, limit: float) -> list[Finding]:
    if two is None or two.apart.value <= limit:
        return []
    return [
        _finding(
            APART.of(records=two.pairs, **_rate(two.apart)),
            two.apart.value,
            limit,
        )
    ]


def _left_out(filled: Filled) -> list[Finding]:
    """Lines that do not count, and records whose given label is no longer the one that was drawn."""
    cases = ((STRANGE, filled.strange), (GONE, filled.gone), (RELABELLED, filled.relabelled))
    return [_finding(template.of(rows=rows), float(rows), 0.0) for template, rows in cases if rows]


def _finding(
    said: Said,
    observed: float | None = None,
    limit: float | None = None,
    subject: Subject | None = None,
) -> Finding:
    subject = subject or Subject(SubjectKind.DATASET)
    return Finding("LAB005", Severity.WARNING, subject, said, observed, limit)


def _rate(estimate: Estimate) -> dict[str, float]:
    high = 1.0 if estimate.high is None else estimate.high
    return {"rate": estimate.value, "low": estimate.low or 0.0, "high": high}


CHECK = Check(
    "LAB005",
    "sheet",
    "What a fresh sheet says about all labels",
    GateId.LABELS,
    "A model shares its annotators' mistakes, so that only a person who does not see the label can bound the share of "
    "wrong ones from above.",
    sheet,
    reads=(ROWS, SHEET),
    may=(PROMPTED, SHEET_RATES, TRAINED),
    parameters=(
        Parameter(
            "people_apart", 0.1, "house rule (2026): each person then errs on one record in twenty, as noise_rate"
        ),
        Parameter("min_labels", LEAST, "house rule (2026): below, the interval says next to nothing"),
        Parameter("min_of_class", LEAST_OF_CLASS, "house rule (2026)"),
    ),
    limits=(
        Limit(
            GateId.LABELS,
            "reviewed_noise_rate",
            "labels that a fresh sheet finds wrong",
            "A fresh sheet finds {} of the labels wrong",
            0.05,
            0.12,
            "share",
            "as for the labels that look wrong",
            "Have the flagged records judged again, most suspicious first.",
            counted=True,
            supersedes="label_noise_rate",
            needs="a larger sheet",
        ),
        Limit(
            GateId.PATTERNS,
            "reviewed_repeated_rate",
            "wrong labels that a model would repeat, by a fresh sheet",
            "A model would repeat the wrong labels of {} of the records, by a fresh sheet",
            0.01,
            0.03,
            "share",
            "house rule (2026): the material margin of 3 points, which they cost at least",
            "Relabel the records whose mistake a model would repeat.",
            counted=True,
            supersedes="confused_share",
            needs="a larger sheet",
        ),
    ),
    templates=(OTHER_RECORDS, TOO_FEW, WRONG, WRONG_OF_CLASS, APART, STRANGE, GONE, RELABELLED),
)
