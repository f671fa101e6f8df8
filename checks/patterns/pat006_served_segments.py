"""Segments that a model serves worse."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom, binomtest

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.shown import SHARED_BY
from auditor.evidence.sources import SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

MAX_NAMED = 20


def served_segments(context: Context) -> CheckReport:
    """Segments whose records the model gets right less often than the rest, by more than chance, or that are thin."""
    results = context.results
    right = results[SURROGATE].out_of_fold.predicted == results[CLASSES].codes
    columns = results[SOURCE_COLUMNS]
    tests = sum(len(column.values) for column in columns)
    findings, thin, gaps = [], 0, 0
    for column in columns:
        rows = np.bincount(column.codes)
        hits = np.bincount(column.codes[right], minlength=len(rows))
        # The class mix of a segment explains part of its accuracy; only the rest counts.
        recall = np.bincount(results[CLASSES].codes[right], minlength=len(results[CLASSES])) / results[CLASSES].counts
        expected = np.bincount(column.codes, weights=recall[results[CLASSES].codes]) / rows
        p_values = binom.cdf(hits, rows, np.clip(expected, 0, 1))
        gap = expected - hits / rows
        for at in np.flatnonzero((p_values * tests < context["family_error"]) & (gap > context["gap"])):
            low, high = binomtest(int(hits[at]), int(rows[at])).proportion_ci(0.9, method="wilson")
            gaps += 1
            findings.append(
                Finding(
                    "PAT006",
                    Severity.WARNING,
                    Subject(SubjectKind.SEGMENT, (f"{column.name}={column.values[at]}",)),
                    f"A model is right on {100 * hits[at] / rows[at]:.0f} % ({100 * low:.0f} to {100 * high:.0f}) of "
                    f"the records of {column.name} '{column.values[at]}', where its classes promise "
                    f"{100 * expected[at]:.0f} %.",
                    float(hits[at] / rows[at]),
                    float(expected[at]),
                    "Review the labels of this source, and collect more of its records.",
                    {"rows": int(rows[at]), "low": float(low), "high": float(high)},
                )
            )
        few = np.flatnonzero(rows[: -1 if column.pooled else None] < context["rows"])
        thin += len(few)
        if len(few):
            findings.append(_thin(column.name, tuple(column.values[at] for at in few), int(rows[few].sum()), context))
        if column.pooled:
            findings.append(_pooled(column.name, len(column.values) - 1, int(rows[-1])))
    compared = {column.name for column in columns}
    findings += [_one_value(name) for name in context.batch.roles.segment if name not in compared]
    return CheckReport({"underserved_segments": gaps, "thin_segments": thin}, tuple(findings[:MAX_NAMED]))


def _thin(column: str, values: tuple[str, ...], rows: int, context: Context) -> Finding:
    named = ", ".join(f"'{value}'" for value in values[:3]) + (", ..." if len(values) > 3 else "")
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        f"{len(values)} of the values of {column} ({named}) hold fewer than {context['rows']:.0f} records each, "
        f"{rows:,} in all: how well a model serves them cannot be told.",
        float(len(values)),
        0.0,
        "Collect more of their records before a model decides about them.",
        {"rows": rows, "values": len(values)},
    )


def _pooled(column: str, largest: int, rows: int) -> Finding:
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        f"Only the {largest} largest values of {column} that {SHARED_BY} records or more share are compared by "
        f"themselves; the other {rows:,} records are taken as one.",
        remedy="Group its values, by region or kind for example, and name the grouped column with --segment.",
        evidence={"rows": rows},
    )


def _one_value(column: str) -> Finding:
    return Finding(
        "PAT006",
        Severity.INFO,
        Subject(SubjectKind.COLUMN, (column,)),
        f"No two values of {column} hold {SHARED_BY} records each, so that nothing can be compared by it.",
        remedy="Leave the column out, group its values, or export the records of all of them.",
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
        Parameter("gap", 0.03, "the material margin of the policy, 3 points"),
        Parameter("rows", 50, "house rule: with 50 records the recall is known to about 12 points"),
    ),
)
