"""CSV, TSV and other delimited text. Every column is read as text; nothing is dropped or padded."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import duckdb
import polars as pl

from auditor.errors import InputError
from auditor.inputs.files import extension, hive_values
from auditor.inputs.sql import TABLE, literal_path, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from auditor.inputs.files import Located

_HEAD_BYTES = 1 << 16
_MAX_FIELD = 1 << 27
_SPELLED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_DISGUISED = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "gzip",
    b"(\xb5/\xfd": "Zstandard",
}


class Layout(NamedTuple):
    """How a file is written. ``blank`` counts the empty lines before its header."""

    delimiter: str
    columns: tuple[str, ...]
    blank: int


def read_delimited(con: duckdb.DuckDBPyConnection, located: Located) -> None:
    """Make the table of the files' rows, in file order.

    Raises:
        InputError: a file is not UTF-8 text, or a row does not have the header's columns.

    """
    layouts = [_layout(file) for file in located.files]
    first = layouts[0]
    for file, layout in zip(located.files, layouts, strict=True):
        if set(layout.columns) != set(first.columns):
            odd = sorted(set(layout.columns) ^ set(first.columns))
            raise InputError(
                f"'{file}' does not have the columns of '{located.files[0]}': they differ in "
                f"{', '.join(repr(name) for name in odd[:5])}. Export them alike, or name fewer files."
            )
    partitions = [hive_values(file, located.root) for file in located.files]
    added = dict.fromkeys(name for values in partitions for name in values if name not in first.columns)
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in (*first.columns, *added))
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} ({columns})")
    for file, layout, values in zip(located.files, layouts, partitions, strict=True):
        constants = {name: values.get(name) for name in added}
        try:
            _insert(con, file, layout, constants)
        except duckdb.Error:
            _insert_rows(con, layout, constants, _rows(file, layout))


def _insert(con: duckdb.DuckDBPyConnection, file: Path, layout: Layout, constants: dict[str, str | None]) -> None:
    extra = "".join(f", ${f'c{i}'} AS {quoted(name)}" for i, name in enumerate(constants))
    con.execute(
        # A dialect that DuckDB guesses may skip rows that do not fit it: nothing here is left to guess.
        f"INSERT INTO {TABLE} BY NAME SELECT *{extra} FROM read_csv($file, auto_detect = false, "
        "header = true, skip = $blank, delim = $delimiter, quote = '\"', escape = '\"', columns = $columns, "
        "strict_mode = true, null_padding = false, max_line_size = 16777216, buffer_size = 67108864)",
        {
            "file": literal_path(file),
            "blank": layout.blank,
            "delimiter": layout.delimiter,
            "columns": dict.fromkeys(layout.columns, "VARCHAR"),
            **{f"c{i}": value for i, value in enumerate(constants.values())},
        },
    )


def _insert_rows(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    constants: dict[str, str | None],
    rows: Sequence[Sequence[str]],
) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.columns, pl.String), orient="row")
    frame = frame.with_columns(pl.all().replace("", None)).with_columns(
        pl.lit(value, pl.String).alias(name) for name, value in constants.items()
    )
    con.register("rows", frame)
    con.execute(f"INSERT INTO {TABLE} BY NAME SELECT * FROM rows")
    con.unregister("rows")


def _rows(file: Path, layout: Layout) -> list[list[str]]:
    """The rows as Python's reader sees them: it copes with mixed line ends, and names the line at fault."""
    with _opened(file) as stream, _long_fields():
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=layout.delimiter, strict=True)
        try:
            filled = (row for row in reader if row)
            next(filled)
            return [_whole(row, reader.line_num, file, layout) for row in filled]
        except UnicodeDecodeError:
            raise _not_utf8(file) from None
        except csv.Error as error:
            raise InputError(
                f"Line {reader.line_num} of '{file}' has broken quoting ({error}). Close every quote, "
                'and write a quote inside a quoted value as "".'
            ) from None


def _whole(row: list[str], line: int, file: Path, layout: Layout) -> list[str]:
    if len(row) == len(layout.columns):
        return row
    raise InputError(
        f"Line {line} of '{file}' has {len(row)} values where the header has {len(layout.columns)} columns. "
        f"Quote the values that hold a {_SPELLED[layout.delimiter]}, or repair that line."
    )


@contextmanager
def _long_fields() -> Iterator[None]:
    """Python's reader stops at 128 KiB a value; the limit is the process's, so it is put back."""
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _layout(file: Path) -> Layout:
    with _opened(file) as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.strip():
        raise InputError(f"'{file}' is empty. Export it again with its rows.")
    for magic, name in _DISGUISED.items():
        if head.startswith(magic):
            raise InputError(f"'{file}' is {name}, not delimited text. Rename or export it accordingly.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(file)
    if b"\0" in head:
        raise InputError(f"'{file}' is not text. Export it as CSV in UTF-8.")
    text = _decoded(head, file)
    delimiter = "\t" if extension(file) == ".tsv" else _delimiter(text)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        blank, header = next((place, row) for place, row in enumerate(rows) if row)
    except (csv.Error, StopIteration):
        raise InputError(f"The first line of '{file}' is not a header. Export it with column names.") from None
    return Layout(delimiter, _distinct(header), blank)


def _delimiter(text: str) -> str:
    """The candidate that splits the header into the most columns."""
    header = text.strip("\r\n").splitlines()[0]
    counts = {mark: len(next(csv.reader([header], delimiter=mark), [])) for mark in _SPELLED}
    return max(counts, key=lambda mark: counts[mark])


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks or repeats; DuckDB takes names that differ in case for repeats."""
    names: list[str] = []
    seen: set[str] = set()
    for position, raw in enumerate(header):
        stem = raw.strip() or f"column{position}"
        name, again = stem, 0
        while name.casefold() in seen:
            again += 1
            name = f"{stem}_{again}"
        seen.add(name.casefold())
        names.append(name)
    return tuple(names)


def _decoded(head: bytes, file: Path) -> str:
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) == _HEAD_BYTES and error.start >= len(head) - 3:
            return head[: error.start].decode("utf-8-sig")
        raise _not_utf8(file) from None


def _not_utf8(file: Path) -> InputError:
    return InputError(
        f"'{file}' is not UTF-8 text. Save it as UTF-8 "
        "(in Excel: 'CSV UTF-8'; elsewhere: iconv -f WINDOWS-1252 -t UTF-8)."
    )


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, decompressed."""
    try:
        if file.suffix.lower() == ".gz":
            with gzip.open(file) as stream:
                yield cast("IO[bytes]", stream)
        elif file.suffix.lower() == ".zst":
            import pyarrow as pa

            with pa.input_stream(str(file), compression="zstd") as stream:
                yield io.BufferedReader(stream)
        else:
            with file.open("rb") as stream:
                yield stream
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror or error}.") from None
    except (EOFError, zlib.error):
        raise InputError(f"'{file}' is a damaged archive. Copy or compress it again.") from None
