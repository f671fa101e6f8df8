"""Earlier audits, as the report that is about to be replaced remembers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.model import SCHEMA_VERSION, Decision, PastAudit

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 12


def earlier(out: Path | None, label: str) -> tuple[PastAudit, ...]:
    """The audit that ``out`` holds and those before it, oldest first, if they read the same label column.

    Nothing where there is no report, where it follows another contract, or where it is damaged.
    """
    if out is None or not (out / "report.json").is_file():
        return ()
    try:
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        columns = {role["role"]: role["columns"] for role in report["run"]["roles"]}
        if report["schema_version"] != SCHEMA_VERSION or columns["label"] != [label]:
            return ()
        before = (_past(past, past["figures"]) for past in report["history"])
        last = {**report["run"], "rows": report["run"]["intake"]["rows_used"], **report["verdict"]}
        figures = {c["measurement"]: c["observed"] for gate in report["gates"] for c in gate["evidence"]}
        return (*before, _past(last, figures))[-KEPT:]
    except (ValueError, KeyError, TypeError):
        return ()


def _past(data: Mapping[str, Any], figures: Mapping[str, float | None]) -> PastAudit:
    return PastAudit(datetime.fromisoformat(data["time"]), int(data["rows"]), Decision(data["decision"]), dict(figures))
