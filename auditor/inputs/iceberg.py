"""Iceberg tables in a folder, by their latest metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import ConfigError, InputError
from auditor.inputs.databases import fill

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from auditor.config import Read
    from auditor.inputs.files import Located
    from auditor.model import Notice


def read_iceberg(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the rows of the current snapshot, without those that were deleted.

    Raises:
        ConfigError: pyiceberg is not installed.
        InputError: the table cannot be read.

    """
    try:
        from pyiceberg.table import StaticTable
    except ImportError:
        raise ConfigError("An Iceberg table needs pyiceberg: pip install 'auditor[iceberg]'.") from None
    try:
        table = StaticTable.from_metadata(str(located.files[0]))
        fill(con, table.scan().to_arrow_batch_reader(), read.encoding)
    except Exception as error:
        # Metadata, manifests and data fail in ways of their own, and what is said may quote a value.
        raise InputError(
            f"The Iceberg table '{located.shown}' cannot be read ({type(error).__name__}). Its metadata names files by "
            "their full paths: where it was moved, export its current rows as Parquet."
        ) from None
    return ()
