"""Classes that no text tells apart, and catch-alls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.estimators.taxonomy import catch_alls_of, mistaken, separation
from auditor.evidence.classes import CLASSES
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.taxonomy import fitting, lost, ranks
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Figure,
    Finding,
    GateId,
    Kind,
    Listed,
    OneOf,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.estimators.taxonomy import CatchAll, Pair

MAX_NAMED = 20
MAX_TARGETS = 5
MIN_FITTING = 20
# It only changes the wording: a catch-all is found by what its records read like.
_VAGUE = re.compile(
    r"(?i)(^|[^a-z])(others?|misc|miscellaneous|unknown|none|general|no ?info|unspecified|n/?a)([^a-z]|$)"
)


TWINS = Template(
    "twins",
    "The text does not tell '{first}' ({first_rows} records) from '{second}' ({second_rows}): given one record of "
    "each, a model is right in {right} of cases ({low} to {high}; guessing gets 50).",
    "Merge them if they mean the same (one may be the other's new name); if not, name what tells them apart and add it "
    "to the text.",
    {
        "first": Kind.CLASS,
        "second": Kind.CLASS,
        "first_rows": COUNT,
        "second_rows": COUNT,
        "right": PERCENT,
        "low": Figure("share", 0, bare=True),
        "high": Figure("share", 0, bare=True),
    },
)
CATCH_ALL = Template(
    "catch_all",
    "'{label}' {use}: {fitting} of its {rows} records clearly read like another class, most often {most_often}; a "
    "model finds {found} of it.",
    "Move these records to the classes they belong to; give the rest classes of their own or keep them out of "
    "training.",
    {
        "label": Kind.CLASS,
        "use": OneOf({"named": "is a catch-all", "used": "is used like a catch-all"}),
        "fitting": COUNT,
        "rows": COUNT,
        "most_often": Listed("'{label}' ({rows})", {"label": Kind.CLASS, "rows": COUNT}),
        "found": PERCENT,
    },
)


def twin_classes(context: Context) -> CheckReport:
    """Finds classes that no model can tell apart, and catch-all classes whose records belong elsewhere."""
    results = context.results
    codes, probabilities = results[CLASSES].codes, results[OUT_OF_FOLD].probabilities
    names, counts, rows = results[CLASSES].shown, results[CLASSES].counts, int(context["rows"])
    if int((counts >= rows).sum()) < 2:
        raise NotApplicable(f"fewer than two classes have {rows} records")
    pairs = [
        separation((a, b), (int(counts[a]), int(counts[b])), ranks(codes, probabilities, a, b))
        for a, b in mistaken(lost(codes, probabilities), counts, rows, context["share"])
    ]
    hits = np.bincount(codes[results[OUT_OF_FOLD].predicted == codes], minlength=len(names))
    twins = sorted((pair for pair in pairs if pair.high < context["separation"]), key=lambda pair: -sum(pair.rows))
    catch_alls = [
        (catch_all, _named(catch_all, names))
        for catch_all in catch_alls_of(counts, hits, fitting(codes, probabilities, context["confidence"]), rows)
        if catch_all.recall < context["recall"] and catch_all.spread > context["spread"]
    ]
    catch_alls = [
        (catch_all, targets)
        for catch_all, targets in catch_alls
        if _rows(targets) >= max(MIN_FITTING, context["fitting"] * catch_all.rows)
    ]
    catch_alls.sort(key=lambda found: -_rows(found[1]))
    findings = [_twin_finding(pair, names, context["separation"]) for pair in twins[:MAX_NAMED]]
    findings += [
        _catch_all_finding(catch_all, targets, names, context) for catch_all, targets in catch_alls[:MAX_NAMED]
    ]
    twin_codes = sorted({code for pair in twins for code in pair.classes})
    return CheckReport(
        {
            "twin_pairs": len(twins),
            "twin_rows_share": float(counts[twin_codes].sum() / len(codes)),
            "catch_all_classes": len(catch_alls),
            "catch_all_misplaced_share": sum(_rows(targets) for _, targets in catch_alls) / len(codes),
        },
        tuple(findings),
    )


def _named(catch_all: CatchAll, names: Sequence[str]) -> list[tuple[str, int]]:
    return [(names[code], rows) for code, rows in catch_all.targets if not _VAGUE.search(names[code])]


def _rows(targets: Sequence[tuple[str, int]]) -> int:
    return sum(rows for _, rows in targets)


def _twin_finding(pair: Pair, names: Sequence[str], limit: float) -> Finding:
    first, second = (names[code] for code in pair.classes)
    return Finding(
        "LAB004",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (first, second)),
        TWINS.of(
            first=first,
            second=second,
            first_rows=pair.rows[0],
            second_rows=pair.rows[1],
            right=pair.separation,
            low=pair.low,
            high=pair.high,
        ),
        pair.separation,
        limit,
        evidence={"kind": "twin", "low": pair.low, "high": pair.high, "rows": sum(pair.rows)},
    )


def _catch_all_finding(
    catch_all: CatchAll, targets: Sequence[tuple[str, int]], names: Sequence[str], context: Context
) -> Finding:
    name, fitting = names[catch_all.code], _rows(targets)
    return Finding(
        "LAB004",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (name,)),
        CATCH_ALL.of(
            label=name,
            use="named" if _VAGUE.search(name) else "used",
            fitting=fitting,
            rows=catch_all.rows,
            most_often=[{"label": target, "rows": rows} for target, rows in targets[:MAX_TARGETS]],
            found=catch_all.recall,
        ),
        fitting / catch_all.rows,
        context["fitting"],
        evidence={
            "kind": "catch-all",
            "rows": catch_all.rows,
            "fitting": fitting,
            "recall": catch_all.recall,
            "classes_reached": catch_all.spread,
            "targets": dict(targets[:MAX_TARGETS]),
        },
    )


CHECK = Check(
    "LAB004",
    "twin-classes",
    "Classes that no text tells apart, and catch-alls",
    GateId.LABELS,
    "Two names for one thing, or one name for many, set a limit on accuracy that no training lifts.",
    twin_classes,
    reads=(CLASSES, OUT_OF_FOLD),
    parameters=(
        Parameter("rows", 20, "house rule: fewer rows leave the interval of the separation too wide to judge"),
        Parameter("share", 0.4, "house rule: three classes that are one give each other at most half, noise a third"),
        Parameter(
            "separation", 0.65, "Hosmer and Lemeshow 2000 call an area under 0.7 no discrimination; 0.05 to spare"
        ),
        Parameter("confidence", 0.8, "house rule: right four times in five, as the probabilities are calibrated"),
        Parameter("recall", 0.5, "house rule: a class missed more often than found"),
        Parameter("spread", 3, "house rule: a class with two or three neighbours is confused, not a catch-all"),
        Parameter("fitting", 0.05, "house rule: one record in twenty"),
    ),
    templates=(TWINS, CATCH_ALL),
)
