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
from auditor.inputs.nested import flat, named, selected
from auditor.inputs.sql import TABLE, literal, literal_path, quoted, replace_columns
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.config import Read
    from auditor.inputs.files import Located

_READER = "read_parquet($files, union_by_name = true, hive_partitioning = $hive, hive_types_autocast = false)"
# Files that one statement reads, each by itself: more of them save no time.
_TOGETHER = 20
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
        return lacking(con, located)


def schema_of(con: duckdb.DuckDBPyConnection, located: Located, file: Path) -> tuple[tuple[str, str], ...]:
    """The columns of the table that `read_parquet` makes, bytes as bytes, with their types, from the ends of the files
    alone; a ``file`` without rows keeps what DuckDB makes of all of them together.

    Raises InputError as it does, and where Parquet has no such type.
    """
    with _readable(located):
        con.execute(
            f"COPY (SELECT * FROM {_READER} LIMIT 0) TO {literal(str(file))} (FORMAT parquet)", _options(located)
        )
        table = con.sql(f"SELECT * FROM {_READER}", params=_options(located))
        fields = flat(table.columns, table.types)
        kinds = [str(field.kind) for field in fields]
    if huge := next((name for name, kind in zip(named(fields), kinds, strict=True) if "HUGEINT" in kind), None):
        raise InputError(
            f"The files give column '{huge}' whole numbers of different types, and no type of Parquet holds them all. "
            "Write it with one type."
        )
    return tuple(zip(named(fields), kinds, strict=True))


def read_shard(
    con: duckdb.DuckDBPyConnection, located: Located, read: Read, schema: Path, part: tuple[int, int] | None
) -> None:
    """As `read_parquet` of some of the files, with the columns of all that the file ``schema`` keeps; of one large file
    only a ``part``, from a row on so many.

    What files hold is cast to the types of all at once: by way of those that a few of them share, ``1`` becomes ``1.0``
    between a file of halves and one of words.
    """
    empty = f"SELECT * FROM read_parquet({literal(str(schema))}, hive_partitioning = false)"
    with _readable(located):
        columns = _made(con, f"({empty})")
        for start in range(0, len(located.files), _TOGETHER):
            some = [_rows(file, located.root is not None, part) for file in located.files[start : start + _TOGETHER]]
            con.execute(f"INSERT INTO {TABLE} SELECT {columns} FROM ({' UNION ALL BY NAME '.join([empty, *some])})")
        _decode(con, read.encoding)


def _rows(file: Path, hive: bool, part: tuple[int, int] | None) -> str:
    """SQL of the rows of one file, or of a ``part`` of them."""
    given = f"{literal(literal_path(file))}, hive_partitioning = {hive}, hive_types_autocast = false"
    if part is None:
        return f"SELECT * FROM read_parquet({given})"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM read_parquet({given}, file_row_number = true) "
        f"WHERE file_row_number BETWEEN {part[0]} AND {part[0] + part[1] - 1}"
    )


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
    if len(located.files) == 1:
        return ()
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
    _made(con, relation, options)
    _decode(con, encoding)


def _made(con: duckdb.DuckDBPyConnection, relation: str, options: Mapping[str, object] | None = None) -> str:
    """Make the table of a ``relation`` with the fields of an object as columns; gives the list that selects these."""
    table = con.sql(f"SELECT * FROM {relation}", params=options or {})
    fields = flat(table.columns, table.types)
    columns = selected(fields, [field.sql for field in fields])
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {columns} FROM {relation}", options or {})
    return columns


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
