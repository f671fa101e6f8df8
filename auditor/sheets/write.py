"""The files of a sheet: for a spreadsheet, for Label Studio, and for a second person."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from auditor.cells import defused
from auditor.inputs.labels import folded
from auditor.sheets.words import ANSWER, CELL, TEXT, unsure

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    Record = Mapping[str, str]

CLASSES = "classes.csv"
TASKS, INTERFACE = "label_studio.json", "label_studio.xml"
_WIDTHS = {TEXT: 100, ANSWER: 30}


def write_files(
    folder: Path, records: Sequence[Record], second: int, classes: Sequence[str], definitions: Mapping[str, str]
) -> None:
    """Everything that people fill or read: ``records`` in the order of the sheet, without any label; the first
    ``second`` of them are a second person's too. ``definitions`` are by folded label.
    """
    listed = [{"label": name, "definition": definitions.get(folded(name), "")} for name in classes]
    listed.append({"label": unsure(classes), "definition": "you cannot tell, or no class fits"})
    for name, part in (("sheet", records), ("second", records[:second])):
        if part:
            save(folder / f"{name}.csv", as_csv([{**record, ANSWER: ""} for record in part]))
            _as_workbook(folder / f"{name}.xlsx", part, listed)
    save(folder / CLASSES, as_csv(listed))
    save(folder / TASKS, _as_tasks(records))
    save(folder / INTERFACE, interface(listed))


def save(file: Path, content: str) -> None:
    """Readable by its owner alone."""
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8", newline="")


def as_csv(records: Sequence[Record]) -> str:
    """With a byte order mark, so that Excel reads UTF-8, and with no cell that a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(records[0])
    for record in records:
        writer.writerow(map(defused, record.values()))
    return "\ufeff" + out.getvalue()


def _as_workbook(file: Path, records: Sequence[Record], listed: Sequence[Record]) -> None:
    """The answers are chosen from a list; the second tab says what the classes mean."""
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, classes = book.active, book.create_sheet("classes")
    assert sheet is not None  # noqa: S101 - a new book has a tab
    sheet.title = "to fill"
    _fill(sheet, [{**record, ANSWER: ""} for record in records])
    _fill(classes, listed)
    column = chr(ord("A") + len(records[0]))
    choice = DataValidation(
        type="list",
        formula1=f"=classes!$A$2:$A${len(listed) + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="No class of the list",
        error="Choose a class from the list.",
    )
    choice.add(f"{column}2:{column}{len(records) + 1}")
    for (cell,) in sheet[f"{column}2:{column}{len(records) + 1}"]:
        cell.number_format = "@"
    sheet.add_data_validation(choice)
    file.touch(mode=0o600)
    book.save(file)


def _fill(tab: Worksheet, records: Sequence[Record]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for place, name in enumerate(records[0], 1):
        tab.cell(1, place, name).font = Font(bold=True)
        tab.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 20)
    for number, record in enumerate(records, 2):
        for place, value in enumerate(record.values(), 1):
            cell = tab.cell(number, place)
            # Text whatever it looks like: no formula runs, no number loses its zeros.
            cell.value, cell.data_type, cell.quotePrefix = ILLEGAL_CHARACTERS_RE.sub(" ", _cut(value)), "s", True
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    tab.freeze_panes = "A2"


def _cut(value: str) -> str:
    return value if len(value) <= CELL else f"{value[:CELL]} (cut here; the CSV holds all of it)"


def _as_tasks(records: Sequence[Record]) -> str:
    """Label Studio's basic JSON: a list of tasks, each with its ``data``."""
    return json.dumps([{"data": record} for record in records], ensure_ascii=False, indent=1)


def interface(listed: Sequence[Record]) -> str:
    """Label Studio's labelling interface; the name of its control is the column of the CSV."""
    choices = "\n".join(
        f"    <Choice value={quoteattr(_printable(each['label']))} hint={quoteattr(_printable(each['definition']))}/>"
        for each in listed
    )
    return f"""<View>
  <Text name="text" value="${TEXT}"/>
  <Choices name="{ANSWER}" toName="text" choice="single-radio" layout="select" required="true">
{choices}
  </Choices>
</View>
"""


def _printable(label: str) -> str:
    """XML has no control characters."""
    return "".join(letter for letter in label if letter.isprintable())
