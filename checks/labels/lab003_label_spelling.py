"""Labels spelled in several ways."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.taxonomy import told_apart
from auditor.model import COUNT, CheckReport, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template

if TYPE_CHECKING:
    from auditor.evidence.classes import Classes
    from auditor.evidence.proxy import OutOfFold

MAX_NAMED = 30
SHORTEST_STEM = 4
_BETWEEN_WORDS = re.compile(r"[\W_]+")
SPELLED = Template(
    "spelled",
    "'{label}' is spelled in {ways} ways that differ in case, white space, zeros or look-alike letters.",
    "Fold the spellings at the source; the audit has counted them as one class.",
    {"label": Kind.CLASS, "ways": COUNT},
)
LOOK_ALIKE = Template(
    "look_alike",
    "'{label}' and '{other}' look like one name spelled twice.",
    "Merge them if they mean the same.",
    {"label": Kind.CLASS, "other": Kind.CLASS},
)


def label_spelling(context: Context) -> CheckReport:
    """Finds labels that differ only in case, white space or one letter.

    Of names that differ in a letter, those are two classes whose records a model surely tells apart.
    """
    classes, model = context.results[CLASSES], context.results.get(OUT_OF_FOLD)
    spelled = {name: forms for name, forms in classes.spellings.items() if len(forms) > 1 or next(iter(forms)) != name}
    # A rare name may be shown as a spelling of a class that is not rare.
    rare = {name for name, few in zip(classes.names, classes.rare, strict=True) if few}
    n = int(classes.counts.sum())
    variant_rows = sum(sum(forms.values()) - max(forms.values()) for forms in spelled.values())
    findings = [
        Finding(
            "LAB003",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (name,)),
            SPELLED.of(label=name, ways=len(forms)),
            float(len(forms)),
            1.0,
            evidence={"spellings": dict(list(forms.items())[:MAX_NAMED])},
        )
        for name, forms in [(name, forms) for name, forms in spelled.items() if name not in rare][:MAX_NAMED]
    ]
    alike = [
        (classes.names[a], classes.names[b])
        for a, b in combinations(range(len(classes)), 2)
        if min(len(classes.names[a]), len(classes.names[b])) >= context["look_alike_length"]
        and _look_alike(classes.names[a], classes.names[b])
        and not (model and _differ(classes, model, a, b, context["least_rows"], context["separation"]))
    ]
    findings += [
        Finding(
            "LAB003",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, pair),
            LOOK_ALIKE.of(label=pair[0], other=pair[1]),
            1.0,
            1.0,
        )
        for pair in [pair for pair in alike if not rare.issuperset(pair)][:MAX_NAMED]
    ]
    return CheckReport(
        {
            "variant_rows_share": variant_rows / n,
            "respelled_classes": len(spelled),
            "look_alike_pairs": len(alike),
        },
        tuple(findings),
    )


def _differ(classes: Classes, model: OutOfFold, a: int, b: int, least_rows: float, separated: float) -> bool:
    """Whether two names of other letters stand for two classes: a model surely tells which record is which."""
    if _letters(classes.names[a]) == _letters(classes.names[b]) or min(classes.counts[[a, b]]) < least_rows:
        return False
    return told_apart(classes.codes, model.probabilities, a, b, separated)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _look_alike(left: str, right: str) -> bool:
    """One typing error or an abbreviation apart, and not two of a numbered series such as CWE-19 and CWE-119."""
    a, b = left.casefold(), right.casefold()
    if "".join(filter(str.isdigit, a)) != "".join(filter(str.isdigit, b)):
        return False
    letters = _letters(left), _letters(right)
    return letters[0] == letters[1] or OSA.distance(*letters, score_cutoff=1) <= 1 or _abbreviates(a, b)


def _abbreviates(left: str, right: str) -> bool:
    """Word by word the same or, from four letters on, the start of the other: "auth expired"."""
    ours, theirs = (_BETWEEN_WORDS.split(name) for name in (left, right))
    return len(ours) == len(theirs) and all(
        a == b or (min(len(a), len(b)) >= SHORTEST_STEM and (a.startswith(b) or b.startswith(a)))
        for a, b in zip(ours, theirs, strict=True)
    )


CHECK = Check(
    "LAB003",
    "label-spelling",
    "Labels spelled in several ways",
    GateId.LABELS,
    "Two spellings of a label are two classes to a model.",
    label_spelling,
    reads=(CLASSES,),
    may=(OUT_OF_FOLD,),
    parameters=(
        Parameter("look_alike_length", 6, "house rule: shorter names differ by a letter on purpose"),
        Parameter("separation", 0.9, "house rule, 2026: a model is surely right of nine pairs of records in ten"),
        Parameter("least_rows", 3, "house rule, 2026: a model is right of one or two records by luck"),
    ),
    templates=(SPELLED, LOOK_ALIKE),
)
