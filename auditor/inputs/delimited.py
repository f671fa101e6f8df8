"""CSV, TSV and other delimited text. Every column is read as text; what is left out is said."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from auditor.errors import InputError
from auditor.inputs.encoding import as_utf8, not_utf8, opened
from auditor.inputs.files import hive_values
from auditor.inputs.layout import SPELLED, Layout, layout_of
from auditor.inputs.quoting import usual
from auditor.inputs.sql import TABLE, literal_path, quoted
from auditor.inputs.swallowed import refuse_swallowed
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from auditor.config import Read
    from auditor.inputs.files import Located

_MAX_FIELD = 1 << 27
_ROWS_AT_ONCE = 50_000
# What an export says of itself under its last record: how many, when, by whom.
_MOST_TAIL_LINES = 10


def read_delimited(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the files' rows, in file order; copies in UTF-8 go to ``folder``.

    Raises:
        ConfigError: the delimiter cannot be told.
        InputError: a file is no text, has no column names, or a row does not have the header's columns.

    """
    texts = [
        as_utf8(file, located.kind, read.encoding, folder / f"{place}.txt") for place, file in enumerate(located.files)
    ]
    written = [
        usual(file, text, folder / f"{place}.csv")
        for place, (file, text) in enumerate(zip(located.files, texts, strict=True))
    ]
    said = [notice for _, notices in written for notice in notices]
    return (*said, *read_texts(con, located, [text for text, _ in written], read))


def read_texts(
    con: duckdb.DuckDBPyConnection, located: Located, texts: Sequence[Path], read: Read
) -> tuple[Notice, ...]:
    """Make the table of the rows in ``texts``, each what stands in one of the files, quoted as usual and in UTF-8.

    Raises:
        ConfigError: the delimiter cannot be told.
        InputError: a text has no column names, or a row does not have the header's columns.

    """
    layouts = [layout_of(file, text, read) for file, text in zip(located.files, texts, strict=True)]
    first = layouts[0]
    for file, layout in zip(located.files, layouts, strict=True):
        if set(layout.columns) != set(first.columns):
            odd = sorted(set(layout.columns) ^ set(first.columns))
            raise InputError(
                f"'{file}' does not have the columns of '{located.files[0]}': they differ in "
                f"{', '.join(repr(name) for name in odd[:5])}. Export them alike, or name fewer files."
            )
    partitions = [hive_values(file, located.root) for file in located.files]
    added = dict.fromkeys(name for values in partitions for name in values if name not in first.columns)
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in (*first.columns, *added))
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} ({columns})")
    notices = [notice for layout in layouts for notice in layout.notices]
    for file, text, layout, values in zip(located.files, texts, layouts, partitions, strict=True):
        constants = {name: values.get(name) for name in added}
        try:
            if not layout.plain:
                raise duckdb.Error
            _insert(con, text, layout, constants)
        except duckdb.Error:
            notices += _insert_rows(con, file, text, layout, constants)
    notices += _without_repeats(con, first)
    refuse_swallowed(con, located.files, first)
    return tuple(notices)


def _insert(con: duckdb.DuckDBPyConnection, text: Path, layout: Layout, constants: dict[str, str | None]) -> None:
    extra = "".join(f", ${f'c{i}'} AS {quoted(name)}" for i, name in enumerate(constants))
    con.execute(
        # A dialect that DuckDB guesses may skip rows that do not fit it: nothing here is left to guess.
        f"INSERT INTO {TABLE} BY NAME SELECT *{extra} FROM read_csv($file, auto_detect = false, "
        "header = true, skip = $blank, delim = $delimiter, quote = '\"', escape = '\"', columns = $columns, "
        "strict_mode = true, null_padding = false, max_line_size = 16777216, buffer_size = 67108864)",
        {
            "file": literal_path(text),
            "blank": layout.names,
            "delimiter": layout.delimiter,
            "columns": dict.fromkeys(layout.columns, "VARCHAR"),
            **{f"c{i}": value for i, value in enumerate(constants.values())},
        },
    )


def _insert_rows(
    con: duckdb.DuckDBPyConnection, file: Path, text: Path, layout: Layout, constants: dict[str, str | None]
) -> list[Notice]:
    """Python's reader copes with mixed line ends and with lines around the records, and names the line at fault."""
    tail: list[int] = []
    records = _rows(file, text, layout, tail)
    while rows := list(islice(records, _ROWS_AT_ONCE)):
        frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.columns, pl.String), orient="row")
        frame = frame.with_columns(pl.all().replace("", None)).with_columns(
            pl.lit(value, pl.String).alias(name) for name, value in constants.items()
        )
        con.register("rows", frame)
        con.execute(f"INSERT INTO {TABLE} BY NAME SELECT * FROM rows")
        con.unregister("rows")
    if not tail:
        return []
    said = f"Line {tail[0]}, the last" if len(tail) == 1 else f"Lines {tail[0]} to {tail[-1]}, the last"
    return [
        Notice(
            f"{said} of '{file.name}', {'does' if len(tail) == 1 else 'do'} not have the columns of a record and "
            f"{'is' if len(tail) == 1 else 'are'} left out; delete what stands under the records to read it without "
            "this notice."
        )
    ]


def _rows(file: Path, text: Path, layout: Layout, tail: list[int]) -> Iterator[list[str]]:
    """The records; ``tail`` gets the numbers of the short lines under the last one."""
    width, line = len(layout.columns), layout.skip + 1
    odd: tuple[int, int] | None = None
    with opened(text) as stream, _long_fields():
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        try:
            for _ in range(layout.skip):
                lines.readline()
            for place, row in enumerate(reader):
                start, line = line, layout.skip + reader.line_num + 1
                if place < layout.records or not row:
                    continue
                if len(row) == width and not tail:
                    yield row
                    continue
                odd = odd or (start, len(row))
                if len(row) > width / 2 or len(tail) == _MOST_TAIL_LINES:
                    raise _ragged(file, odd, layout)
                tail.append(start)
        except UnicodeDecodeError:
            raise not_utf8(file) from None
        except csv.Error as error:
            raise InputError(
                f"Line {line} of '{file}' has broken quoting ({error}). Close every quote, "
                'and write a quote inside a quoted value as "".'
            ) from None


def _ragged(file: Path, odd: tuple[int, int], layout: Layout) -> InputError:
    line, cells = odd
    mark = SPELLED.get(layout.delimiter, f"U+{ord(layout.delimiter):04X}")
    return InputError(
        f"Line {line} of '{file}' has {cells} {'value' if cells == 1 else 'values'} where the header has "
        f"{len(layout.columns)} columns. Quote the values that hold a {mark}, or repair that line."
    )


@contextmanager
def _long_fields() -> Iterator[None]:
    """Python's reader stops at 128 KiB a value; the limit is the process's, so it is put back."""
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _without_repeats(con: duckdb.DuckDBPyConnection, layout: Layout) -> list[Notice]:
    """Leave out the lines that repeat the names, as where several exports were put one under the other."""
    if len(layout.raw) < 2:
        return []
    same = " AND ".join(
        f"coalesce(trim({quoted(name)}, ' ' || chr(65279)), '') = ${f'n{place}'}"
        for place, name in enumerate(layout.columns)
    )
    (count,) = con.execute(
        f"DELETE FROM {TABLE} WHERE {same}", {f"n{place}": raw.strip() for place, raw in enumerate(layout.raw)}
    ).fetchall()[0]
    if not count:
        return []
    said = "One line repeats" if count == 1 else f"{count:,} lines repeat"
    return [Notice(f"{said} the column names below them, as of exports put together; no record, left out.")]
