"""What is done to one shard of a large export, wherever that is: files in, files out, and of records only numbers.

Each piece of work has a name that follows from all that it rests on. Where a file of that name is there already, the
work was done by an earlier run, or by a worker that was lost before it could say so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from auditor import keys
from auditor.errors import InputError
from auditor.folders import scratch, written
from auditor.inputs.columnar import fits, read_parquet, read_part
from auditor.inputs.columns import drawn_by
from auditor.inputs.files import Kind, Located, digest, stamps, unchanged
from auditor.inputs.nothing import blank_missing
from auditor.inputs.rows import LABEL, keyed, rows_of, selected
from auditor.inputs.sql import TABLE, confine, connect, literal, quoted
from auditor.inputs.texts import draw_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from auditor.config import Read

DRAWN = "\x1fdrawn"


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
    memory: int
    start: int | None = None

    @property
    def named(self) -> str:
        more = f" and {len(self.files) - 1:,} more" if len(self.files) > 1 else ""
        return f"'{self.files[0].name}'{more}"

    def results(self, kind: str, *of: object) -> Path:
        """The file of the results of a ``kind`` of work that rests on what is named."""
        return self.work / f"{kind}-{self.first:012}-{keys.digest(repr((self, of))):016x}.parquet"


@dataclass(frozen=True)
class Take:
    """Reads a shard's columns, as the whole export has them (``schema``: name and type); no text of ``texts`` leaves
    the results of this work.
    """

    shard: Shard
    schema: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    read: Read
    stamps: tuple[tuple[int, int] | None, ...]

    @property
    def whole(self) -> Path:
        return self.shard.results("whole", self.schema, self.read, self.stamps)

    @property
    def thin(self) -> Path:
        """Each text stands there as what equal texts share."""
        return self.shard.results("thin", self.schema, self.texts, self.read, self.stamps)

    def __call__(self) -> tuple[str, ...]:
        """The digest of each file; of a large one only the shard of its first rows gives it.

        Raises InputError where one cannot be read, or is no longer what it was.
        """
        done = self.thin.with_suffix(".json")
        if done.exists():
            return tuple(json.loads(done.read_text(encoding="ascii")))
        try:
            digests = self._taken()
        except (MemoryError, duckdb.OutOfMemoryException):
            raise too_large(self.shard) from None
        written(done, lambda file: file.write_text(json.dumps(digests), encoding="ascii"))
        return digests

    def _taken(self) -> tuple[str, ...]:
        shard = self.shard
        located = Located(Kind.PARQUET, shard.files, shard.root, shard.export)
        now = tuple(stamps(shard.files))
        if None in now or not shard.work.is_dir():
            what = f"the folder '{shard.work.parent}' of --work" if None not in now else shard.named
            raise InputError(f"A worker does not find {what}. Every worker reaches the same folders by the same names.")
        if now != self.stamps:
            raise InputError(f"{shard.named} of '{located.shown}' changed since the audit began. Audit it once more.")
        with connect(1, shard.memory) as con, scratch() as folder, unchanged(located):
            confine(con, shard.files, (shard.work,))
            digests = tuple(map(digest, shard.files)) if not shard.start else ()
            if shard.start is None:
                read_parquet(con, located, self.read, folder)
            else:
                read_part(con, located, self.read, shard.start, shard.rows)
            fits(con, located, self.schema)
            blank_missing(con, [name for name, _ in self.schema], self.read.null or ())
            columns = {name: quoted(name) for name, _ in self.schema}
            _copied(con, columns, self.whole)
            hidden = {name: f"left(md5({quoted(name)}::VARCHAR), 16)" for name in self.texts}
            _copied(con, columns | hidden | {DRAWN: drawn_by(self.schema)}, self.thin)
        return digests


@dataclass(frozen=True)
class Type:
    """Makes the rows of what was taken, as ``sql`` selects their columns: their keys, and what is told of their
    ``texts``. ``times`` is the file of their dates, which the whole export decides how to read, and ``mark`` names
    what it holds.
    """

    taken: Take
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
        return self.taken.shard.results(kind, self.taken.stamps, self.sql, self.texts, self.mark)

    def __call__(self) -> int:
        """How many rows there are."""
        shard = self.taken.shard
        if not self.keys.exists():
            try:
                self._typed()
            except (MemoryError, duckdb.OutOfMemoryException):
                raise too_large(shard) from None
        return shard.rows

    def _typed(self) -> None:
        shard = self.taken.shard
        with connect(1, shard.memory) as con:
            confine(con, (self.taken.whole,))
            con.execute(f"CREATE VIEW {TABLE} AS SELECT * FROM read_parquet({literal(str(self.taken.whole))})")
            raw = selected(con, {**dict(self.sql), LABEL: "NULL::VARCHAR"})
        raw = raw.with_columns(pl.read_parquet(self.times), row_id=pl.col("row_id") + shard.first)
        rows = rows_of(raw, self.texts)
        made = keyed(rows).with_columns(draw_key=pl.Series(draw_keys(rows["text"])))
        written(self.whole_texts, rows.select("text").write_parquet)
        written(self.keys, made.write_parquet)


@dataclass(frozen=True, eq=False)
class Draw:
    """Fetches some texts of a shard: those at ``places`` (m,) among its rows."""

    typed: Type
    places: NDArray[np.int64]

    @property
    def drawn(self) -> Path:
        return self.typed.taken.shard.results("drawn", self.typed.mark, self.places.tobytes())

    def __call__(self) -> int:
        """How many there are."""
        texts = pl.read_parquet(self.typed.whole_texts)
        written(self.drawn, texts[self.places].write_parquet)
        return len(self.places)


def too_large(shard: Shard) -> InputError:
    return InputError(
        f"{shard.named} of '{shard.export}' cannot be read in {shard.memory / 1e9:.1f} GB. Write it as several files, "
        "or allow more with --max-memory."
    )


def _copied(con: duckdb.DuckDBPyConnection, columns: Mapping[str, str], file: Path) -> None:
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    written(
        file, lambda new: con.execute(f"COPY (SELECT {listed} FROM {TABLE}) TO {literal(str(new))} (FORMAT parquet)")
    )
