"""Frames of polars, pandas and Arrow, as they stand in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import polars as pl

from auditor.errors import InputError
from auditor.inputs.columnar import take
from auditor.inputs.layout import distinct

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    class Stream(Protocol):
        def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

    Frame: TypeAlias = Stream | pl.DataFrame | pl.LazyFrame | pd.DataFrame

# How a sentence names what is read.
FRAMES = "of polars, pandas, pyarrow or another library with an Arrow stream"
_GIVEN = "given"


def is_frame(value: object) -> bool:
    """Whether `read_frame` takes it."""
    return hasattr(value, "__arrow_c_stream__") or _is_lazy(value) or _is_pandas(value)


def read_frame(con: duckdb.DuckDBPyConnection, frame: object, encoding: str | None) -> None:
    """Make the table of the rows of ``frame``, in order. Of pandas, an index with a name is a column.

    Raises InputError where it holds objects that no table can.
    """
    try:
        con.register(_GIVEN, _arrow(frame))
        take(con, _GIVEN, encoding)
    except Exception as error:
        # Three libraries and a lazy frame's own plan fail in as many ways, and what they say may quote a value.
        raise InputError(
            f"The frame cannot be read ({type(error).__name__}). Columns need one type each that Arrow knows; "
            "turn objects into text first."
        ) from None
    con.unregister(_GIVEN)


def _arrow(frame: object) -> pa.RecordBatchReader:
    import pyarrow as pa

    if _is_lazy(frame):
        frame = frame.collect()  # type: ignore[attr-defined]
    if isinstance(frame, pl.DataFrame):
        if pl.Object in frame.dtypes:
            # Arrow would be given addresses in memory.
            raise TypeError
    elif _is_pandas(frame):
        frame = _plain(frame)
    return pa.RecordBatchReader.from_stream(frame)


def _is_lazy(frame: object) -> bool:
    return _library(frame) == "polars" and type(frame).__name__ == "LazyFrame"


def _is_pandas(frame: object) -> bool:
    return _library(frame) == "pandas" and type(frame).__name__ == "DataFrame"


def _library(frame: object) -> str:
    return type(frame).__module__.partition(".")[0]


def _plain(frame: Any) -> pa.Table:  # noqa: ANN401 - pandas has no types here
    """A pandas frame as Arrow. Columns of mixed objects are text; names are text, as those of a file."""
    import pyarrow as pa

    named = [level for level in frame.index.names if level is not None]
    if named:
        frame = frame.reset_index(level=named)
    names = [str(name) for name in frame.columns]
    columns = [_column(frame.iloc[:, place]) for place in range(len(names))]
    return pa.table(dict(zip(distinct(names), columns, strict=True)))


def _column(values: Any) -> pa.Array:  # noqa: ANN401
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.array([None if gone else str(each) for each, gone in zip(values, values.isna(), strict=True)])
