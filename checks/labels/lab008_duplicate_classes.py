"""Two names for one class, each in its own source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from auditor.check import Check, Context
from auditor.estimators.duplicate_classes import ALIASES
from auditor.evidence.classes import CLASSES
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Field,
    Finding,
    GateId,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.duplicate_classes import Alias

MAX_NAMED = 20

_ABOUT: Mapping[str, Field] = {
    "first": Kind.CLASS,
    "first_rows": COUNT,
    "second": Kind.CLASS,
    "second_rows": COUNT,
    "read": PERCENT,
    "read_back": PERCENT,
}
_TWO_NAMES = "'{first}' ({first_rows} records) and '{second}' ({second_rows}) look like one class under two names: "
_READ = ", and {read} of the texts of the first read most like the second, {read_back} the other way round."
_REMEDY = "Map one name to the other before training, if they mean the same; a model learns the source instead."
BY_SOURCE = Template(
    "by_source",
    _TWO_NAMES + "the first is filed where '{column}' is '{value}', the second elsewhere" + _READ,
    _REMEDY,
    {**_ABOUT, "column": Kind.COLUMN, "value": Kind.VALUE},
)
BY_DATE = Template(
    "by_date",
    _TWO_NAMES + "the first is filed on records without a date, the second on records with one" + _READ,
    _REMEDY,
    _ABOUT,
)


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
    inside, outside = names[pair.inside], names[pair.outside]
    about = {
        "first": inside,
        "first_rows": int(counts[pair.inside]),
        "second": outside,
        "second_rows": int(counts[pair.outside]),
        "read": pair.read,
        "read_back": pair.read_back,
    }
    return Finding(
        "LAB008",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (inside, outside)),
        BY_SOURCE.of(**about, column=pair.column, value=pair.value) if pair.column else BY_DATE.of(**about),
        max(pair.read, pair.read_back),
        evidence={"kind": "alias", "column": pair.column, "value": pair.value},
    )


CHECK = Check(
    "LAB008",
    "names-side-by-side",
    "Two names for one class, each in its own source",
    GateId.LABELS,
    "Extracts with two taxonomies teach a model to tell the extract, and their dates cannot show the change of name.",
    duplicate_classes,
    reads=(CLASSES, ALIASES),
    templates=(BY_SOURCE, BY_DATE),
)
