"""Patterns: segments that a model serves worse, knows too little of, or pushes further into a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom, binomtest

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.shown import SHARED_BY
from auditor.evidence.sources import SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def amplified_shares(context: Context) -> CheckReport:
    """Class shares of a segment that a model pushes further than it does elsewhere (Zhao et al. 2017)."""
    results = context.results
    names, codes, predicted = results[CLASSES].shown, results[CLASSES].codes, results[SURROGATE].out_of_fold.predicted
    k = len(names)
    findings: list[Finding] = []
    pushed, leaning = 0.0, 0
    tests = sum(len(column.values) for column in results[SOURCE_COLUMNS]) * k
    for column in results[SOURCE_COLUMNS]:
        values = len(column.values)
        given = _table(column.codes, codes, values, k)
        said = _table(column.codes, predicted, values, k)
        wrong = predicted != codes
        added = _table(column.codes[wrong], predicted[wrong], values, k)
        lost = _table(column.codes[wrong], codes[wrong], values, k)
        # A class that gains everywhere is PAT001's; here a segment must gain more than the others do.
        changed = added + lost
        usual = (added.sum(axis=0) - added + 1) / (changed.sum(axis=0) - changed + 2)
        p_values = binom.sf(added - 1, changed, usual)
        ratio = said / np.maximum(given, 1)
        beyond = (p_values * tests < context["family_error"]) & (ratio > context["ratio"]) & (given >= context["rows"])
        of_segment = given.sum(axis=1, keepdims=True)
        for at, code in sorted(zip(*np.nonzero(beyond), strict=True), key=lambda cell: -int((said - given)[cell])):
            n = int(of_segment[at, 0])
            findings.append(
                Finding(
                    "PAT008",
                    Severity.WARNING,
                    Subject(SubjectKind.SEGMENT, (f"{column.name}={column.values[at]}",)),
                    f"A model answers '{names[code]}' for {100 * said[at, code] / n:.1f} % of the records of "
                    f"{column.name} '{column.values[at]}', where {100 * given[at, code] / n:.1f} % carry it.",
                    float(ratio[at, code]),
                    context["ratio"],
                    "Balance this class within the segment, or keep a person on its records.",
                    {"class": names[code], "given": int(given[at, code]), "said": int(said[at, code])},
                )
            )
        # Zhao et al.: the mean growth of the shares of a class that lean to a segment already.
        leans = (given / np.maximum(given.sum(axis=0), 1)) > of_segment / len(codes)
        growth = said / np.maximum(said.sum(axis=0), 1) - given / np.maximum(given.sum(axis=0), 1)
        pushed += float(growth[leans].sum())
        leaning += int(leans.sum())
    return CheckReport(
        {"mean_bias_amplification": pushed / max(leaning, 1), "amplified_cells": len(findings)},
        tuple(findings[:MAX_NAMED]),
    )


def _table(rows: NDArray[np.int32], columns: NDArray[np.int32], n_rows: int, n_columns: int) -> NDArray[np.int64]:
    """Counts (n_rows, n_columns) of pairs of codes."""
    cell = rows.astype(np.int64) * n_columns + columns
    return np.bincount(cell, minlength=n_rows * n_columns).reshape(n_rows, n_columns)


SERVED_SEGMENTS = Check(
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
AMPLIFIED_SHARES = Check(
    "PAT008",
    "amplified-shares",
    "Class shares that a model pushes further",
    GateId.PATTERNS,
    "Where a segment leans to a class, a model that leans further turns a tendency into a rule.",
    amplified_shares,
    reads=(CLASSES, SOURCE_COLUMNS, SURROGATE),
    needs=frozenset({"segment"}),
    parameters=(
        Parameter("family_error", 0.01, "Bonferroni over all classes of all segment values"),
        Parameter("ratio", 1.1, "house rule: a tenth more than the labels say"),
        Parameter("rows", 20, "house rule"),
    ),
)
