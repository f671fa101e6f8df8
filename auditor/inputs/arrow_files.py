"""Arrow's own files: IPC files, streams, and Feather, which is the first of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import duckdb

from auditor.errors import InputError
from auditor.inputs.columnar import take
from auditor.inputs.files import hive_values
from auditor.inputs.sql import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from auditor.config import Read
    from auditor.inputs.files import Located
    from auditor.model import Notice


def read_arrow(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the files' rows, in file order; a column that a file lacks is null there.

    Raises InputError where a file is not Arrow's, is damaged, or does not fit the others.
    """
    import pyarrow as pa

    parts = []
    try:
        with ExitStack() as opened:
            for place, file in enumerate(located.files):
                name = f"arrow_file{place}"
                con.register(name, _rows(file, opened))
                opened.callback(con.unregister, name)
                named = "".join(
                    f", {literal(value)} AS {quoted(key)}" for key, value in hive_values(file, located.root).items()
                )
                parts.append(f"SELECT *{named} FROM {name}")
            take(con, f"({' UNION ALL BY NAME '.join(parts)})", read.encoding)
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except (duckdb.Error, pa.ArrowException, UnicodeError, RuntimeError):
        # The last two are what DuckDB raises at names that are no UTF-8.
        raise InputError(
            f"'{located.shown}' cannot be read to its end, or its files do not fit each other. Export it again."
        ) from None
    return ()


def _rows(file: Path, opened: ExitStack) -> pa.RecordBatchReader:
    """The rows of a ``file``, which stays open as long as ``opened``. Raises InputError where it is none of Arrow's."""
    import pyarrow as pa

    try:
        # Not mapped into memory: a file that shrinks while it is read would end the process.
        source = opened.enter_context(pa.OSFile(str(file)))
        try:
            table = pa.ipc.open_file(source)
            batches: Iterable[pa.RecordBatch] = (table.get_batch(place) for place in range(table.num_record_batches))
        except pa.ArrowInvalid:
            source.seek(0)
            table = batches = pa.ipc.open_stream(source)
    except (OSError, pa.ArrowException):
        raise InputError(
            f"'{file}' cannot be read as Arrow or Feather (version 2). Export it again, or check the copy."
        ) from None
    return pa.RecordBatchReader.from_batches(table.schema, map(_sound, batches))


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The ``batch``, whose offsets lie inside it: a damaged one would have what reads it read elsewhere in memory.

    Raises ArrowInvalid where they do not.
    """
    batch.validate(full=True)
    return batch
