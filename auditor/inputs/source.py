"""One way into an export, whatever it is stored as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.inputs.columnar import read_parquet
from auditor.inputs.delimited import read_delimited
from auditor.inputs.files import Kind, Located, fingerprint, locate
from auditor.inputs.jsonlines import read_json
from auditor.inputs.sql import TABLE, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import duckdb

READERS: Mapping[Kind, Callable[[duckdb.DuckDBPyConnection, Located], None]] = {
    Kind.DELIMITED: read_delimited,
    Kind.PARQUET: read_parquet,
    Kind.JSON: read_json,
}


@dataclass(frozen=True)
class Source:
    """Where the table `export` came from. ``columns`` are (name, DuckDB type) pairs in file order."""

    path: str
    kind: Kind
    files: tuple[Path, ...]
    fingerprint: str
    columns: tuple[tuple[str, str], ...]
    rows: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)


def read_export(con: duckdb.DuckDBPyConnection, export: str) -> Source:
    """Make the table `export` of every row and column, in file order.

    Raises:
        InputError: the export is missing, empty, broken, or of no kind that auditor reads.

    """
    located = locate(export)
    mark = fingerprint(located)
    READERS[located.kind](con, located)
    columns = con.sql(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = $table ORDER BY column_index",
        params={"table": TABLE},
    ).fetchall()
    (rows,) = con.sql(f"SELECT count(*) FROM {quoted(TABLE)}").fetchall()[0]
    if not rows:
        raise InputError(f"'{export}' has column names but no rows. Export it again with its rows.")
    return Source(export, located.kind, located.files, mark, tuple(columns), rows)
