"""Cells of the CSV files that auditor writes: no spreadsheet runs one, and each is read back as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# What a spreadsheet may take for a formula, in full width too (OWASP, "CSV Injection").
_MARKS = r"^[\s']*[=+\-@\t\r\n＝＋－＠]"
_FORMULA = re.compile(_MARKS)


def defused(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it; `plain` takes it off again."""
    return "'" + cell if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def all_defused(frame: pl.DataFrame) -> pl.DataFrame:
    """Every text of the ``frame`` as `defused` writes it."""
    import polars as pl

    cell = pl.col(pl.String)
    return frame.with_columns(pl.when(cell.str.contains(_MARKS)).then("'" + cell).otherwise(cell))


def all_plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Every text of the ``frame`` as `plain` reads it."""
    import polars as pl

    cell = pl.col(pl.String)
    marked = cell.str.starts_with("'") & cell.str.contains(_MARKS)
    return frame.with_columns(pl.when(marked).then(cell.str.slice(1)).otherwise(cell))
