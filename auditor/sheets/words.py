"""How cells and answers are written on a sheet and read back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from auditor.errors import did_you_mean
from auditor.inputs.labels import folded

ROW, TEXT, ANSWER = "row_id", "text", "your_label"
# A class may be called "unsure".
_UNSURE = ("unsure", "cannot tell", "nobody can tell")
# Excel holds so many characters in a cell; a little less, so that what marks the cut fits as well.
CELL = 32_000


def unsure(classes: Sequence[str]) -> str:
    """The answer of somebody who cannot tell: no class's name."""
    taken = {folded(name) for name in classes}
    return next(word for word in _UNSURE if word not in taken)


class Choices:
    """The answers that a sheet takes: its classes, whatever their case and white space, and unsure."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.unsure = unsure(classes)
        self._by_word: Mapping[str, str] = {folded(name): name for name in classes}
        # Spreadsheets turn 007 into 7.
        numbers = [_number(name) for name in classes]
        self._by_number: Mapping[str, str] = {
            number: name for number, name in zip(numbers, classes, strict=True) if number and numbers.count(number) == 1
        }

    def read(self, cell: str) -> str | None:
        """The class as the sheet spells it; None for unsure.

        Raises:
            KeyError: the cell holds no answer that the sheet takes.

        """
        word = folded(cell)
        if word == self.unsure:
            return None
        return self._by_word.get(word) or self._by_number[_number(cell)]

    def near(self, cell: str) -> str:
        """A hint such as `` Did you mean 'billing'?``, empty where nothing is near."""
        return did_you_mean(cell, (*self._by_word.values(), self.unsure))


def row_number(cell: str) -> int:
    """The row id in a cell, also as spreadsheets and frames write whole numbers (``12.0``); -1 for anything else."""
    return int(match[1]) if (match := re.fullmatch(r"(\d{1,15})(\.0*)?", cell)) else -1


def same_text(cell: str, text: str) -> bool:
    """Whether a cell holds a record's ``text``: letters and digits alone, as spreadsheets change the rest.

    In a foreign encoding only those of ASCII survive.
    """
    cell, text = cell[:CELL], text[:CELL]
    if _letters(cell) == _letters(text):
        return True
    in_ascii = _ascii(cell)
    return bool(in_ascii) and in_ascii == _ascii(text)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _number(cell: str) -> str:
    """A plain number without what a spreadsheet drops; "" for anything else."""
    match = re.fullmatch(r"\s*0*(\d{1,15})(?:\.(\d*?)0*)?\s*", cell)
    return f"{match[1]}.{match[2] or ''}" if match else ""
