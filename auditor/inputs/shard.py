"""What is done to one shard of a large export, wherever that is: files in, files out, and of records only numbers.

Each piece of work has a name that follows from all that it rests on. Where a file of that name is there already, the
work was done by an earlier run, or by a worker that was lost before it could say so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import polars as pl

from auditor import keys
from auditor.errors import GOES_ON, AuditError, ConfigError, InputError, Lost, bare
from auditor.failures import told
from auditor.folders import written
from auditor.inputs.columnar import read_shard
from auditor.inputs.columns import drawn_by
from auditor.inputs.files import Kind, Located, digest, stamps, unchanged
from auditor.inputs.nothing import blank_missing
from auditor.inputs.rows import LABEL, keyed, rows_of, selected
from auditor.inputs.sql import TABLE, confine, connect, literal, quoted
from auditor.inputs.texts import draw_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from auditor.config import Read

DRAWN = "\x1fdrawn"
# Results of another version are none.
VERSIONS = tuple(version(name) for name in ("auditor", "duckdb", "polars"))
_UNREACHED = "A worker does not find {}. Every worker reaches the same folders by the same names."


@dataclass(frozen=True)
class Shard:
    """The ``rows`` of some files of the ``export``, or of one large file from its row ``start`` on; the first of them
    is row ``first`` of all. The results of each piece of work on them lie in the folder ``work``, and it takes some
    ``memory``, in bytes.
    """

    export: str
    root: Path | None
    files: tuple[Path, ...]
    first: int
    rows: int
    work: Path
    # No result rests on it.
    memory: int = field(repr=False)
    start: int | None = None

    @property
    def named(self) -> str:
        more = f" and {len(self.files) - 1:,} more" if len(self.files) > 1 else ""
        return f"'{self.files[0].name}'{more}"

    def results(self, kind: str, *of: object) -> Path:
        """The file of the results of a ``kind`` of work that rests on what is named."""
        return self.work / f"{kind}-{self.first:012}-{keys.digest(repr((VERSIONS, self, of))):016x}.parquet"


class Said(NamedTuple):
    """What was read of a shard: the ``digests`` of its files, where it holds their first rows, and the columns of
    ``bytes`` that are no text in it.
    """

    digests: tuple[str, ...]
    bytes: tuple[str, ...]


@dataclass(frozen=True)
class Take:
    """Reads the ``columns`` of a shard, name and type, as all files together have them, which the file ``schema``
    keeps; texts ``hidden`` leave the results of this work only as what equal texts share.
    """

    shard: Shard
    schema: Path
    columns: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    read: Read
    stamps: tuple[tuple[int, int] | None, ...]

    @property
    def whole(self) -> Path:
        return self._results("whole")

    @property
    def thin(self) -> Path:
        return self._results("thin")

    def _results(self, kind: str) -> Path:
        return self.shard.results(kind, self.columns, self.hidden, self.read, self.stamps)

    def __call__(self) -> Said:
        """Raises InputError where a file cannot be read, or is no longer what it was, and ConfigError where the folder
        for results is not there.
        """
        said = self.thin.with_suffix(".json")
        if said.exists():
            return Said(*map(tuple, json.loads(said.read_text(encoding="utf-8"))))
        taken = self._taken()
        written(said, lambda file: file.write_text(json.dumps(taken), encoding="utf-8"))
        return taken

    def _taken(self) -> Said:
        shard = self.shard
        located = Located(Kind.PARQUET, shard.files, shard.root, shard.export)
        now = tuple(stamps(shard.files))
        if None in now:
            raise InputError(_UNREACHED.format(shard.named))
        if not shard.work.is_dir():
            raise ConfigError(_UNREACHED.format(f"the folder '{shard.work.parent}' of --work"))
        if now != self.stamps:
            raise InputError(f"{shard.named} of '{located.shown}' changed since the audit began. Audit it once more.")
        with connect(1, shard.memory) as con, unchanged(located):
            confine(con, shard.files, (shard.work,))
            digests = tuple(map(digest, shard.files)) if not shard.start else ()
            part = None if shard.start is None else (shard.start, shard.rows)
            read_shard(con, located, self.read, self.schema, part)
            table = con.sql(f"SELECT * FROM {TABLE}")
            here = {name: str(kind) for name, kind in zip(table.columns, table.types, strict=True)}
            undecoded = tuple(name for name, kind in self.columns if kind == "VARCHAR" and here[name] == "BLOB")
            blank_missing(con, [name for name, _ in self.columns], self.read.null or ())
            columns = {name: _as(kind, here[name], quoted(name)) for name, kind in self.columns}
            _copied(con, columns, self.whole)
            shared = {name: f"left(md5({columns[name]}), 16)" for name in self.hidden}
            _copied(con, columns | shared | {DRAWN: drawn_by(self.columns)}, self.thin)
        return Said(digests, undecoded)


def _as(kind: str, here: str, name: str) -> str:
    """SQL of a column where bytes are text in some shards alone: then they are bytes, or for now nothing."""
    if kind == here:
        return name
    return f"encode({name})" if kind == "BLOB" else f"NULL::{kind}" if here == "BLOB" else f"{name}::{kind}"


@dataclass(frozen=True)
class Key:
    """Makes the rows of what was taken, as ``sql`` selects their columns: their keys, and what is told of their
    ``texts``. ``times`` is the file of their dates, which the whole export decides how to read, and ``mark`` names
    what it holds.
    """

    take: Take
    sql: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    times: Path
    mark: int

    @property
    def keys(self) -> Path:
        return self._results("keys")

    @property
    def whole_texts(self) -> Path:
        return self._results("texts")

    def _results(self, kind: str) -> Path:
        return self.take.shard.results(kind, self.take.whole.name, self.sql, self.texts, self.mark)

    def __call__(self) -> int:
        """How many rows there are."""
        shard = self.take.shard
        if not self.keys.exists():
            self._keyed()
        return shard.rows

    def _keyed(self) -> None:
        shard = self.take.shard
        with connect(1, shard.memory) as con:
            confine(con, (self.take.whole,))
            con.execute(f"CREATE VIEW {TABLE} AS SELECT * FROM read_parquet({literal(str(self.take.whole))})")
            raw = selected(con, {**dict(self.sql), LABEL: "NULL::VARCHAR"})
        raw = raw.with_columns(pl.read_parquet(self.times), row_id=pl.col("row_id") + shard.first)
        rows = rows_of(raw, self.texts)
        made = keyed(rows).with_columns(draw_key=pl.Series(draw_keys(rows["text"])))
        written(self.whole_texts, rows.select("text").write_parquet)
        written(self.keys, made.write_parquet)


@dataclass(frozen=True, eq=False)
class Draw:
    """Fetches some texts of a shard: those at ``places`` (m,) among its rows."""

    key: Key
    places: NDArray[np.int64]

    @property
    def drawn(self) -> Path:
        return self.key.take.shard.results("drawn", self.key.keys.name, self.places.tobytes())

    def __call__(self) -> int:
        """How many there are."""
        texts = pl.read_parquet(self.key.whole_texts)
        written(self.drawn, texts[self.places].write_parquet)
        return len(self.places)


def done(work: Callable[[], object]) -> object:
    """What the ``work`` says.

    An error that it raises goes to other processes with all errors that it came from, and they may quote a record: so
    what comes out of here came from none.

    Raises:
        InputError: a file cannot be read, or takes more memory than there is.
        Lost: the folder of the results is full, or cannot be reached.
        AuditError: it failed inside.

    """
    raised: AuditError
    try:
        return work()
    except AuditError as error:
        raised = bare(error)
    except (MemoryError, duckdb.OutOfMemoryException):
        raised = InputError(
            "A shard of the export takes more memory than a worker may have. Write the export as smaller files, or "
            "allow more with --max-memory."
        )
    except (duckdb.IOException, OSError) as error:
        why = getattr(error, "strerror", None) or "it may be full"
        raised = Lost(
            f"A worker cannot write its results, or read them: {why}. Make room and run the audit again: {GOES_ON}"
        )
    except Exception as error:
        raised = AuditError(told(error))
    raise raised


def _copied(con: duckdb.DuckDBPyConnection, columns: Mapping[str, str], file: Path) -> None:
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    written(
        file, lambda new: con.execute(f"COPY (SELECT {listed} FROM {TABLE}) TO {literal(str(new))} (FORMAT parquet)")
    )
