"""Labels: are the classes themselves sound?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.agreement import AGREEMENT
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.given import ROWS
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.shown import CLASS_SHARED_BY, RARE
from auditor.evidence.taxonomy import catch_alls_of, confused_pairs
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.evidence.taxonomy import CatchAll, Pair

MAX_NAMED = 20
MAX_TARGETS = 5
MAX_ROW_IDS = 20
MIN_FITTING = 20
# It only changes the wording: a catch-all is found by what its records read like.
_VAGUE = re.compile(
    r"(?i)(^|[^a-z])(others?|misc|miscellaneous|unknown|none|general|no ?info|unspecified|n/?a)([^a-z]|$)"
)


def twin_classes(context: Context) -> CheckReport:
    """Finds classes that no model can tell apart, and catch-all classes whose records belong elsewhere."""
    results = context.results
    codes, probabilities = results[CLASSES].codes, results[OUT_OF_FOLD].probabilities
    names, rows = results[CLASSES].shown, int(context["rows"])
    if int((results[CLASSES].counts >= rows).sum()) < 2:
        raise NotApplicable(f"fewer than two classes have {rows} records")
    pairs = confused_pairs(codes, probabilities, rows, context["share"])
    twins = sorted((pair for pair in pairs if pair.high < context["separation"]), key=lambda pair: -sum(pair.rows))
    catch_alls = [
        (catch_all, _named(catch_all, names))
        for catch_all in catch_alls_of(codes, probabilities, rows, context["confidence"])
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
            "twin_rows_share": float(np.isin(codes, twin_codes).mean()),
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
        f"The text does not tell '{first}' ({pair.rows[0]:,} records) from '{second}' ({pair.rows[1]:,}): given one "
        f"record of each, a model is right in {100 * pair.separation:.0f} % of cases ({100 * pair.low:.0f} to "
        f"{100 * pair.high:.0f}; guessing gets 50).",
        pair.separation,
        limit,
        "Merge them if they mean the same (one may be the other's new name); if not, name what tells them apart and "
        "add it to the text.",
        {"kind": "twin", "low": pair.low, "high": pair.high, "rows": sum(pair.rows)},
    )


def _catch_all_finding(
    catch_all: CatchAll, targets: Sequence[tuple[str, int]], names: Sequence[str], context: Context
) -> Finding:
    name, fitting = names[catch_all.code], _rows(targets)
    is_one = "is a catch-all" if _VAGUE.search(name) else "is used like a catch-all"
    top = ", ".join(f"'{target}' ({rows:,})" for target, rows in targets[:MAX_TARGETS])
    return Finding(
        "LAB004",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (name,)),
        f"'{name}' {is_one}: {fitting:,} of its {catch_all.rows:,} records clearly read like another class, most often "
        f"{top}; a model finds {100 * catch_all.recall:.0f} % of it.",
        fitting / catch_all.rows,
        context["fitting"],
        "Move these records to the classes they belong to; give the rest classes of their own or keep them out of "
        "training.",
        {
            "kind": "catch-all",
            "rows": catch_all.rows,
            "fitting": fitting,
            "recall": catch_all.recall,
            "classes_reached": catch_all.spread,
            "targets": dict(targets[:MAX_TARGETS]),
        },
    )


def annotator_agreement(context: Context) -> CheckReport:
    """Measures how far annotators agree who labelled the same record."""
    found = context.results[AGREEMENT]
    bound = found.wrong / found.labels
    findings = []
    if found.alpha < context["alpha"]:
        findings.append(
            Finding(
                "LAB006",
                Severity.CRITICAL if found.alpha < context["alpha_critical"] else Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"{found.annotators:,} annotators labelled {found.items:,} records twice or more and disagree on "
                f"{found.disputed:,}: Krippendorff's alpha is {found.alpha:.2f} (1 is full agreement, 0 is chance), "
                f"so at least {100 * bound:.0f} % of their labels are wrong.",
                found.alpha,
                context["alpha"],
                "Settle the disputed records together and write the rule into the definition of the class.",
                {
                    "items": found.items,
                    "disputed": found.disputed,
                    "labels": found.labels,
                    "percentage_agreement": found.percentage,
                },
            )
        )
    return CheckReport(
        {
            "annotator_agreement": found.percentage,
            "annotator_alpha": found.alpha,
            "annotator_noise_bound": bound,
            "annotator_items": found.items,
        },
        tuple(findings),
    )


def out_of_taxonomy(context: Context) -> CheckReport:
    """Compares the labels with the definitions of the classes and their time in force."""
    results, found = context.results, context.results[DEFINITIONS]
    classes, codes = results[CLASSES], results[CLASSES].codes
    names, counts = classes.shown, classes.counts
    row_ids = results[ROWS]["row_id"].to_numpy()
    findings = [
        _finding(
            (names[code],),
            f"'{names[code]}' ({counts[code]:,} records) is not in the taxonomy.",
            float(counts[code]),
            "Add it with a definition, or move its records.",
            {"kind": "unknown", "rows": int(counts[code])},
        )
        for code in [code for code in found.unknown if not classes.rare[code]][:MAX_NAMED]
    ]
    if rare := [code for code in found.unknown if classes.rare[code]]:
        findings.append(
            _finding(
                (RARE,),
                f"{len(rare):,} classes of fewer than {CLASS_SHARED_BY} records each ({counts[rare].sum():,} in all) "
                "are not in the taxonomy; rows.parquet names them.",
                float(len(rare)),
                "Move their records, or add the classes with definitions.",
                {"kind": "unknown", "rows": int(counts[rare].sum())},
            )
        )
    for kind, mask, words in (
        ("before", found.before, "before it came into force"),
        ("after", found.after, "after it went out of force"),
    ):
        by_class = np.bincount(codes[mask], minlength=len(names))
        findings += [
            _finding(
                (names[code],),
                f"{by_class[code]:,} records were filed under '{names[code]}' {words}.",
                float(by_class[code]),
                "Move them to the class in force on their date, or correct the taxonomy's dates.",
                {
                    "kind": kind,
                    "rows": int(by_class[code]),
                    "row_ids": row_ids[mask & (codes == code)][:MAX_ROW_IDS].tolist(),
                },
            )
            for code in np.argsort(-by_class, kind="stable")[:MAX_NAMED]
            if by_class[code]
        ]
    if found.undefined:
        listed = tuple(dict.fromkeys(names[code] for code in found.undefined))
        findings.append(
            _finding(
                listed[:MAX_NAMED],
                f"{len(found.undefined):,} classes have no definition.",
                float(len(found.undefined)),
                "Write one sentence for each: annotators and prompts need it.",
                {"kind": "undefined"},
            )
        )
    if found.unused:
        findings.append(
            _finding(
                found.unused[:MAX_NAMED],
                f"{len(found.unused):,} labels of the taxonomy are on no record: no model can learn them.",
                float(len(found.unused)),
                "Collect records for them, or retire them.",
                {"kind": "unused"},
                Severity.INFO,
            )
        )
    measurements = {
        "out_of_taxonomy_share": float(np.isin(codes, found.unknown).mean()),
        "undefined_classes": float(len(found.undefined)),
        "unused_labels": float(len(found.unused)),
    }
    if results[ROWS]["time"].null_count() < len(codes):
        measurements["out_of_force_share"] = float((found.before | found.after).mean())
    return CheckReport(measurements, tuple(findings))


def _finding(
    names: tuple[str, ...],
    message: str,
    observed: float,
    advice: str,
    evidence: dict[str, object],
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding("LAB007", severity, Subject(SubjectKind.CLASS, names), message, observed, 0.0, advice, evidence)


TWIN_CLASSES = Check(
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
)
ANNOTATOR_AGREEMENT = Check(
    "LAB006",
    "annotator-agreement",
    "Annotators who labelled the same record",
    GateId.LABELS,
    "Where two people give one record two labels, one of them is wrong, and no model can please both.",
    annotator_agreement,
    reads=(AGREEMENT,),
    needs=frozenset({"annotator", "id"}),
    parameters=(
        Parameter("alpha", 0.8, "Krippendorff 2004: the customary limit for conclusions"),
        Parameter("alpha_critical", 0.667, "Krippendorff 2004: the lowest limit even for tentative conclusions"),
    ),
)
OUT_OF_TAXONOMY = Check(
    "LAB007",
    "out-of-taxonomy",
    "Labels outside the taxonomy or its dates",
    GateId.LABELS,
    "A label that no definition covers, or no longer covers, teaches a class that nobody wants answered.",
    out_of_taxonomy,
    reads=(CLASSES, ROWS, DEFINITIONS),
)
