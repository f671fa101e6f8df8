"""Class shares that a model pushes further."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.estimators.confusion import Answers, leaning_growth, pushed_further
from auditor.evidence.classes import CLASSES
from auditor.evidence.counted import crossed
from auditor.evidence.sources import SOURCE_BIAS, SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.model import CheckReport, Figure, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template

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
    """Class shares of a segment that a model pushes further than it does elsewhere (Zhao et al. 2017).

    Not where the segment's own bias takes records from the class (PAT003): there the model puts them right.
    """
    results = context.results
    names, codes, predicted = results[CLASSES].shown, results[CLASSES].codes, results[SURROGATE].out_of_fold.predicted
    k = len(names)
    findings: list[Finding] = []
    righted = {(bias.column, bias.value, bias.expected) for bias in results[SOURCE_BIAS]}
    pushed, leaning = 0.0, 0
    tests = sum(len(column.values) for column in results[SOURCE_COLUMNS]) * k
    for column in results[SOURCE_COLUMNS]:
        wrong, values = predicted != codes, len(column.values)
        found = Answers(
            crossed(column.codes, codes, values, k),
            crossed(column.codes, predicted, values, k),
            crossed(column.codes[wrong], predicted[wrong], values, k),
            crossed(column.codes[wrong], codes[wrong], values, k),
        )
        given, said, of_segment = found.given, found.said, found.given.sum(axis=1)
        error, least = context["family_error"] / tests, int(context["rows"])
        for at, code in pushed_further(found, error, context["ratio"], least):
            if (column.name, column.values[at], code) in righted:
                continue
            n = int(of_segment[at])
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
                    float(said[at, code] / given[at, code]),
                    context["ratio"],
                    evidence={"class": names[code], "given": int(given[at, code]), "said": int(said[at, code])},
                )
            )
        grown, count = leaning_growth(found)
        pushed += grown
        leaning += count
    return CheckReport(
        {"mean_bias_amplification": pushed / max(leaning, 1), "amplified_cells": len(findings)},
        tuple(findings[:MAX_NAMED]),
    )


CHECK = Check(
    "PAT008",
    "amplified-shares",
    "Class shares that a model pushes further",
    GateId.PATTERNS,
    "Where a segment leans to a class, a model that leans further turns a tendency into a rule.",
    amplified_shares,
    reads=(CLASSES, SOURCE_BIAS, SOURCE_COLUMNS, SURROGATE),
    needs=frozenset({"segment"}),
    parameters=(
        Parameter("family_error", 0.01, "Bonferroni over all classes of all segment values"),
        Parameter("ratio", 1.1, "house rule: a tenth more than the labels say"),
        Parameter("rows", 20, "house rule"),
    ),
    templates=(AMPLIFIED,),
)
