"""Tables of typed columns: Parquet in one file, several, or a partitioned folder, and what is read like it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from auditor.errors import InputError
from auditor.inputs.files import hive_values
from auditor.inputs.nested import flat, selected
from auditor.inputs.sql import TABLE, literal_path, quoted, replace_columns
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.config import Read
    from auditor.inputs.files import Located

_READER = "read_parquet($files, union_by_name = true, hive_partitioning = $hive, hive_types_autocast = false)"
# Columns that a notice names.
_NAMED = 3
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def read_parquet(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the files' rows, in file order; a column that a file lacks is null there.

    Bytes are text where all of them are UTF-8, or ``encoding``; the fields of an object inside are columns.

    Raises:
        InputError: a file is not Parquet, is damaged, or does not fit the others.

    """
    with _readable(located):
        take(con, _READER, read.encoding, _options(located))
        return lacking(con, located) if len(located.files) > 1 else ()


def read_part(con: duckdb.DuckDBPyConnection, located: Located, read: Read, start: int, rows: int) -> None:
    """Make the table of so many ``rows`` of one large file, from row ``start`` on."""
    part = (
        f"(SELECT * EXCLUDE (file_row_number) FROM {_READER.removesuffix(')')}, file_row_number = true) "
        f"WHERE file_row_number BETWEEN {start} AND {start + rows - 1})"
    )
    with _readable(located):
        take(con, part, read.encoding, _options(located))


def schema_of(con: duckdb.DuckDBPyConnection, located: Located) -> tuple[tuple[str, str], ...]:
    """The columns of the table that `read_parquet` makes, with their types, from the ends of the files alone; bytes
    count as text.

    Raises InputError as it does.
    """
    with _readable(located):
        table = con.sql(f"SELECT * FROM {_READER}", params=_options(located))
        fields = flat(table.columns, table.types)
        con.execute(
            f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {selected(fields, [field.sql for field in fields])} "
            f"FROM {_READER} LIMIT 0",
            _options(located),
        )
    empty = con.sql(f"SELECT * FROM {TABLE}")
    kinds = ("VARCHAR" if str(kind) == "BLOB" else str(kind) for kind in empty.types)
    return tuple(zip(empty.columns, kinds, strict=True))


def fits(con: duckdb.DuckDBPyConnection, located: Located, schema: Sequence[tuple[str, str]]) -> None:
    """Give the table of some files the columns and types that all the files have together; bytes that are no text
    are nothing.

    Raises InputError where a value does not fit.
    """
    table = con.sql(f"SELECT * FROM {TABLE}")
    here = {_folded(name): str(kind) for name, kind in zip(table.columns, table.types, strict=True)}
    if list(here.items()) == [(_folded(name), kind) for name, kind in schema]:
        return
    cast = [
        f"{quoted(name) if here.get(_folded(name), 'BLOB') != 'BLOB' else 'NULL'}::{kind} AS {quoted(name)}"
        for name, kind in schema
    ]
    with _readable(located):
        con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {', '.join(cast)} FROM {TABLE}")


def rows_in(con: duckdb.DuckDBPyConnection, located: Located) -> list[int]:
    """How many rows each file holds, as its end says."""
    with _readable(located):
        found = con.execute(
            "SELECT file_name, num_rows FROM parquet_file_metadata($files)", {"files": _options(located)["files"]}
        ).fetchall()
    counts = {Path(name): int(rows) for name, rows in found}
    return [counts[file] for file in located.files]


def _options(located: Located) -> dict[str, object]:
    return {"files": [literal_path(file) for file in located.files], "hive": located.root is not None}


@contextmanager
def _readable(located: Located) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except duckdb.Error as error:
        files = [file for file in located.files if str(file) in str(error)] or located.files
        name = files[0] if len(files) == 1 else located.root
        raise InputError(
            f"'{name}' cannot be read as Parquet: {_why(error)}. Export it again, or check the copy."
        ) from None


def lacking(con: duckdb.DuckDBPyConnection, located: Located) -> tuple[Notice, ...]:
    """Which columns some of the files with rows do not have, neither in them nor in the names of their folders."""
    files = {"files": [literal_path(file) for file in located.files]}
    counts = con.execute("SELECT file_name, num_rows FROM parquet_file_metadata($files)", files).fetchall()
    filled = {name for name, rows in counts if rows}
    parts = con.execute("SELECT file_name, name, num_children FROM parquet_schema($files)", files).fetchall()
    columns = [_outer(list(rows)) for name, rows in groupby(parts, itemgetter(0)) if name in filled]
    folders = {name for file in located.files for name in hive_values(file, located.root)}
    # DuckDB puts columns together whose names differ in the case of A to Z alone.
    spelled = {_folded(name): name for names in columns for name in names if name not in folders}
    rows = Counter(each for names in columns for each in {_folded(name) for name in names})
    few = [f"'{name}' ({len(columns) - rows[each]:,})" for each, name in spelled.items() if rows[each] < len(columns)]
    if not few:
        return ()
    more = f" and {len(few) - _NAMED:,} more" if len(few) > _NAMED else ""
    named = ", ".join(few[:_NAMED])
    return (
        Notice(
            f"Some of the {len(columns):,} files lack a column that others have, and it is empty there: {named}{more}."
        ),
    )


def _folded(name: str) -> str:
    return name.translate(_LOWER)


def _outer(rows: Sequence[tuple[str, str, int | None]]) -> list[str]:
    """The columns of one file, of all its fields in order of depth, each with how many fields it has itself."""
    names: list[str] = []
    left = 0
    for _, name, children in rows[1:]:
        if not left:
            names.append(name)
        left += (children or 0) - (left > 0)
    return names


def _why(error: duckdb.Error) -> str:
    """What DuckDB says itself may quote a value."""
    said = str(error).casefold()
    if "magic bytes" in said or "too small" in said:
        return "it is none, or was cut short"
    if "hive partition mismatch" in said:
        return "its files lie in folders that name different columns"
    if isinstance(error, duckdb.ConversionException) or "cast" in said or "type" in said:
        return "its files give a column types that do not fit each other"
    return f"it is damaged ({type(error).__name__.removesuffix('Exception')})"


def take(
    con: duckdb.DuckDBPyConnection, relation: str, encoding: str | None, options: Mapping[str, object] | None = None
) -> None:
    """Make the table of what DuckDB calls ``relation``: bytes as text, the fields of an object as columns.

    Raises duckdb.Error where it cannot be read.
    """
    table = con.sql(f"SELECT * FROM {relation}", params=options or {})
    fields = flat(table.columns, table.types)
    columns = selected(fields, [field.sql for field in fields])
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {columns} FROM {relation}", options or {})
    _decode(con, encoding)


def _decode(con: duckdb.DuckDBPyConnection, encoding: str | None) -> None:
    """Turn columns of bytes into text. Bytes that are no text, such as pictures, stay what they are."""
    table = con.sql(f"SELECT * FROM {TABLE}")
    names = [name for name, kind in zip(table.columns, table.types, strict=True) if str(kind) == "BLOB"]
    replace_columns(con, {name: text for name in names if (text := _text(con, name, encoding)) is not None})


def _text(con: duckdb.DuckDBPyConnection, name: str, encoding: str | None) -> pl.Series | None:
    values: pl.Series = con.sql(f"SELECT {quoted(name)} FROM {TABLE}").pl().to_series()
    try:
        if encoding is None:
            return values.cast(pl.String)
        return pl.Series(name, [None if each is None else each.decode(encoding) for each in values], dtype=pl.String)
    except (pl.exceptions.PolarsError, UnicodeError):
        return None
