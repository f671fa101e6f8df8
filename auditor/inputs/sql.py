"""The DuckDB connection that an audit runs on, and how names and paths are written into SQL."""

from __future__ import annotations

import re
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from auditor.folders import scratch
from auditor.threads import usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TABLE = "export"
# No extension is fetched or loaded, no secret kept, and a name in a query is no variable of this program.
_ALONE: Mapping[str, bool] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
}


def connect(threads: int | None = None, memory: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database that knows one time zone, on so many ``threads`` or the `usual`, in at most so much ``memory``, in
    bytes, and for the rest in a folder.
    """
    con = _connected(":memory:")
    if memory is not None:
        con.execute(f"SET memory_limit = '{memory}B'")
    con.execute(f"SET threads = {threads or usual()}")
    con.execute("SET TimeZone = 'UTC'")
    return con


def database_in(file: Path) -> duckdb.DuckDBPyConnection:
    """The database in ``file``, to be read; no view or query of it reaches another file.

    Raises duckdb.Error where it is none, or in use.
    """
    database = _connected(str(file), read_only=True)
    confine(database)
    return database


def _connected(place: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """What does not fit in memory lies in a folder that its owner alone may enter, as long as the connection does."""
    with ExitStack() as opened:
        spilled = str(opened.enter_context(scratch()))
        con = duckdb.connect(place, read_only=read_only, config={**_ALONE, "temp_directory": spilled})
        weakref.finalize(con, opened.pop_all().close)
    return con


def confine(con: duckdb.DuckDBPyConnection, files: Iterable[Path] = (), folders: Iterable[Path] = ()) -> None:
    """From here on a statement reaches these ``files`` and what is in ``folders`` alone, and changes no setting."""
    allowed = [name for file in files for name in (str(file), literal_path(file))]
    con.execute(f"SET allowed_paths = [{', '.join(map(literal, allowed))}]")
    con.execute(f"SET allowed_directories = [{', '.join(literal(str(folder)) for folder in folders)}]")
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
