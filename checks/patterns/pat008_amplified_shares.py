"""Class shares that a model pushes further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.sources import SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.model import CheckReport, Figure, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_NAMED = 20
AMPLIFIED = Template(
    "amplified",
    "A model answers '{label}' for {answered} of the records of {column} '{value}', where {carried} carry it.",
    "Balance this class within the segment, or keep a person on its records.",
    {
        "label": Kind.CLASS,
        "answered": Figure("share", 1),
        "column": Kind.COLUMN,
        "value": Kind.VALUE,
        "carried": Figure("share", 1),
    },
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
                    AMPLIFIED.of(
                        label=names[code],
                        answered=float(said[at, code] / n),
                        column=column.name,
                        value=column.values[at],
                        carried=float(given[at, code] / n),
                    ),
                    float(ratio[at, code]),
                    context["ratio"],
                    evidence={"class": names[code], "given": int(given[at, code]), "said": int(said[at, code])},
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


CHECK = Check(
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
    templates=(AMPLIFIED,),
)
