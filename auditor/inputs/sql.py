"""The DuckDB connection that an audit runs on, and how names and paths are written into SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
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


def literal(text: str) -> str:
    """A string, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"


def replace_columns(con: duckdb.DuckDBPyConnection, values: Mapping[str, pl.Series]) -> None:
    """Give columns of the table `export` other ``values``, row by row."""
    if not values:
        return
    con.register("replaced", pl.DataFrame(dict(values)))
    names = con.sql(f"SELECT * FROM {TABLE}").columns
    columns = ", ".join(f"{'replaced' if name in values else TABLE}.{quoted(name)}" for name in names)
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {columns} FROM {TABLE} POSITIONAL JOIN replaced")
    con.unregister("replaced")


def literal_path(path: Path) -> str:
    """DuckDB expands patterns even in a path that exists, so their characters are escaped."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says went wrong, without the advice on its own options that follows."""
    line = str(error).splitlines()[0].strip().rstrip(".")
    return re.sub(r"^[A-Z]\w+( \w+)* Error: ", "", line)
