"""Two names for one class, each in its own source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicate_classes import ALIASES
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.duplicate_classes import Alias, Side

MAX_NAMED = 20


def duplicate_classes(context: Context) -> CheckReport:
    """Finds names that keep to one source each and whose texts read alike."""
    results = context.results
    names, counts = results[CLASSES].shown, results[CLASSES].counts
    found = results[ALIASES]
    pairs = sorted(found, key=lambda pair: -counts[[pair.inside, pair.outside]].sum())
    codes = sorted({code for pair in pairs for code in (pair.inside, pair.outside)})
    return CheckReport(
        {"aliased_pairs": len(pairs), "aliased_rows_share": float(np.isin(results[CLASSES].codes, codes).mean())},
        tuple(_finding(pair, names, counts) for pair in pairs[:MAX_NAMED]),
    )


def _finding(pair: Alias, names: tuple[str, ...], counts: NDArray[np.int64]) -> Finding:
    here, there = _where(pair.side)
    inside, outside = names[pair.inside], names[pair.outside]
    return Finding(
        "LAB008",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (inside, outside)),
        f"'{inside}' ({counts[pair.inside]:,} records) and '{outside}' ({counts[pair.outside]:,}) look like one class "
        f"under two names: the first is filed {here}, the second {there}, and "
        f"{100 * pair.read:.0f} % of the texts of the first read most like the second, {100 * pair.read_back:.0f} % "
        "the other way round.",
        max(pair.read, pair.read_back),
        None,
        "Map one name to the other before training, if they mean the same; a model learns the source instead.",
        {"kind": "alias", "column": pair.side.column, "value": pair.side.value},
    )


def _where(side: Side) -> tuple[str, str]:
    if side.column is None:
        return "on records without a date", "on records with one"
    return f"where '{side.column}' is '{side.value}'", "elsewhere"


CHECK = Check(
    "LAB008",
    "names-side-by-side",
    "Two names for one class, each in its own source",
    GateId.LABELS,
    "Extracts with two taxonomies teach a model to tell the extract, and their dates cannot show the change of name.",
    duplicate_classes,
    reads=(CLASSES, ALIASES),
)
