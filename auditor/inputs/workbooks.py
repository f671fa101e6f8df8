"""Excel workbooks: the values of one sheet, read as delimited text is."""

from __future__ import annotations

import csv
import warnings
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from auditor.errors import InputError
from auditor.inputs.delimited import read_texts
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from auditor.config import Read
    from auditor.inputs.files import Located

Cells = tuple[Any, ...]


def read_workbook(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the rows of each file's fullest sheet, in file order; text copies go to ``folder``.

    Raises:
        ConfigError: the delimiter cannot be told.
        InputError: a file is no workbook, is empty, or its rows are no records.

    """
    texts, notices = [], []
    for place, file in enumerate(located.files):
        sheets = _sheets(file)
        name, rows, hidden = max(sheets, key=lambda sheet: len(sheet[1]), default=("", [], False))
        if not rows:
            raise InputError(f"'{file}' has no sheet with values in it. Export it again with its rows.")
        if len(sheets) > 1:
            notices.append(
                Notice(
                    f"Of the {len(sheets)} sheets of '{file.name}', '{name}' is read, the one with most rows"
                    f"{', which is hidden' if hidden else ''}; to read another, save it as a file of its own."
                )
            )
        texts.append(_as_text(rows, folder / f"sheet{place}.csv"))
    return (*notices, *read_texts(con, located, texts, replace(read, delimiter=",")))


def _sheets(file: Path) -> list[tuple[str, list[Cells], bool]]:
    """The name and the rows of each sheet that holds values, up to its last filled row, and whether it is hidden."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # About styles and validations, which no value hangs on.
            warnings.simplefilter("ignore", UserWarning)
            book = load_workbook(file, read_only=True, data_only=True)
            found = []
            for sheet in book.worksheets:
                # Some writers state other dimensions than they fill.
                sheet.reset_dimensions()
                hidden = sheet.sheet_state != "visible"
                found.append((sheet.title, _filled(list(sheet.iter_rows(values_only=True))), hidden))
            book.close()
    except Exception:
        # Broken, encrypted and foreign workbooks fail in as many ways as there are parts in one.
        raise InputError(
            f"'{file}' cannot be read as XLSX. Save it anew as XLSX, without a password, or as CSV."
        ) from None
    return [(name, rows, hidden) for name, rows, hidden in found if rows]


def _filled(rows: list[Cells]) -> list[Cells]:
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return rows


def _as_text(rows: Sequence[Cells], copy: Path) -> Path:
    """CSV with a line for each row, blank ones too, so that the lines have the numbers of the rows."""
    width = max(place + 1 for row in rows for place, cell in enumerate(row) if cell is not None)
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        for row in rows:
            cells = [_spelled(cell) for cell in row[:width]]
            lines.writerow([*cells, *[""] * (width - len(cells))] if any(cells) else [])
    return copy


def _spelled(cell: object) -> str:
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == time():
            return f"{cell:%Y-%m-%d}"
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)
