"""Cells of the CSV files that auditor writes: no spreadsheet runs one, and each is read back as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# What a spreadsheet may take for a formula, in full width too (OWASP, "CSV Injection").
_MARKS = r"([\s']*[=+\-@\t\r\n＝＋－＠])"
_FORMULA, _DEFUSED = rf"^{_MARKS}", rf"^'{_MARKS}"


def defused(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it; `plain` takes it off again."""
    return "'" + cell if re.match(_FORMULA, cell) else cell


def plain(cell: str) -> str:
    return cell[1:] if re.match(_DEFUSED, cell) else cell


def all_defused(frame: pl.DataFrame) -> pl.DataFrame:
    """Every text of the ``frame`` as `defused` writes it."""
    import polars.selectors as cs

    return frame.with_columns(cs.string().str.replace(_FORMULA, "'${1}"))


def all_plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Every text of the ``frame`` as `plain` reads it."""
    import polars.selectors as cs

    return frame.with_columns(cs.string().str.replace(_DEFUSED, "${1}"))
