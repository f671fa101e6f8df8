"""What people answered on a sheet, held against the sheet and the export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.inputs.labels import record_digest
from auditor.sheets.read import Line, read_lines
from auditor.sheets.sheet import Sheet, found_rows, read_sheet, stands_for
from auditor.sheets.words import Choices, row_number, same_text

if TYPE_CHECKING:
    import polars as pl

FIRST, SECOND = ("sheet.csv", "sheet.xlsx"), ("second.csv", "second.xlsx")


@dataclass(frozen=True)
class Answer:
    """A person's label of the row ``row_id`` of the export, None where they are unsure. ``wrong``: it is not the label
    that the export gave when the sheet was drawn. ``second`` is another person's label, "" where there is none.
    """

    row_id: int
    stratum: int
    label: str | None
    wrong: bool
    second: str | None = ""
    second_wrong: bool = False


@dataclass(frozen=True)
class Filled:
    """The ``answers`` that count, and how many records each row of the sheet ``stands_for``, by its row id now. Of the
    lines that do not count, ``strange`` ones hold another text than their record, or
    no record of the sheet, and those ``gone`` one that is no longer in the export. ``relabelled`` records have got
    another label there since.
    """

    sheet: Sheet
    answers: tuple[Answer, ...]
    stands_for: Mapping[int, float]
    strange: int = 0
    gone: int = 0
    relabelled: int = 0

    @property
    def blank(self) -> int:
        return len(self.sheet.rows) - len(self.answers) - self.gone


def read_filled(path: str, frame: pl.DataFrame) -> Filled:
    """The answers on the sheet at ``path``, the folder that it was drawn to or one filled file in there.

    Raises:
        InputError: there is no sheet; nothing is filled; an answer is no class; a record is answered twice, and
            differently; columns were sorted apart; or the sheet is another export's.

    """
    sheet = read_sheet(path)
    found = found_rows(sheet, frame)
    here = frame.filter(frame["row_id"].is_in(list(found.values())))
    rows = {row_id: (text, label) for row_id, text, label in here.select("row_id", "text", "label").rows()}
    texts = {drawn: rows[now][0] for drawn, now in found.items()}
    first, second = _files(Path(path))
    lines = [line for file in first for line in read_lines(file)]
    also = [line for file in second for line in read_lines(file)]
    ours, strange = _answers([line for line in lines if not line.person], sheet, texts)
    theirs, _ = _answers([*also, *(line for line in lines if line.person == 1)], sheet, texts)
    if not ours:
        if strange:
            raise InputError(
                f"None of the {strange:,} filled lines of the sheet belongs to it: row ids or texts differ. Pass the "
                "folder that it was drawn to."
            )
        raise InputError(
            f"Nobody has filled the sheet at '{path}' yet. Choose classes in column 'your_label', or pass the file "
            "that you filled."
        )
    drawn = {row.row_id: row for row in sheet.rows}
    answers = []
    for row_id, said in ours.items():
        if row_id in found:
            row, other = drawn[row_id], theirs.get(row_id, "")
            wrong = (bool(each) and record_digest(texts[row_id], each or "") != row.label for each in (said, other))
            answers.append(Answer(found[row_id], row.stratum, said, next(wrong), other, next(wrong)))
    relabelled = sum(row_id in found and record_digest(*rows[found[row_id]]) != drawn[row_id].label for row_id in ours)
    return Filled(sheet, tuple(answers), stands_for(sheet, found), strange, len(ours) - len(answers), relabelled)


def _files(path: Path) -> tuple[list[Path], list[Path]]:
    folder = path if path.is_dir() else path.parent
    second = [folder / name for name in SECOND if (folder / name).is_file()]
    if path in second:
        raise InputError(f"'{path}' is the second person's. Pass the folder of the sheet, with both people's files.")
    if path.is_dir():
        return [path / name for name in FIRST if (path / name).is_file()], second
    return [path], second


def _answers(lines: Sequence[Line], sheet: Sheet, texts: Mapping[int, str]) -> tuple[dict[int, str | None], int]:
    """One person's answers by the row id at the draw, and how many filled lines are no record's of the sheet."""
    choices, asked = Choices(sheet.classes), {row.row_id for row in sheet.rows}
    said: dict[int, tuple[str | None, str]] = {}
    unread, strange = [], 0
    for line in lines:
        if not line.answer:
            continue
        row_id = row_number(line.row_id)
        if row_id not in asked:
            strange += 1
            continue
        if line.text and row_id in texts and not same_text(line.text, texts[row_id]):
            _refuse_other(line, row_id, texts)
            strange += 1
            continue
        try:
            answer = choices.read(line.answer)
        except KeyError:
            unread.append((line, row_id))
            continue
        before, place = said.setdefault(row_id, (answer, line.place))
        if before != answer:
            raise InputError(
                f"Row {row_id} has two different answers: {place}, and {line.place}. Decide it once, and empty the "
                "other cell."
            )
    if unread:
        line, row_id = unread[0]
        more = f" {len(unread) - 1:,} more answers are none either." if len(unread) > 1 else ""
        raise InputError(
            f"{line.place} (row {row_id}): the answer is none of the sheet's classes."
            f"{choices.near(line.answer)}{more} 'classes.csv' lists them."
        )
    return {row_id: answer for row_id, (answer, _) in said.items()}, strange


def _refuse_other(line: Line, row_id: int, texts: Mapping[int, str]) -> None:
    """Another record's text beside a row id: columns were sorted each for itself, and every answer is in doubt."""
    if any(same_text(line.text, text) for other, text in texts.items() if other != row_id):
        raise InputError(
            f"{line.place}, has another record's text beside row id {row_id}: its columns were sorted or moved apart. "
            "Undo that, and sort whole rows."
        )
