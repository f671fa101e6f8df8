"""The DuckDB connection that an audit runs on, and how names and paths are written into SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "export"


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory database that never fetches an extension and knows one time zone."""
    con = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
    )
    con.execute("SET TimeZone = 'UTC'")
    return con


def lock(con: duckdb.DuckDBPyConnection) -> None:
    """From here on no statement reaches a file or changes a setting."""
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def quoted(name: str) -> str:
    """A column or table name as an identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal_path(path: Path) -> str:
    """DuckDB expands patterns even in a path that exists, so their characters are escaped."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says went wrong, without the advice on its own options that follows."""
    line = str(error).splitlines()[0].strip().rstrip(".")
    return re.sub(r"^[A-Z]\w+( \w+)* Error: ", "", line)
