"""Change in the other columns."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from auditor.check import Check, Context, Parameter
from auditor.estimators.drift import DRIFT
from auditor.evidence.dates import HALVES
from auditor.evidence.drift import mix
from auditor.evidence.given import ROWS
from auditor.evidence.languages import ANOTHER_SHARE, LANGUAGES, NOT_TOLD
from auditor.model import CheckReport, Finding, GateId, Kind, Severity, Subject, SubjectKind, Template

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


_MOVED = " moved between the earlier and the later half of the records."
_REMEDY = "Find out what changed: a new source, a new system, or a new way of filling the field."
VALUES_MOVED = Template("values_moved", "The values of '{subject}'" + _MOVED, _REMEDY, {"subject": Kind.COLUMN})
MISSING_MOVED = Template(
    "missing_moved", "How often '{subject}' is missing" + _MOVED, _REMEDY, {"subject": Kind.COLUMN}
)
MOVED = Template("moved", "The {subject}" + _MOVED, _REMEDY, {"subject": Kind.WORDS})


def column_drift(context: Context) -> CheckReport:
    """Evidently's tests on the segment and number columns, earlier half against later half."""
    results = context.results
    tests = results[DRIFT].of("column", "length", "language", "missing")
    frame, halves = results[ROWS], results[HALVES]
    kept = {f"{kind}:{test.subject}" for test in tests for kind in ("segment", "numeric") if test.kind == "column"}
    columns = [name for name in frame.columns if name in kept]
    early, late = (frame.filter(halves == half).select(columns) for half in (0, 1))
    distances = _evidently_scores(early, late) if columns else {}
    findings = []
    for test in tests:
        distance = distances.get(f"segment:{test.subject}", distances.get(f"numeric:{test.subject}"))
        observed = distance if test.kind == "column" and distance is not None else test.effect
        if not test.moved or observed <= context["distance"]:
            continue
        if test.kind == "language" and language_moved_by(results[LANGUAGES], halves) <= context["language"]:
            continue
        template = {"column": VALUES_MOVED, "missing": MISSING_MOVED}.get(test.kind, MOVED)
        findings.append(
            Finding(
                "STA006",
                Severity.INFO,
                Subject(SubjectKind.COLUMN, (test.subject,)),
                template.of(subject=test.subject),
                observed,
                context["distance"],
                evidence={"kind": test.kind, "p": test.adjusted},
            )
        )
    return CheckReport({"drifted_columns": len(findings), "columns": len(columns)}, tuple(findings))


def language_moved_by(languages: NDArray[np.int32], halves: NDArray[np.int8]) -> float:
    """By how much the share of some language surely moved, of the dated texts whose language is told.

    A text that is cut short tells none, and is in the same language as before.
    """
    told = (languages != NOT_TOLD) & (halves >= 0)
    if not told.any():
        return 0.0
    return mix("language", "told", languages[told], halves[told] == 1).surely_moved_by()


def _evidently_scores(early: pl.DataFrame, late: pl.DataFrame) -> dict[str, float]:
    """Distance per column: Jensen-Shannon for words, normalised Wasserstein for numbers."""
    os.environ["DO_NOT_TRACK"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # evidently imports deprecated names
        from evidently import DataDefinition, Dataset, Report
        from evidently.metrics import ValueDrift

    words = [name for name in early.columns if name.startswith("segment:")]
    numbers = [name for name in early.columns if name.startswith("numeric:")]
    definition = DataDefinition(categorical_columns=words, numerical_columns=numbers)
    datasets = [Dataset.from_pandas(half.to_pandas(), data_definition=definition) for half in (late, early)]
    methods = dict.fromkeys(words, "jensenshannon") | dict.fromkeys(numbers, "wasserstein")
    metrics = [ValueDrift(column=name, method=method) for name, method in methods.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snapshot = Report(metrics).run(*datasets).dict()
    return {name: float(metric["value"]) for name, metric in zip(methods, snapshot["metrics"], strict=True)}


CHECK = Check(
    "STA006",
    "column-drift",
    "Change in the other columns",
    GateId.STABILITY,
    "A new source or system shows in the columns beside the text first.",
    column_drift,
    reads=(ROWS, HALVES, DRIFT, LANGUAGES),
    needs=frozenset({"time"}),
    parameters=(
        Parameter("distance", 0.1, "evidently's default for large samples; and sure in the family of drift tests"),
        Parameter("language", ANOTHER_SHARE, "house rule: the share of a language moved by one text in 20, surely"),
    ),
    templates=(VALUES_MOVED, MISSING_MOVED, MOVED),
)
