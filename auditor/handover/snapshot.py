"""Evidently's tests on the columns beside the text, as a workspace of its own that holds no text of a record."""

from __future__ import annotations

import os
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from auditor.batch import NUMERIC, ORDER, SEGMENT
from auditor.errors import InputError
from auditor.evidence.groups import whose
from auditor.evidence.shown import OTHERS, common
from auditor.model import SEGMENT_FROM

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from auditor.handover.finished import Finished

# Evidently's default for large samples, which STA006 holds columns to as well.
DISTANCE = 0.1
# Cells that are missing more often by so much, in share of the records, fail their test (house rule, 2026).
MORE_MISSING = 0.01
LENGTH = "words in the text"
LABEL = "label"


def write_workspace(audit: Finished, folder: Path) -> str:
    """A project with one snapshot in ``folder``: the later half of the dated records against the earlier one.

    It holds how values are distributed, and those of classes and segments that enough records share; no text.

    Raises InputError where the records have no dates to compare by.
    """
    table, columns = metadata(audit)
    early, late = table.head(len(table) // 2), table.tail(len(table) - len(table) // 2)
    os.environ["DO_NOT_TRACK"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # evidently imports deprecated names
        from evidently import DataDefinition, Dataset, Report
        from evidently.metrics import MissingValueCount, RowCount, ValueDrift
        from evidently.tests import Reference, lte
        from evidently.ui.workspace import Workspace

        words = [name for name, kind in columns.items() if kind is str]
        numbers = [name for name, kind in columns.items() if kind is float]
        definition = DataDefinition(categorical_columns=words, numerical_columns=numbers)
        methods = dict.fromkeys(words, "jensenshannon") | dict.fromkeys(numbers, "wasserstein")
        metrics: list[Any] = [RowCount(tests=[])]
        for name, method in methods.items():
            metrics.append(ValueDrift(column=name, method=method, threshold=DISTANCE))
            metrics.append(MissingValueCount(column=name, share_tests=[lte(Reference(absolute=MORE_MISSING))]))
        later, earlier = (Dataset.from_pandas(half.to_pandas(), data_definition=definition) for half in (late, early))
        run = audit.report["run"]
        snapshot = Report(metrics, include_tests=True, tags=["auditor"], metadata=_about(audit)).run(
            later, earlier, timestamp=datetime.fromisoformat(run["time"]), name=f"audit {run['id']}"
        )
        workspace = Workspace.create(str(folder))
        project = workspace.create_project(run["source"])
        workspace.add_run(project.id, snapshot, include_data=False)
    tests = snapshot.dict()["tests"]
    failed = sum(test["status"] == "FAIL" for test in tests)
    return (
        f"{len(columns)} columns, {len(late):,} later records against {len(early):,} earlier ones: {failed} of "
        f"{len(tests)} tests fail. No text of a record is in it."
    )


def metadata(audit: Finished) -> tuple[pl.DataFrame, dict[str, type]]:
    """The dated records by time, with what is known of them beside their text; and whether each column holds words
    (str) or numbers (float).
    """
    frame = audit.frame.filter(pl.col("usable") & pl.col("time").is_not_null()).sort(*ORDER)
    if len(frame) < 2:
        raise InputError("Evidently compares earlier records with later ones, and these have no dates. Name --time.")
    segments = {name: name.removeprefix(SEGMENT) for name in audit.batch.segments}
    numbers = {name: name.removeprefix(NUMERIC) for name in audit.batch.numeric}
    people = whose(frame, audit.batch)
    table = frame.select(
        _shared(frame["label"], people[:0]).alias(LABEL),
        *(_shared(frame[name], people).alias(shown) for name, shown in segments.items()),
        *(pl.col(name).alias(shown) for name, shown in numbers.items() if shown not in (LABEL, *segments.values())),
        pl.col("text").str.count_matches(r"\w+").cast(pl.Float64).alias(LENGTH),
    )
    return table, {name: str if dtype == pl.String else float for name, dtype in table.schema.items()}


def _shared(values: pl.Series, people: NDArray[np.int64]) -> pl.Series:
    """``values`` (n,), of which those that too few records or ``people`` (g, n) share are one."""
    kept = common(values, people, SEGMENT_FROM)
    return values.set(values.is_not_null() & ~values.is_in(list(kept)), OTHERS)


def _about(audit: Finished) -> dict[str, str]:
    """What the audit said, as a workspace shows it beside a snapshot: words alone."""
    report = audit.report
    gates = {f"gate {gate['id']}": gate["status"] for gate in report["gates"]}
    shares = {name: each["value"] for name, each in report["estimates"].items() if each["unit"] == "share"}
    figures = {name: f"{value:.4f}" for name, value in shares.items()}
    return {"audit": report["run"]["id"], "decision": report["verdict"]["decision"], **gates, **figures}
