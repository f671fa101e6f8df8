"""Class pairs confused beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.confusion import beyond_chance
from auditor.evidence.classes import CLASSES, Classes
from auditor.evidence.counted import crossed
from auditor.evidence.scrambled import SCRAMBLED, Scrambled
from auditor.evidence.surrogate import SURROGATE
from auditor.inputs.levels import levels_of
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Listed,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from auditor.evidence.moments import Codes

MAX_NAMED = 20
CONFUSED = Template(
    "confused",
    "{rows} records of '{label}' ({share}) read like '{taken_for}'.",
    "Write down what tells the two apart, or merge them.",
    {"rows": COUNT, "label": Kind.CLASS, "share": PERCENT, "taken_for": Kind.CLASS},
)
LEVELS = Template(
    "levels",
    "The classes are paths in a tree: a model takes {siblings} of the records for a sibling of their class and "
    "{branches} for a class of another branch. It is right of {by_level}.",
    "Audit a level above with --label-level N where it is enough for what follows from the label.",
    {
        "siblings": PERCENT,
        "branches": PERCENT,
        "by_level": Listed(
            "{right} on level {level} ({classes} classes)", {"right": PERCENT, "level": COUNT, "classes": COUNT}
        ),
    },
)
TOSS_UP = Template(
    "toss_up",
    "{rows} records of '{given}' read like '{expected}', and whether a record that does carries its label is a toss-up "
    "({held}): the classes do not merely overlap.",
    "Have these records read; write down what tells the two apart.",
    {"rows": COUNT, "given": Kind.CLASS, "expected": Kind.CLASS, "held": PERCENT},
)


def confusions(context: Context) -> CheckReport:
    """Class pairs that a model surely confuses more often than their sizes explain, and pairs whose labels are a
    toss-up: ``confused_share`` counts the records of these alone, as an overlap is no mistake.
    """
    classes, predicted = context.results[CLASSES], context.results[SURROGATE].out_of_fold.predicted
    wrong = predicted != classes.codes
    errors = crossed(classes.codes[wrong], predicted[wrong], len(classes), len(classes))
    pairs = beyond_chance(errors, classes.counts, context["family_error"], context["rate"])
    findings = [
        Finding(
            "PAT002",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[a], classes.shown[b])),
            CONFUSED.of(
                rows=int(errors[a, b]),
                label=classes.shown[a],
                share=float(errors[a, b] / classes.counts[a]),
                taken_for=classes.shown[b],
            ),
            float(errors[a, b] / classes.counts[a]),
            context["rate"],
            evidence={"rows": int(errors[a, b])},
        )
        for a, b in pairs[:MAX_NAMED]
    ]
    tossed = context.results[SCRAMBLED]
    findings = [*_branches(classes, predicted), *(_toss_up(pair, classes) for pair in tossed[:MAX_NAMED]), *findings]
    share = sum(len(pair.rows) for pair in tossed) / len(predicted)
    return CheckReport({"confused_pairs": len(pairs), "confused_share": share}, tuple(findings))


def _branches(classes: Classes, predicted: Codes) -> list[Finding]:
    """Errors between siblings and between branches, and how right each level is, where the names are paths."""
    levels = levels_of(classes.names)
    if levels is None:
        return []
    right = []
    for level in range(1, levels.depth + 1):
        cut = [levels.cut(name, level) for name in classes.names]
        place = {name: code for code, name in enumerate(dict.fromkeys(cut))}
        codes = np.array([place[name] for name in cut])
        right.append(float((codes[predicted] == codes[classes.codes]).mean()))
    siblings, branches = right[-2] - right[-1], 1 - right[-2]
    by_level = [
        {"right": share, "level": level, "classes": count}
        for level, (share, count) in enumerate(zip(right, levels.classes, strict=True), 1)
    ]
    return [
        Finding(
            "PAT002",
            Severity.INFO,
            Subject(SubjectKind.DATASET),
            LEVELS.of(siblings=siblings, branches=branches, by_level=by_level),
            siblings,
            evidence={"siblings": siblings, "branches": branches, "right_by_level": right},
        )
    ]


def _toss_up(pair: Scrambled, classes: Classes) -> Finding:
    expected, given = classes.shown[pair.expected], classes.shown[pair.given]
    return Finding(
        "PAT002",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (expected, given)),
        TOSS_UP.of(rows=len(pair.rows), given=given, expected=expected, held=pair.held),
        pair.held,
        evidence={"rows": len(pair.rows), "given": given, "expected": expected},
    )


CHECK = Check(
    "PAT002",
    "confusions",
    "Class pairs confused beyond chance",
    GateId.PATTERNS,
    "Pairs that read alike cost more accuracy than any lack of data.",
    confusions,
    reads=(CLASSES, SCRAMBLED, SURROGATE),
    parameters=(
        Parameter("family_error", 0.01, "Bonferroni over all class pairs"),
        Parameter("rate", 0.1, "house rule: a tenth of the class, surely (benchmarks/results/mixed_up.md)"),
    ),
    limits=(
        Limit(
            GateId.PATTERNS,
            "confused_share",
            "records whose label is a toss-up between two classes",
            "For {} of the records the label is a toss-up between two classes",
            0.01,
            0.03,
            "share",
            "readiness benchmark (2026): none in sound exports, whose overlapping classes do not count; 3 % cost "
            "the material margin",
            "Write down what tells the two classes apart and relabel their records, or merge them.",
            hours=16,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(CONFUSED, LEVELS, TOSS_UP),
)
