"""Earlier audits: those that the history keeps, or that the report about to be replaced remembers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.dated import REPORT, latest
from auditor.history.record import major
from auditor.history.store import records, series
from auditor.model import SCHEMA_VERSION, Decision, PastAudit

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 12


def remembered(history: Path | None, out: Path | None, name: str, label: str) -> tuple[PastAudit, ...]:
    """The last runs of the export ``name`` in ``history``, oldest first; without one, those that ``out`` remembers.

    Raises InputError where a record of the history cannot be read.
    """
    if history is None or not history.is_dir():
        return earlier(out, label)
    return tuple(
        PastAudit(run.time, run.rows, run.decision, {each.measurement: each.observed for each in run.held})
        for run in series(records(history), name, label)[-KEPT:]
    )


def earlier(out: Path | None, label: str) -> tuple[PastAudit, ...]:
    """The audit that ``out`` holds, or else the latest beside it, and those before that, oldest first, if they read the
    same label column.

    Nothing where there is no report, where it follows another contract, or where it is damaged.
    """
    before = out if out is None or (out / REPORT).is_file() else latest(out.parent)
    if before is None:
        return ()
    try:
        report = json.loads((before / REPORT).read_text(encoding="utf-8"))
        columns = {role["role"]: role["columns"] for role in report["run"]["roles"]}
        if major(report["schema_version"]) != major(SCHEMA_VERSION) or columns["label"] != [label]:
            return ()
        older = (_past(past, past["figures"]) for past in report["history"])
        last = {**report["run"], "rows": report["run"]["intake"]["rows_used"], **report["verdict"]}
        figures = {c["measurement"]: c["observed"] for gate in report["gates"] for c in gate["evidence"]}
        return (*older, _past(last, figures))[-KEPT:]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _past(data: Mapping[str, Any], figures: Mapping[str, float | None]) -> PastAudit:
    return PastAudit(datetime.fromisoformat(data["time"]), int(data["rows"]), Decision(data["decision"]), dict(figures))
