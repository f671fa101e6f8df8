"""Parquet: one file, several, or a partitioned folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from auditor.errors import InputError
from auditor.inputs.sql import TABLE, first_line, literal_path

if TYPE_CHECKING:
    from auditor.inputs.files import Located


def read_parquet(con: duckdb.DuckDBPyConnection, located: Located) -> None:
    """Make the table of the files' rows, in file order; a column that a file lacks is null there.

    Raises:
        InputError: a file is not Parquet, is damaged, or does not fit the others.

    """
    query = (
        f"CREATE OR REPLACE TABLE {TABLE} AS SELECT * FROM read_parquet($files, union_by_name = true, "
        "hive_partitioning = $hive, hive_types_autocast = false)"
    )
    paths = [literal_path(file) for file in located.files]
    try:
        con.execute(query, {"files": paths, "hive": located.root is not None})
    except duckdb.Error as error:
        name = located.files[0] if len(located.files) == 1 else located.root
        raise InputError(
            f"'{name}' cannot be read as Parquet ({first_line(error)}). Export it again, or check the copy."
        ) from None
