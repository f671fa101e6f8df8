"""A filled sheet as somebody saved it: CSV in any of the usual encodings, XLSX, or Label Studio's JSON export."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.cells import plain
from auditor.errors import InputError, did_you_mean
from auditor.sheets.words import ANSWER, ROW, TEXT

SEPARATORS = ",;\t|"
_CSV = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Line:
    """One line as text, "" where nothing stands; ``place`` is what a person is told, such as ``sheet.csv, line 14``.

    ``person`` is 0, or 1 where Label Studio holds a second person's answer.
    """

    place: str
    row_id: str
    text: str
    answer: str
    person: int = 0


def read_lines(file: Path) -> tuple[Line, ...]:
    """Every line of the file, in order.

    Raises:
        InputError: the file cannot be read, is of another kind, or lacks a column that is needed.

    """
    kind = file.suffix.lower()
    try:
        if kind == ".json":
            return tuple(_of_tasks(file))
        if kind == ".xlsx":
            return tuple(_of_table(file, _workbook(file), "row"))
        if kind in _CSV:
            return tuple(_of_table(file, _delimited(file), "line"))
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror or error}.") from None
    raise InputError(f"'{file}' is no CSV, XLSX or Label Studio JSON. Save the filled sheet as one of them.")


def _of_table(file: Path, rows: Iterable[tuple[int, Sequence[str]]], counted: str) -> Iterator[Line]:
    """The header may stand anywhere: somebody may have sorted it in, or written lines above it."""
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in rows if any(map(str.strip, cells))]
    heads = [cells for _, cells in filled if {ROW, ANSWER} <= set(cells)]
    if not heads:
        first = filled[0][1] if filled else []
        missing = ANSWER if ROW in first else ROW
        hint = did_you_mean(missing, first).replace("Did you mean", "Is it")
        raise InputError(f"'{file}' has no column '{missing}'.{hint or ' Keep the columns as they were drawn.'}")
    places = {name: heads[0].index(name) for name in (ROW, TEXT, ANSWER) if name in heads[0]}
    for number, cells in filled:
        if cells not in heads:
            row_id, text, answer = (
                plain(cells[places[name]]) if name in places and places[name] < len(cells) else ""
                for name in (ROW, TEXT, ANSWER)
            )
            yield Line(f"{file.name}, {counted} {number}", row_id, text, answer)


def _delimited(file: Path) -> list[tuple[int, list[str]]]:
    text = _decoded(file.read_bytes())
    head = next((line for line in text.splitlines() if ROW in line), "")
    separator = max(SEPARATORS, key=head.count)
    before = csv.field_size_limit(1 << 27)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise InputError(f"'{file}' is broken ({error}). Save the sheet again as CSV or XLSX.") from None
    finally:
        csv.field_size_limit(before)


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 where that is what it is; else as Windows writes Western text: no byte is refused.

    Without its byte order mark, also where that was read as Western text before.
    """
    text = _as_written(content)
    return text.removeprefix("\ufeff").removeprefix("ï»¿")


def _as_written(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:200]:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _workbook(file: Path) -> list[tuple[int, list[str]]]:
    """The rows of the first tab that has the columns, or of the first."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # What it cannot keep when it writes does not matter to one who reads.
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True)
            tabs = [
                [[_said(cell) for cell in row] for row in tab.iter_rows(values_only=True)] for tab in book.worksheets
            ]
            book.close()
    except OSError:
        raise
    except Exception:
        # Broken, encrypted and foreign workbooks fail in as many ways as there are parts in one.
        raise InputError(
            f"'{file}' cannot be read as XLSX. Save it anew as XLSX, without a password, or as CSV."
        ) from None
    found = next((tab for tab in tabs if any({ROW, ANSWER} <= set(row) for row in tab)), tabs[0] if tabs else [])
    return list(enumerate(found, 1))


def _of_tasks(file: Path) -> Iterator[Line]:
    """Label Studio's JSON, where each task holds its data and annotations, or JSON-MIN, which is flat; or Argilla's
    records.
    """
    try:
        tasks = json.loads(_decoded(file.read_bytes()))
    except (ValueError, RecursionError):
        raise InputError(f"'{file}' is not JSON. Export the tasks from Label Studio as JSON.") from None
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, dict) for task in tasks):
        raise InputError(f"'{file}' is not a list of tasks. Export them from Label Studio as JSON.")
    seen: dict[str, int] = {}
    for number, task in enumerate(tasks, 1):
        data = _of_argilla(task) if "fields" in task else task.get("data", task)
        if not isinstance(data, dict) or ROW not in data:
            raise InputError(f"'{file}', task {number}, has no '{ROW}'. Export the tasks that `auditor sheet` wrote.")
        row_id, text = _said(data[ROW]), _said(data.get(TEXT))
        answers = _annotations(task) if "data" in task else data.get(ANSWER)
        for answer in answers if isinstance(answers, list) and answers else [_chosen(answers)]:
            # Who annotated first counts as the first person.
            person = seen.get(row_id, 0)
            seen[row_id] = person + bool(answer)
            yield Line(f"{file.name}, task {number}", row_id, text, answer, person)


def _of_argilla(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as Argilla's ``records.to_json`` writes it: its answers are those that people have submitted."""
    fields, responses = record.get("fields"), record.get("responses")
    given = responses.get(ANSWER) if isinstance(responses, dict) else None
    answers = [
        _said(each.get("value"))
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, dict) and each.get("status", "submitted") == "submitted"
    ]
    text = fields.get("text") if isinstance(fields, dict) else None
    return {ROW: record.get("id"), TEXT: text, ANSWER: answers}


def _annotations(task: Mapping[str, Any]) -> list[str]:
    """The answer of each annotation that was not skipped; one without an answer where there is none."""
    given = task.get("annotations")
    answers = []
    for annotation in given if isinstance(given, list) else ():
        results = annotation.get("result") if isinstance(annotation, dict) else None
        if not isinstance(results, list) or annotation.get("was_cancelled"):
            continue
        values = {str(each.get("from_name")): each.get("value") for each in results if isinstance(each, dict)}
        answers.append(_chosen(values.get(ANSWER)))
    return answers or [""]


def _chosen(value: object) -> str:
    """What was chosen, out of ``{"choices": ["billing"]}`` or bare."""
    said = value.get("choices", "") if isinstance(value, dict) else value
    return _said(said[0] if isinstance(said, list) and said else said if not isinstance(said, list) else "")


def _said(value: object) -> str:
    return "" if value is None else str(value).strip()
