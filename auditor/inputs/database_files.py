"""Files of DuckDB and SQLite: a table of them, or the rows of one SELECT."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

import duckdb

from auditor.errors import ConfigError, InputError
from auditor.inputs.databases import asked, fill
from auditor.inputs.sql import database_in, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from auditor.config import Read
    from auditor.inputs.files import Located
    from auditor.model import Notice

_SQLITE = b"SQLite format 3\0"
# The versions of a file's format for writing and reading, where changes go to a log beside it first.
_LOGGED = b"\2\2"
_BATCH = 10_000
_FAILURES: Mapping[int, str] = {
    sqlite3.SQLITE_BUSY: "another program is writing to it. Wait for that, or copy it",
    sqlite3.SQLITE_LOCKED: "another program is writing to it. Wait for that, or copy it",
    sqlite3.SQLITE_CORRUPT: "it is damaged, or was cut short. Check the copy",
    sqlite3.SQLITE_NOTADB: "it is damaged, or has a password. Check the copy",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened. Copy it to a folder that you may write to",
    sqlite3.SQLITE_IOERR: "the disk failed. Check the copy",
}


def read_database(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the rows asked for. A value of SQLite is text, as each may be of another type.

    Raises:
        ConfigError: which rows are meant is not said, or the query does something else than read.
        InputError: the file is no database or is in use, or the query fails.

    """
    (file,) = located.files
    try:
        with file.open("rb") as stream:
            sqlite = stream.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror}.") from None
    (_read_sqlite if sqlite else _read_duckdb)(con, located, file, read.encoding)
    return ()


def _refused(file: Path, why: str) -> ConfigError:
    return ConfigError(f"The query on '{file}' {why}. Pass one SELECT, WITH or VALUES.")


def _read_duckdb(con: duckdb.DuckDBPyConnection, located: Located, file: Path, encoding: str | None) -> None:
    try:
        database = database_in(file)
    except duckdb.Error:
        raise InputError(
            f"'{file}' cannot be opened as a DuckDB or SQLite database: another program writes to it, a newer DuckDB "
            "wrote it, or it is none."
        ) from None
    with database:
        query = asked(located, lambda: _duckdb_tables(database))
        try:
            statements = database.extract_statements(query)
            if [each.type for each in statements] != [duckdb.StatementType.SELECT]:
                raise _refused(file, "is no single SELECT")
            fill(con, database.sql(query).to_arrow_reader(_BATCH), encoding)
        except duckdb.Error as error:
            raise InputError(f"The query on '{file}' failed{_told(error)}.") from None


def _duckdb_tables(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = database.sql(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database() "
        "ORDER BY ALL"
    ).fetchall()
    return {
        name if schema == "main" else f"{schema}.{name}": f"{quoted(schema)}.{quoted(name)}" for schema, name in found
    }


def _told(error: duckdb.Error) -> str:
    """What DuckDB says of names and grammar; what it says of values may quote one."""
    if not isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        return f" ({type(error).__name__.removesuffix('Exception')})"
    return f": {str(error).splitlines()[0].partition('Error: ')[2].rstrip('.!')}"


def _read_sqlite(con: duckdb.DuckDBPyConnection, located: Located, file: Path, encoding: str | None) -> None:
    try:
        # DuckDB takes the rows in a thread of its own.
        database = sqlite3.connect(f"file:{quote(str(file))}?{_only_read(file)}", uri=True, check_same_thread=False)
    except sqlite3.Error:
        raise InputError(f"'{file}' cannot be opened. Copy it to a folder that you may write to.") from None
    # Not every text in SQLite is UTF-8.
    database.text_factory = bytes
    try:
        query = asked(located, lambda: _sqlite_tables(database))
        # No other file, and nothing but reading.
        database.set_authorizer(_only_reads)
        cursor = database.execute(query)
        if cursor.description is None:
            raise _refused(file, "is no single SELECT")
        fill(con, _batches(cursor), encoding)
    except sqlite3.ProgrammingError:
        raise _refused(file, "is no single SELECT") from None
    except sqlite3.DatabaseError as error:
        if "not authorized" in str(error):
            raise _refused(file, "does more than read") from None
        raise InputError(_why(file, error)) from None
    except duckdb.Error:
        raise InputError(f"The rows of '{file}' cannot be read to their end. Check the copy.") from None
    finally:
        database.close()


def _only_read(file: Path) -> str:
    """How SQLite opens the ``file`` without a trace: of one with a log beside it, which nobody holds open, it would
    leave an empty log behind, and refuse it in a folder that takes none.
    """
    with file.open("rb") as stream:
        logged = stream.read(20)[18:] == _LOGGED
    return "immutable=1" if logged and not file.with_name(f"{file.name}-wal").exists() else "mode=ro"


def _only_reads(action: int, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _why(file: Path, error: sqlite3.Error) -> str:
    """What SQLite says of names and grammar; of anything else what its code means, or the code."""
    said = str(error)
    if said.startswith(("no such", "near ", "ambiguous")) or "syntax error" in said:
        return f"The query on '{file}' failed: {said}."
    if why := _FAILURES.get(error.sqlite_errorcode & 0xFF):
        return f"'{file}' cannot be read: {why}."
    return f"The query on '{file}' failed: {error.sqlite_errorname}."


def _sqlite_tables(database: sqlite3.Connection) -> dict[str, str]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY name"
    )
    names = [name.decode() for (name,) in found]
    return {name: quoted(name) for name in names}


def _batches(cursor: sqlite3.Cursor) -> pa.RecordBatchReader:
    """Every value as bytes, of which those that are text become text."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.binary()) for name, *_ in cursor.description])

    def batches() -> Iterator[pa.RecordBatch]:
        while rows := cursor.fetchmany(_BATCH):
            columns = [pa.array(map(_spelled, column), pa.binary()) for column in zip(*rows, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _spelled(value: object) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else str(value).encode()
