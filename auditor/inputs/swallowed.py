"""Texts that open with a quote and swallow the records after them, up to the next quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.inputs.sql import TABLE, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from auditor.inputs.layout import Layout

_NAMED_ROWS = 5
_MOST_LINES = 20_000
# Every whole line that a quote swallows is a record; prose has one of that shape now and then.
_SHAPED = 0.8
# Two cells are a line of prose with one comma.
_FEWEST_OF_TWO = 3
# So many lines of the header's shape in one value are no prose, whatever they hold.
_MANY = 20
_MOST_CLASSES = 1_000
_COLUMNS_AT_ONCE = 50


def refuse_swallowed(con: duckdb.DuckDBPyConnection, files: Sequence[Path], layout: Layout) -> None:
    """Raises InputError where the lines inside a cell have as many cells as the header, and hold a class of a column.

    Lines inside a quoted cell hold no quote, so that cutting them at the delimiter is reading them.
    """
    width = len(layout.columns)
    cells = _cells(con, layout) if width > 1 else []
    if not cells:
        return
    known = [_repeated(con, name) for name in layout.columns]
    lines_of: dict[int, int] = {}
    for row, lines in cells:
        shaped = [cut for line in lines if len(cut := line.split(layout.delimiter)) == width]
        telling = sum(any(cell.strip() in values for cell, values in zip(cut, known, strict=True)) for cut in shaped)
        many = len(shaped) if len(shaped) >= _MANY else 0
        if (telling or many) and len(shaped) >= _SHAPED * (len(lines) - 1):
            lines_of[row] = lines_of.get(row, 0) + max(telling, many)
    count = sum(lines_of.values())
    if not count or (width == 2 and count < _FEWEST_OF_TWO):
        return
    rows = sorted(lines_of)
    named = ", ".join(f"{row:,}" for row in rows[:_NAMED_ROWS]) + (" and more" if len(rows) > _NAMED_ROWS else "")
    raise InputError(
        f"{'Record' if len(rows) == 1 else 'Records'} {named} of '{files[0]}' {'holds' if len(rows) == 1 else 'hold'} "
        f"{count:,} lines inside a value that have the header's columns: a text that opens with a quote swallowed the "
        'records after it, up to the next quote. Quote every text, and write a quote inside it as "".'
    )


def _cells(con: duckdb.DuckDBPyConnection, layout: Layout) -> list[tuple[int, list[str]]]:
    """The lines after the first of each cell that holds several and a delimiter, with the number of its record."""
    found: list[tuple[int, list[str]]] = []
    for name in _of_several_lines(con, layout.columns):
        column = quoted(name)
        found += con.execute(
            f"SELECT row, string_split(replace({column}, chr(13), ''), chr(10))[2:] "
            f"FROM (SELECT row_number() OVER () AS row, {column} FROM {TABLE}) "
            f"WHERE contains({column}, chr(10)) AND regexp_matches({column}, $inner) LIMIT {_MOST_LINES}",
            {"inner": f"\\n[^\\n]*{re.escape(layout.delimiter)}"},
        ).fetchall()
    return found


def _of_several_lines(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """The columns that hold a line break; one statement for each of thousands of columns takes minutes."""
    found: list[str] = []
    for start in range(0, len(names), _COLUMNS_AT_ONCE):
        part = names[start : start + _COLUMNS_AT_ONCE]
        asked = ", ".join(f"bool_or(contains({quoted(name)}, chr(10)))" for name in part)
        (held,) = con.sql(f"SELECT {asked} FROM {TABLE}").fetchall()
        found += [name for name, several in zip(part, held, strict=True) if several]
    return found


def _repeated(con: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    """The values that a column repeats, where they are few enough to be classes."""
    column = quoted(name)
    values = con.execute(
        f"SELECT trim({column}) FROM {TABLE} WHERE strlen({column}) BETWEEN 1 AND 200 "
        f"GROUP BY ALL HAVING count(*) > 1 LIMIT {_MOST_CLASSES + 1}"
    ).fetchall()
    return {value for (value,) in values} if len(values) <= _MOST_CLASSES else set()
