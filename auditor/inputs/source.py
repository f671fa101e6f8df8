"""One way into an export, whatever it is stored as."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.addresses import shown
from auditor.config import Read
from auditor.errors import AuditError, ConfigError, InputError
from auditor.folders import scratch
from auditor.inputs.arrow_files import read_arrow
from auditor.inputs.buckets import fetched
from auditor.inputs.columnar import read_parquet
from auditor.inputs.database_files import read_database
from auditor.inputs.delimited import read_delimited
from auditor.inputs.files import DATABASES, OF_VALUES, Kind, Located, fingerprint, locate, unchanged
from auditor.inputs.frames import read_frame
from auditor.inputs.iceberg import read_iceberg
from auditor.inputs.jsonlines import read_json
from auditor.inputs.nested import nested_in
from auditor.inputs.nothing import blank_missing
from auditor.inputs.postgres import read_postgres
from auditor.inputs.sql import TABLE, confine, quoted
from auditor.inputs.workbooks import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from auditor.model import Notice

    Reader = Callable[[duckdb.DuckDBPyConnection, Located, Read, Path], tuple[Notice, ...]]

# Looking at 4,000 columns takes some 40 seconds, and memory beyond that of millions of usual rows.
MAX_COLUMNS = 4_000

READERS: Mapping[Kind, Reader] = {
    Kind.DELIMITED: read_delimited,
    Kind.PARQUET: read_parquet,
    Kind.JSON: read_json,
    Kind.WORKBOOK: read_workbook,
    Kind.ARROW: read_arrow,
    Kind.DATABASE: read_database,
    Kind.POSTGRES: read_postgres,
    Kind.ICEBERG: read_iceberg,
}


@dataclass(frozen=True)
class Source:
    """Where the table `export` came from. ``columns`` are (name, DuckDB type) pairs in file order.

    ``nested`` are the columns whose values hold several, with the names of their fields where they have names;
    ``notices`` say how the files were read where nothing in them decides. Where texts left the table, ``drawn`` is a
    further column of it by which rows are drawn, and ``hidden`` are the columns in which something stands for them.
    """

    path: str
    kind: Kind
    files: tuple[Path, ...]
    fingerprint: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    drawn: str = ""
    hidden: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)


def read_export(
    con: duckdb.DuckDBPyConnection,
    export: str,
    read: Read | None = None,
    frame: object = None,
    table: str | None = None,
    query: str | None = None,
) -> Source:
    """Make the table `export` of every row and column, in file order; what stands for nothing is null. On ``con``
    no statement reaches any other file from then on.

    ``frame``, where there is one, is what is read, and ``export`` its name. Of a database ``table`` is read, or the
    rows of ``query``.

    Raises:
        ConfigError: ``read`` is needed and does not say how to read it.
        InputError: the export is missing, empty, broken, or of no kind that auditor reads.

    """
    read = read or Read()
    located, mark = Located(Kind.FRAME, (), None, export), ""
    notices: tuple[Notice, ...] = ()
    with scratch() as folder:
        if frame is None:
            located, mark, notices = _filled(con, locate(export)._replace(table=table, query=query), read, folder)
        else:
            confine(con)
            read_frame(con, frame, read.encoding)
    whole = con.sql(f"SELECT * FROM {quoted(TABLE)}")
    refuse_many(len(whole.columns), shown(export))
    columns = tuple((name, str(kind)) for name, kind in zip(whole.columns, whole.types, strict=True))
    nested = nested_in(whole)
    blank_missing(con, whole.columns, read.null or ())
    (rows,) = con.sql(f"SELECT count(*) FROM {quoted(TABLE)}").fetchall()[0]
    refuse_empty(rows, shown(export))
    mark = mark or _of_values(con)
    return Source(export, located.kind, located.files, mark, columns, rows, nested, notices)


def refuse_many(columns: int, name: str) -> None:
    """Raises InputError where the export ``name`` has more columns than an audit looks at."""
    if columns > MAX_COLUMNS:
        raise InputError(
            f"'{name}' has {columns:,} columns, and auditor looks at {MAX_COLUMNS:,} at most. "
            "Export those of the text, the label, dates and ids, and what records may be grouped by."
        )


def refuse_empty(rows: int, name: str) -> None:
    """Raises InputError where the export ``name`` has no rows."""
    if not rows:
        raise InputError(f"'{name}' has column names but no rows. Export it again with its rows.")


def _filled(
    con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path
) -> tuple[Located, str, tuple[Notice, ...]]:
    """Read what is ``located``, by its kind; gives the fingerprint too, where bytes say it."""
    if located.table is not None and located.query is not None:
        raise ConfigError("--table and --query both say which rows are read. Pass one of them.")
    if located.kind is Kind.BUCKET:
        return _from_bucket(con, located, read, folder)
    if located.kind not in DATABASES and (located.table is not None or located.query is not None):
        raise ConfigError(f"--table and --query pick rows of a database, and '{located.shown}' is none.")
    with unchanged(located):
        confine(con, located.files, (folder,))
        mark = "" if located.kind in OF_VALUES else fingerprint(located)
        return located, mark, READERS[located.kind](con, located, read, folder)


def _from_bucket(
    con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path
) -> tuple[Located, str, tuple[Notice, ...]]:
    copies = folder / "bucket"
    try:
        copy = locate(str(fetched(located.address, copies)))
        return _filled(con, copy._replace(table=located.table, query=located.query), read, folder)
    except AuditError as error:
        # Where the copies lay for a moment helps nobody.
        start = located.shown.rstrip("/").rpartition("/")[0]
        raise type(error)(str(error).replace(str(copies), start)) from None


def _of_values(con: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 of the names and values of the table, row by row: what names an export that is no file."""
    (mark,) = con.sql(
        f"SELECT sha256(string_agg(sha256(to_json(row)::VARCHAR), '' ORDER BY row.rowid)) FROM {TABLE} AS row"
    ).fetchall()[0]
    return str(mark)
