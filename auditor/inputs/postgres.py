"""PostgreSQL: one SELECT in a read-only transaction, streamed in batches by ADBC."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from auditor.errors import ConfigError, InputError
from auditor.inputs.databases import asked, fill
from auditor.inputs.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auditor.config import Read
    from auditor.inputs.files import Located
    from auditor.model import Notice

# Dates as ISO writes them and one time zone, whatever the role's own settings.
_BEGIN = (
    "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
)
_TABLES = (
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_class AS c JOIN pg_namespace AS n "
    "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^(pg_|information_s)'"
    " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"
)
# What libpq says beside these may quote a piece of the address. First match.
_UNREACHED = (
    ("password", "the user or the password is wrong; libpq takes them from the address, PGUSER and PGPASSWORD, or "
                 "~/.pgpass"),
    ("authentication", "the server does not admit this user so; ask for another pg_hba.conf or user"),
    ("refused", "the connection was refused; check host and port"),
    ("host name", "its host is not known; check the address, and write @, / and ? in a password as %40, %2F and %3F"),
    ("database", "it has no such database"),
    ("role", "it has no such user"),
    ("timeout", "it does not answer"),
)  # fmt: skip


def read_postgres(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the rows of the query, every value as PostgreSQL writes it as text.

    Raises:
        ConfigError: the driver is missing, or which rows are meant is not said.
        InputError: the server cannot be reached, or the query fails.

    """
    with _connected(located) as cursor:
        query = asked(located, lambda: _tables(cursor))
        # Inside another SELECT a statement can neither write nor be several.
        rows = f"FROM ({query}\n) AS asked"
        cursor.execute(f"SELECT * {rows} LIMIT 0")
        names = [column[0] for column in cursor.description]
        cursor.execute(f"SELECT {', '.join(f'{quoted(name)}::text AS {quoted(name)}' for name in names)} {rows}")
        fill(con, cursor.fetch_record_batch(), read.encoding)
    return ()


def _tables(cursor: Any) -> dict[str, str]:  # noqa: ANN401 - ADBC has no types here
    cursor.execute(_TABLES)
    found = cursor.fetchall()
    names = {f"{schema}.{name}": f"{quoted(schema)}.{quoted(name)}" for schema, name, _ in found}
    return {name: names[f"{schema}.{name}"] for schema, name, visible in found if visible} | {
        f"{schema}.{name}": names[f"{schema}.{name}"] for schema, name, _ in found
    }


@contextmanager
def _connected(located: Located) -> Iterator[Any]:
    """A cursor in a read-only transaction, which ends without a commit."""
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise ConfigError("PostgreSQL needs its driver: pip install 'auditor[postgres]'.") from None
    try:
        connection = dbapi.connect(located.address, autocommit=True)
    except Error as error:
        raise InputError(f"PostgreSQL at '{located.shown}' cannot be reached: {_why(str(error))}.") from None
    with connection, connection.cursor() as cursor:
        try:
            for statement in _BEGIN:
                cursor.execute(statement)
            yield cursor
        except Error as error:
            raise InputError(_failed(located, str(error.sqlstate or ""), str(error))) from None
        except duckdb.Error:
            # What DuckDB passes on of a failure in the stream has no code and may quote a value.
            raise InputError(
                f"The query on '{located.shown}' failed while its rows were computed. Try it in psql."
            ) from None


def _why(message: str) -> str:
    return next((why for word, why in _UNREACHED if word in message), "check the address, user and password")


def _failed(located: Located, state: str, message: str) -> str:
    """Of a query that is wrong what PostgreSQL says; of other failures the code alone, as it may quote a value."""
    start = f"The query on '{located.shown}' failed"
    if state.startswith("25"):
        return f"{start}: it writes, and an audit only reads."
    if state.startswith(("42", "0A")):
        said = message.partition("ERROR:")[2].partition("\n")[0].strip().rstrip(".")
        several = " Pass one SELECT, WITH or VALUES." if state == "42601" else ""
        return f"{start}: {said}.{several}"
    return f"{start} (SQLSTATE {state or 'unknown'}). Try it in psql."
