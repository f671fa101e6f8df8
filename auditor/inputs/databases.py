"""What the readers of databases share: which rows are asked for, and how they become the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import ConfigError, did_you_mean
from auditor.inputs.columnar import take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb
    import pyarrow as pa

    from auditor.inputs.files import Located

_LISTED = 20
_ROWS = "rows_of_database"


def asked(located: Located, tables: Callable[[], Mapping[str, str]]) -> str:
    """The query that was given, or one for the table that was; without both, for the only table there is.

    ``tables`` gives the SQL name of each table by the name that a person would give.

    Raises ConfigError where the table does not exist, or several could be meant.
    """
    if located.query is not None:
        return located.query.strip().rstrip(";")
    there = tables()
    if located.table is None and len(set(there.values())) == 1:
        return f"SELECT * FROM {next(iter(there.values()))}"
    if located.table is None:
        raise ConfigError(
            f"'{located.shown}' is a database. Pass --table NAME, or --query with one SELECT. {_listed(there)}"
        )
    if located.table not in there:
        raise ConfigError(
            f"There is no table '{located.table}' in '{located.shown}'.{did_you_mean(located.table, there)} "
            f"{_listed(there)}"
        )
    return f"SELECT * FROM {there[located.table]}"


def fill(con: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader, encoding: str | None) -> None:
    """Make the table of ``rows``, streamed. They are ordered by their values: a database promises no order, and what
    was asked about row 7 must still be about row 7 in the next audit.
    """
    con.register(_ROWS, rows)
    take(con, f"{_ROWS} ORDER BY ALL", encoding)
    con.unregister(_ROWS)


def _listed(there: Mapping[str, str]) -> str:
    names = list(there)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"Tables: {', '.join(names[:_LISTED])}{more}." if names else "It holds no table."
