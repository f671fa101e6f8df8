"""JSON lines, or one JSON array of objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from auditor.errors import InputError
from auditor.inputs.sql import TABLE, first_line, literal_path

if TYPE_CHECKING:
    from auditor.inputs.files import Located

_KEPT = re.compile(r"^(BOOLEAN|BIGINT|UBIGINT|HUGEINT|DOUBLE|STRUCT.*|MAP.*|.*\[\])$", re.DOTALL)


def read_json(con: duckdb.DuckDBPyConnection, located: Located) -> None:
    """Make the table of the files' objects, in file order; a key that an object lacks is null.

    Raises:
        InputError: a file is not JSON objects, or an object is broken.

    """
    options = {
        "files": [literal_path(file) for file in located.files],
        "hive": located.root is not None,
    }
    reader = (
        "read_json($files, format = 'auto', sample_size = -1, union_by_name = true, "
        "hive_partitioning = $hive, hive_types_autocast = false"
    )
    try:
        guessed = con.sql(f"DESCRIBE SELECT * FROM {reader})", params=options).fetchall()
        # DuckDB turns strings that look like dates or UUIDs into those types, which rewrites them.
        types = {name: kind if _KEPT.match(kind) else "VARCHAR" for name, kind, *_ in guessed}
        con.execute(
            f"CREATE OR REPLACE TABLE {TABLE} AS SELECT * FROM {reader}, columns = $types)",
            options | {"types": types},
        )
    except duckdb.Error as error:
        name = located.files[0] if len(located.files) == 1 else located.root
        raise InputError(
            f"'{name}' is not JSON that auditor can read ({first_line(error)}). "
            "It needs one object on each line, or one array of objects."
        ) from None
