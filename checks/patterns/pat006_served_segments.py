"""Segments that a model serves worse."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.confusion import ServedWorse, served_worse
from auditor.evidence.classes import CLASSES
from auditor.evidence.sources import SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.limits import MATERIAL
from auditor.model import (
    COUNT,
    PERCENT,
    SHARED_BY,
    CheckReport,
    Figure,
    Finding,
    GateId,
    Kind,
    Listed,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

MAX_NAMED = 20
SERVED_WORSE = Template(
    "served_worse",
    "A model is right on {right} ({low} to {high}) of the records of {column} '{value}', where its classes promise "
    "{promised}.",
    "Review the labels of this source, and collect more of its records.",
    {
        "right": PERCENT,
        "low": Figure("share", 0, bare=True),
        "high": Figure("share", 0, bare=True),
        "column": Kind.COLUMN,
        "value": Kind.VALUE,
        "promised": PERCENT,
    },
)
THIN = Template(
    "thin",
    "{values} of the values of {column} ({named}) hold fewer than {least} records each, {rows} in all: how well a "
    "model serves them cannot be told.",
    "Collect more of their records before a model decides about them.",
    {
        "values": COUNT,
        "column": Kind.COLUMN,
        "named": Listed("'{value}'", {"value": Kind.VALUE}, most=3, more=", ..."),
        "least": COUNT,
        "rows": COUNT,
    },
)
POOLED = Template(
    "pooled",
    "Only the {largest} largest values of {column} that {least} records or more share are compared by themselves; the "
    "other {rows} records are taken as one.",
    "Group its values, by region or kind for example, and name the grouped column with --segment.",
    {"largest": COUNT, "column": Kind.COLUMN, "least": COUNT, "rows": COUNT},
)
NOTHING_TO_COMPARE = Template(
    "nothing_to_compare",
    "No two values of {column} hold {least} records each, so that nothing can be compared by it.",
    "Leave the column out, group its values, or export the records of all of them.",
    {"column": Kind.COLUMN, "least": COUNT},
)


def served_segments(context: Context) -> CheckReport:
    """Segments whose records the model gets right less often than the rest, by more than chance, or that are thin."""
    results = context.results
    codes, columns = results[CLASSES].codes, results[SOURCE_COLUMNS]
    right = results[SURROGATE].out_of_fold.predicted == codes
    recall = np.bincount(codes[right], minlength=len(results[CLASSES])) / results[CLASSES].counts
    tests = sum(len(column.values) for column in columns)
    findings: list[Finding] = []
    thin, gaps = 0, 0
    for column in columns:
        rows = np.bincount(column.codes)
        hits = np.bincount(column.codes[right], minlength=len(rows))
        # The class mix of a segment explains part of its accuracy; only the rest counts.
        promised = np.bincount(column.codes, weights=recall[codes]) / rows
        worse = served_worse(rows, hits, promised, context["family_error"] / tests, context["gap"])
        gaps += len(worse)
        findings += [_served_worse(each, column.name, column.values[each.at]) for each in worse]
        few = np.flatnonzero(rows[: -1 if column.pooled else None] < context["rows"])
        thin += len(few)
        if len(few):
            findings.append(_thin(column.name, tuple(column.values[at] for at in few), int(rows[few].sum()), context))
        if column.pooled:
            findings.append(_pooled(column.name, len(column.values) - 1, int(rows[-1])))
    compared = {column.name for column in columns}
    findings += [_one_value(name) for name in context.batch.roles.segment if name not in compared]
    return CheckReport({"underserved_segments": gaps, "thin_segments": thin}, tuple(findings[:MAX_NAMED]))


def _served_worse(found: ServedWorse, column: str, value: str) -> Finding:
    return Finding(
        "PAT006",
        Severity.WARNING,
        Subject(SubjectKind.SEGMENT, (f"{column}={value}",)),
        SERVED_WORSE.of(
            right=found.right,
            low=found.low,
            high=found.high,
            column=column,
            value=value,
            promised=found.promised,
        ),
        found.right,
        found.promised,
        evidence={"rows": found.rows, "low": found.low, "high": found.high},
    )


def _thin(column: str, values: tuple[str, ...], rows: int, context: Context) -> Finding:
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        THIN.of(
            values=len(values),
            column=column,
            named=[{"value": value} for value in values[:MAX_NAMED]],
            least=context["rows"],
            rows=rows,
        ),
        float(len(values)),
        0.0,
        evidence={"rows": rows, "values": len(values)},
    )


def _pooled(column: str, largest: int, rows: int) -> Finding:
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        POOLED.of(largest=largest, column=column, least=SHARED_BY, rows=rows),
        evidence={"rows": rows},
    )


def _one_value(column: str) -> Finding:
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        NOTHING_TO_COMPARE.of(column=column, least=SHARED_BY),
    )


CHECK = Check(
    "PAT006",
    "served-segments",
    "Segments that a model serves worse",
    GateId.PATTERNS,
    "An average hides the sites and payers for which a model is often wrong.",
    served_segments,
    reads=(CLASSES, SOURCE_COLUMNS, SURROGATE),
    needs=frozenset({"segment"}),
    parameters=(
        Parameter("family_error", 0.01, "Bonferroni over all segment values"),
        Parameter("gap", MATERIAL, "the material margin, 3 points"),
        Parameter("rows", 50, "house rule: with 50 records the recall is known to about 12 points"),
    ),
    templates=(SERVED_WORSE, THIN, POOLED, NOTHING_TO_COMPARE),
)
