"""Excel workbooks: the values of one sheet, read as delimited text is."""

from __future__ import annotations

import csv
import re
import warnings
from dataclasses import replace
from datetime import date, datetime, time
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from auditor.errors import InputError
from auditor.inputs.delimited import read_texts
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from auditor.config import Read
    from auditor.inputs.files import Located

Cells = tuple[Any, ...]

# A cell of a formula whose value no program has stored, as most that write workbooks without Excel leave it. Tags may
# have a prefix.
_NO_VALUE = re.compile(
    rb"""<(?P<p>\w+:)?c\b(?![^>]*\bt=["']str["'])[^>]*>\s*<(?P=p)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?P=p)?f>)\s*"""
    rb"(?:<(?P=p)?v\b[^>]*/>|<(?P=p)?v\b[^>]*>\s*</(?P=p)?v>)?\s*</(?P=p)?c>"
)
# A range of more than one row: a title over several columns hides no record's value.
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["'][A-Z]+(\d+):[A-Z]+(?!\1["'])\d+["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\s")
_PART = 1 << 24


class Sheet(NamedTuple):
    """A sheet that holds values: its rows up to the last filled one, whether it is hidden, and how many of its cells
    are formulas without a value, and how many ranges of several rows are merged.
    """

    name: str
    rows: list[Cells]
    hidden: bool
    no_value: int
    merged: int


def read_workbook(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the rows of each file's fullest sheet, in file order; text copies go to ``folder``.

    Raises:
        ConfigError: the delimiter cannot be told.
        InputError: a file is no workbook, is empty, or its rows are no records.

    """
    texts, notices = [], []
    for place, file in enumerate(located.files):
        sheets = _sheets(file)
        if not sheets:
            raise InputError(f"'{file}' has no sheet with values in it. Export it again with its rows.")
        sheet = max(sheets, key=lambda sheet: len(sheet.rows))
        if len(sheets) > 1:
            notices.append(
                Notice(
                    f"Of the {len(sheets)} sheets of '{file.name}', '{sheet.name}' is read, the one with most rows"
                    f"{', which is hidden' if sheet.hidden else ''}; to read another, save it as a file of its own."
                )
            )
        notices += _empty(file, sheet)
        texts.append(_as_text(sheet.rows, folder / f"sheet{place}.csv"))
    return (*notices, *read_texts(con, located, texts, replace(read, delimiter=",")))


def _empty(file: Path, sheet: Sheet) -> Iterator[Notice]:
    """What a person sees in cells of ``sheet`` that hold nothing."""
    if sheet.no_value:
        count = "1 formula" if sheet.no_value == 1 else f"{sheet.no_value:,} formulas"
        yield Notice(
            f"{count} of '{file.name}' {'has' if sheet.no_value == 1 else 'have'} no value stored and count as empty. "
            "Open the file in a spreadsheet program and save it."
        )
    if sheet.merged:
        yield Notice(
            f"'{file.name}' has merged cells: the first cell of each holds the value, the others count as empty. Split "
            "them and fill the value down if it holds for all."
        )


def _sheets(file: Path) -> list[Sheet]:
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
                rows = _filled(list(sheet.iter_rows(values_only=True)))
                # As written: openpyxl gives a formula without a value as a cell that is empty.
                with book._archive.open(sheet._worksheet_path) as stream:
                    found.append(Sheet(sheet.title, rows, hidden, *_counted(stream)))
            book.close()
    except Exception:
        # Broken, encrypted and foreign workbooks fail in as many ways as there are parts in one.
        raise InputError(
            f"'{file}' cannot be read as XLSX. Save it anew as XLSX, without a password, or as CSV."
        ) from None
    return [sheet for sheet in found if sheet.rows]


def _counted(written: IO[bytes]) -> tuple[int, int]:
    """Formulas without a value and merged ranges of a sheet, read in parts that end before a cell."""
    no_value, merged, rest = 0, 0, b""
    while True:
        part = written.read(_PART)
        rest += part
        last = max((cell.start() for cell in _CELL.finditer(rest)), default=0) if part else len(rest)
        whole, rest = rest[:last], rest[last:]
        no_value += len(_NO_VALUE.findall(whole))
        merged += len(_MERGED.findall(whole))
        if not part:
            return no_value, merged


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
