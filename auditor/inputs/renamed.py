"""A column that was renamed half-way through an export: two that take turns, made one again."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from auditor.inputs.columns import Column, Sort
from auditor.inputs.sql import TABLE, quoted
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from auditor.inputs.source import Source

# House rules: together they fill nearly every row, and of short values at least a third are the same.
_FILL = 0.9
_SHARED = 1 / 3
_FEWEST = 10


class _Span(NamedTuple):
    """The first and the last row, from 1, in which a column holds something."""

    first: int
    last: int


def join_renamed(
    con: duckdb.DuckDBPyConnection, source: Source, profiled: Sequence[Column], given: Collection[str] = ()
) -> tuple[Source, tuple[Notice, ...]]:
    """The export with each renamed column as one, under the name that was ``given`` or else the first of the two."""
    columns = {
        column.name: column
        for column in profiled
        if _FEWEST <= column.filled < column.rows and column.sort is not Sort.NESTED
    }
    notices: list[Notice] = []
    spans: dict[str, _Span] = {}
    for one, other in combinations(columns.values(), 2):
        if one.name not in columns or other.name not in columns or not _alike(one, other, source.hidden):
            continue
        for column in (one, other):
            spans.setdefault(column.name, _span(con, column))
        first, then = sorted((one, other), key=lambda column: spans[column.name])
        if spans[first.name].last >= spans[then.name].first or {first.name, then.name} <= set(given):
            continue
        kept, gone = (then, first) if then.name in given else (first, then)
        _join(con, kept.name, gone.name)
        source = replace(source, columns=tuple(each for each in source.columns if each[0] != gone.name))
        notices.append(
            Notice(
                f"Column '{first.name}' ends at row {spans[first.name].last:,} and column '{then.name}' starts at row "
                f"{spans[then.name].first:,} with the same kind of values: they are read as one, '{kept.name}'. "
                "Rename one of them, or drop it from the export, to be sure."
            )
        )
        del columns[gone.name], columns[kept.name]
    return source, tuple(notices)


def _alike(one: Column, other: Column, hidden: Collection[str]) -> bool:
    together = one.filled + other.filled
    if one.sort is not other.sort or not _FILL * one.rows <= together <= one.rows:
        return False
    if one.name in hidden or other.name in hidden:
        # Nobody here knows the words of the one.
        return True
    if min(one.date_share, other.date_share) > 0.8 or min(one.words, other.words) >= 5:
        return (one.date_share > 0.8) == (other.date_share > 0.8)
    mine, theirs = set(one.sample), set(other.sample)
    return len(mine & theirs) >= _SHARED * len(mine | theirs)


def _span(con: duckdb.DuckDBPyConnection, column: Column) -> _Span:
    name = quoted(column.name)
    filled = f"regexp_matches({name}::VARCHAR, '\\S')"
    first, last = con.sql(f"SELECT min(rowid) + 1, max(rowid) + 1 FROM {TABLE} WHERE {filled}").fetchall()[0]
    return _Span(first, last)


def _join(con: duckdb.DuckDBPyConnection, kept: str, gone: str) -> None:
    one, other = quoted(kept), quoted(gone)
    joined = f"CASE WHEN regexp_matches({one}::VARCHAR, '\\S') THEN {one} ELSE {other} END AS {one}"
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT * EXCLUDE ({other}) REPLACE ({joined}) FROM {TABLE}")
