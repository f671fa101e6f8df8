"""A folder of Parquet files read in shards by an executor's workers, so that no machine holds all of its texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor import keys
from auditor.errors import ConfigError, InputError
from auditor.folders import written
from auditor.inputs.buckets import objects_at
from auditor.inputs.columnar import lacking, rows_in, schema_of
from auditor.inputs.files import Kind, Located, fingerprint, locate, stamps
from auditor.inputs.nested import nested_in
from auditor.inputs.roles import given_roles
from auditor.inputs.rows import LABEL
from auditor.inputs.shard import DRAWN, Draw, Key, Said, Shard, Take, done
from auditor.inputs.source import Source, refuse_empty, refuse_many
from auditor.inputs.sql import TABLE, confine, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path
    from typing import Any

    import duckdb

    from auditor.config import Config

    Hear = Callable[[str], None]
    # The texts of the records with these numbers.
    Texts = Callable[[pl.Series], pl.Series]
    # Of the rows, as SQL selected them, their keys and what is told of their texts, which stand in these columns;
    # and what fetches texts, where they are elsewhere.
    Keys = Callable[[pl.DataFrame, Mapping[str, str], tuple[str, ...]], tuple[pl.DataFrame, Texts | None]]

# House rules (2026): of small files as many as are read in some seconds, and no more names than a message holds.
MOST_BYTES, MOST_FILES = 64_000_000, 500
# Objects that one worker fetches before it is given more.
OBJECTS = 20
# What asks for the texts of all records, one by one.
OF_TEXTS = ("sheet", "baseline", "trial", "corrections")


@dataclass(frozen=True)
class Shards:
    """What is ``located``, to be read by the workers of an ``executor``, who reach its files and the folder ``work``,
    each in some ``memory``, in bytes. ``hear`` is told how far that is.
    """

    located: Located
    executor: Executor
    work: Path
    memory: int
    hear: Hear

    def table(self, con: duckdb.DuckDBPyConnection, config: Config) -> tuple[Source, Keys]:
        """Make the table `export` of every row, in file order, with what equal texts share in place of a text; gives
        what makes the keys of its rows.

        Raises:
            ConfigError: ``config`` does not name the columns of text and label.
            InputError: a file cannot be read, or does not fit the others.

        """
        confine(con, self.located.files, (self.work,))
        file = self.work / "columns.parquet"
        # Before anything is read of them, so that a file that changes after is noticed.
        stamped = dict(zip(self.located.files, stamps(self.located.files), strict=True))
        found, counts = schema_of(con, self.located, file), rows_in(con, self.located)
        refuse_many(len(found), self.located.shown)
        refuse_empty(sum(counts), self.located.shown)
        shards = tuple(_shards(self.located, counts, self.work, self.memory))
        columns = tuple((name, "VARCHAR" if kind == "BLOB" else kind) for name, kind in found)
        takes, taken = self._taken(shards, stamped, file, columns, config)
        if undecoded := {name for each in taken for name in each.bytes}:
            columns = tuple((name, "BLOB" if name in undecoded else kind) for name, kind in columns)
            takes, taken = self._taken(shards, stamped, file, columns, config)
        _gathered(con, [take.thin for take in takes])
        table = con.sql(f"SELECT * EXCLUDE ({quoted(DRAWN)}) FROM {TABLE}")
        source = Source(
            path=self.located.address,
            kind=Kind.PARQUET,
            files=self.located.files,
            fingerprint=fingerprint(self.located, [each for part in taken for each in part.digests]),
            columns=columns,
            rows=sum(counts),
            nested=nested_in(table),
            notices=lacking(con, self.located),
            drawn=DRAWN,
            hidden=takes[0].hidden,
        )
        return source, partial(self._keyed, takes)

    def _taken(
        self,
        shards: Sequence[Shard],
        stamped: Mapping[Path, tuple[int, int] | None],
        file: Path,
        columns: tuple[tuple[str, str], ...],
        config: Config,
    ) -> tuple[tuple[Take, ...], list[Said]]:
        # What is also a segment is not hidden: its values are looked at one by one.
        others = {name for role, names in given_roles(config).items() if role != "text" for name in names}
        hidden = tuple(
            name for name, kind in columns if kind == "VARCHAR" and name in config.text and name not in others
        )
        takes = tuple(
            Take(each, file, columns, hidden, config.read, tuple(map(stamped.get, each.files))) for each in shards
        )
        return takes, self._done("read", takes)

    def _keyed(
        self, takes: Sequence[Take], rows: pl.DataFrame, sql: Mapping[str, str], texts: tuple[str, ...]
    ) -> tuple[pl.DataFrame, Texts]:
        times = rows.select("time", *(["label_time"] if "label_time" in rows.columns else []))
        sent = tuple((name, each) for name, each in sql.items() if name != LABEL)
        work = [self._key(take, sent, texts, times.slice(take.shard.first, take.shard.rows)) for take in takes]
        self._done("keyed", work)
        return pl.concat([pl.read_parquet(each.keys) for each in work]), partial(self._texts, work)

    def _key(self, take: Take, sql: tuple[tuple[str, str], ...], texts: tuple[str, ...], times: pl.DataFrame) -> Key:
        mark = keys.digest(str(times.hash_rows(0).to_numpy().tobytes()))
        file = take.shard.results("times", mark)
        written(file, times.write_parquet)
        return Key(take, sql, texts, file, mark)

    def _texts(self, work: Sequence[Key], rows: pl.Series) -> pl.Series:
        """The texts of the records ``rows`` (m,)."""
        wanted = rows.to_numpy().astype(np.int64)
        order = np.argsort(wanted, kind="stable")
        ends = [each.take.shard.first + each.take.shard.rows for each in work]
        parts = np.split(wanted[order], np.searchsorted(wanted[order], ends[:-1]))
        draws = [Draw(each, part - each.take.shard.first) for each, part in zip(work, parts, strict=True) if len(part)]
        self._done("texts", draws)
        found = pl.concat([pl.read_parquet(each.drawn)["text"] for each in draws])
        return found.gather(np.argsort(order, kind="stable"))

    def _done(self, what: str, work: Sequence[Callable[[], Any]]) -> list[Any]:
        """What each piece of ``work`` says, in their order."""
        found = []
        for said in self.executor.map(done, work):
            found.append(said)
            self.hear(f"Reading the export · {what} {len(found):,} of {len(work):,} shards")
        return found


def in_reach(located: Located, executor: Executor, work: Path) -> Located:
    """Of a bucket, copies of its objects that the workers of an ``executor`` make in the folder ``work``."""
    if located.kind is not Kind.BUCKET:
        return located
    objects = objects_at(located.address)
    folder = work / f"objects-{objects.mark:016x}"
    folder.mkdir(exist_ok=True)
    copies = list(executor.map(done, [partial(part.copied, folder) for part in objects.parts(OBJECTS)]))
    return locate(str(copies[0]))._replace(address=located.address)


def refuse(config: Config, located: Located) -> None:
    """Raises ConfigError where the settings, and InputError where the export, cannot be read in shards. What a bucket
    holds is known once it was looked at.
    """
    if not config.text or not config.label:
        raise ConfigError(
            "--engine dask guesses no column of text or label, as nobody reads all texts. Name them: --text COL and "
            "--label COL."
        )
    if asked := next((name for name in OF_TEXTS if getattr(config, name)), None):
        raise ConfigError(
            f"--{asked} is held to the texts of records one by one, which --engine dask does not gather. Leave one of "
            "them out, or audit a slice of time on one machine."
        )
    if located.kind is not Kind.PARQUET or config.table or config.query:
        raise InputError(
            f"--engine dask reads Parquet files, and '{located.shown}' is {located.kind}. Export it as a folder of "
            "Parquet files."
        )


def _shards(located: Located, counts: Sequence[int], work: Path, memory: int) -> Iterator[Shard]:
    """Small files together, in their order, those without rows too, as they are part of the export; large ones in
    parts.
    """
    of = partial(Shard, located.address, located.root, work=work, memory=memory)
    first, rows, size = 0, 0, 0
    files: list[Path] = []
    for file, count in zip(located.files, counts, strict=True):
        here = file.stat().st_size
        if files and (size + here > MOST_BYTES or len(files) == MOST_FILES):
            yield of(files=tuple(files), first=first, rows=rows)
            first, rows, size, files = first + rows, 0, 0, []
        parts = min(here // MOST_BYTES, count)
        if parts > 1:
            each = -(-count // parts)
            for start in range(0, count, each):
                yield of(files=(file,), first=first + start, rows=min(each, count - start), start=start)
            first += count
            continue
        files.append(file)
        rows, size = rows + count, size + here
    if files:
        yield of(files=tuple(files), first=first, rows=rows)


def _gathered(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    listed = ", ".join(literal(str(file)) for file in files)
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT * FROM read_parquet([{listed}])")
