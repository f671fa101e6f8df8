"""A filled review: the CSV that `auditor review` drew, or Label Studio's JSON export of its tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import InputError, did_you_mean
from auditor.inputs.source import read_export
from auditor.inputs.sql import TABLE, connect

NEEDED = ("row_id", "label", "stratum", "stratum_rows", "verdict")
OPTIONAL = ("correct_label", "text")
# What a spreadsheet may take for a formula (OWASP, "CSV Injection").
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Line:
    """One line of the file, as text; "" where nothing stands."""

    row_id: str
    label: str
    stratum: str
    stratum_rows: str
    verdict: str
    correct_label: str
    text: str


def defused(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it; `plain` takes it off again."""
    return "'" + cell if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def read_review(path: str) -> tuple[Line, ...]:
    """Every line of the file, in order.

    Raises:
        InputError: the file is missing or broken, or a column that the estimate needs is not there.

    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"There is no review file at '{path}'. Check the path given with --review.")
    tasks = file.suffix.lower() == ".json"
    records = _tasks(file) if tasks else _rows(path)
    columns = set().union(*records)
    if missing := [name for name in NEEDED if name not in columns]:
        hint = did_you_mean(missing[0], columns).replace("Did you mean", "Is it")
        raise InputError(f"The review '{path}' has no column '{missing[0]}'.{hint or ' Keep the columns as drawn.'}")
    read = _said if tasks else _cell
    return tuple(Line(**{name: read(record.get(name)) for name in (*NEEDED, *OPTIONAL)}) for record in records)


def _rows(path: str) -> list[dict[str, Any]]:
    with connect() as con:
        read_export(con, path)
        rows: list[dict[str, Any]] = con.sql(f"SELECT * FROM {TABLE}").pl().to_dicts()
        return rows


def _tasks(file: Path) -> list[dict[str, Any]]:
    """Label Studio's JSON, where each task holds its data and annotations, or JSON-MIN, which is flat."""
    try:
        tasks = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise InputError(f"The review '{file}' is not JSON. Export the tasks from Label Studio as JSON.") from None
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, dict) for task in tasks):
        raise InputError(f"The review '{file}' is not a list of tasks. Export them from Label Studio as JSON.")
    return [record for task in tasks for record in _judgements(task)]


def _judgements(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record per annotation that was not skipped; one without a verdict where there is none."""
    data = task.get("data")
    if not isinstance(data, dict):
        return [dict(task)]
    blank = {"verdict": "", "correct_label": ""}
    annotations = task.get("annotations")
    given = [
        {each.get("from_name"): each.get("value") for each in annotation.get("result") or ()}
        for annotation in (annotations if isinstance(annotations, list) else ())
        if isinstance(annotation, dict) and not annotation.get("was_cancelled")
    ]
    judged = [{name: _chosen(values.get(name)) for name in blank} for values in given]
    return [{**data, **answers} for answers in judged or [blank]]


def _chosen(value: object) -> str:
    """What was chosen or typed, out of ``{"choices": ["right"]}`` or ``{"text": ["billing"]}``."""
    if not isinstance(value, dict):
        return ""
    said = value.get("choices") or value.get("text") or ""
    return _said(said[0] if isinstance(said, list) else said)


def _cell(value: object) -> str:
    return plain(_said(value))


def _said(value: object) -> str:
    return "" if value is None else str(value).strip()
