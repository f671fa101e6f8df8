"""JSON lines, or one JSON array of objects."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import duckdb

from auditor.errors import InputError
from auditor.inputs.encoding import HEAD_BYTES, as_utf8, not_utf8, opened
from auditor.inputs.nested import flat, named, selected
from auditor.inputs.sql import TABLE, literal_path, quoted
from auditor.inputs.tools import Object, inner_records
from auditor.inputs.tools import opened as tool_records
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from auditor.config import Read
    from auditor.inputs.files import Located

_KEPT = ("boolean", "bigint", "ubigint", "hugeint", "double")
# What the JSON of tools has in its first objects.
_OF_TOOLS = re.compile(
    rb'"(annotations|responses|messages|contents|conversations|custom_fields|labels)"\s*:\s*(\[\s*)?\{|\.responses"\s*:'
)
_SHAPE = "It needs one object on each line, or one array of objects."


def read_json(con: duckdb.DuckDBPyConnection, located: Located, read: Read, folder: Path) -> tuple[Notice, ...]:
    """Make the table of the files' objects, in file order; a key that an object lacks is null.

    The fields of an object inside are columns; a list of one value is that value where other records have it bare.

    Raises:
        InputError: a file is not JSON objects, or an object is broken.

    """
    texts = [
        as_utf8(file, located.kind, read.encoding, folder / _relative(file, located.root)) for file in located.files
    ]
    texts, said = _opened(located, texts, folder)
    options = {
        "files": [literal_path(text) for text in texts],
        "hive": located.root is not None,
    }
    # Keys that few objects have, or objects of many keys, are columns nonetheless, and no map.
    reader = (
        "read_json($files, format = 'auto', records = true, sample_size = -1, union_by_name = true, "
        "map_inference_threshold = -1, field_appearance_threshold = 0, hive_partitioning = $hive, "
        "hive_types_autocast = false"
    )
    try:
        guessed = con.sql(f"SELECT * FROM {reader})", params=options)
        types = {name: _as_written(kind) for name, kind in zip(guessed.columns, guessed.types, strict=True)}
        mixed = {name for name, kind in zip(guessed.columns, guessed.types, strict=True) if str(kind) == "JSON"}
        told = con.sql(f"SELECT * FROM {reader}, columns = $types)", params=options | {"types": types})
        fields = flat(told.columns, told.types)
        sql = [_bare(field.sql) if field.path[0] in mixed else field.sql for field in fields]
        con.execute(
            f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {selected(fields, sql)} FROM {reader}, columns = $types)",
            options | {"types": types},
        )
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except duckdb.Error:
        raise _broken(located, texts) from None
    _refuse_one_object(con, located)
    called = sorted(name for name, field in zip(named(fields), fields, strict=True) if field.path[0] in mixed)
    return (*said, *(notice for name in called for notice in _objects_among(con, name)))


def _opened(located: Located, texts: Sequence[Path], folder: Path) -> tuple[list[Path], list[Notice]]:
    """The texts, those of tools rewritten as flat objects in ``folder``, and what is said of them."""
    found: list[Path] = []
    notices: list[Notice] = []
    for file, text in zip(located.files, texts, strict=True):
        with opened(text) as stream:
            head = stream.read(HEAD_BYTES)
        of_tool = _OF_TOOLS.search(head) is not None
        objects, said = _objects(file, text, lines=of_tool) if of_tool or _one_object(head) else (None, [])
        if objects is not None:
            flat_text = folder / "flat" / _relative(file, located.root)
            flat_text.parent.mkdir(parents=True, exist_ok=True)
            lines_of_it = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
            # An escape can spell half of a surrogate pair, which is no text.
            flat_text.write_text(lines_of_it, "utf-8", errors="replace")
        found.append(text if objects is None else flat_text)
        notices += [Notice(each) for each in said]
    return found, notices


def _one_object(head: bytes) -> bool:
    """Whether a file may be one object that holds all records: its first line is no whole one, or the only one."""
    first, _, rest = head.removeprefix(b"\xef\xbb\xbf").strip().partition(b"\n")
    if not first.startswith(b"{"):
        return False
    if not rest.strip():
        return True
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return False


def _objects(file: Path, text: Path, *, lines: bool) -> tuple[list[Object] | None, list[str]]:
    """The flat objects of a file that wraps them; None for one that is to be read as it is, or is broken.

    ``lines`` says that they may stand on a line each.
    """
    with opened(text) as stream:
        try:
            characters = stream.read().decode("utf-8-sig")
            try:
                whole = json.loads(characters)
            except json.JSONDecodeError:
                whole = [json.loads(line) for line in characters.split("\n") if line.strip()] if lines else None
        except (ValueError, RecursionError):
            return None, []
    said = []
    if inner := inner_records(whole):
        whole, where = inner
        said.append(f"The records of '{file.name}' stand {where}.")
    elif isinstance(whole, dict):
        whole = [whole]
    if not isinstance(whole, list) or not all(isinstance(each, dict) for each in whole):
        return None, []
    if tool := tool_records(whole):
        records, name, more_said = tool
        more = len(records) - len(whole)
        several = f", {more:,} more than its items, as some have several answers" if more else ""
        said.append(f"'{file.name}' is the JSON of {name} and is read as {len(records):,} records{several}.")
        said += more_said
        return records, said
    return (whole, said) if said else (None, [])


def _relative(file: Path, root: Path | None) -> Path:
    """Where a copy goes: under the folders that may name a column, without the ending of an archive."""
    plain = file.with_suffix("") if file.suffix.lower() in (".gz", ".zst") else file
    return plain.relative_to(root) if root else type(file)(plain.name)


def _as_written(kind: Any) -> str:  # noqa: ANN401 - DuckDB's types have no type
    """The type to read a value as. Strings that look like dates or UUIDs stay strings, inside objects too."""
    if kind.id == "struct":
        return f"STRUCT({', '.join(f'{quoted(name)} {_as_written(each)}' for name, each in kind.children)})"
    if kind.id == "list":
        return f"{_as_written(kind.children[0][1])}[]"
    return str(kind) if kind.id in _KEPT and str(kind) != "JSON" else "VARCHAR"


def _bare(column: str) -> str:
    """A list of one string or number is its value where other records hold it bare."""
    # Nested, as what is no JSON must not be asked for its length.
    return (
        f"CASE WHEN starts_with({column}, '[') AND json_valid({column}) THEN CASE WHEN json_array_length({column}) = 1 "
        f"AND json_type({column}, '$[0]') NOT IN ('ARRAY', 'OBJECT', 'NULL') "
        f"THEN json_extract_string({column}, '$[0]') ELSE {column} END ELSE {column} END"
    )


def _objects_among(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[Notice]:
    column = quoted(name)
    (count,) = con.sql(
        f"SELECT count(*) FROM {TABLE} "
        f"WHERE starts_with({column}, '{{') AND {column} <> '{{}}' AND json_valid({column})"
    ).fetchall()[0]
    if count:
        yield Notice(
            f"Column '{name}' holds an object in {count:,} of its records and a single value in others; an object is "
            "read as it is written. Export the column flat to have one value in each record."
        )


def _refuse_one_object(con: duckdb.DuckDBPyConnection, located: Located) -> None:
    """Raises InputError for one object that holds all records, or one of columns."""
    table = con.sql(f"SELECT * FROM {TABLE}")
    if con.sql(f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} LIMIT 2)").fetchall()[0] != (1,):
        return
    holding = [
        name for name, kind in zip(table.columns, table.types, strict=True) if re.search(r"STRUCT|\[\]", str(kind))
    ]
    inner = [name.partition(".")[2] for name in table.columns]
    if holding or (all(inner) and len(set(inner)) < len(inner)):
        held = f"'{holding[-1]}' seems to hold its records" if holding else "it seems to be written by column"
        raise InputError(f"'{located.files[0]}' is one JSON object; {held}. {_SHAPE}")


def _broken(located: Located, texts: list[Path]) -> InputError:
    """Which line is at fault, without what stands on it."""
    for file, text in zip(located.files, texts, strict=True):
        with opened(text) as stream:
            try:
                fault = _fault(stream.read().decode("utf-8-sig"))
            except UnicodeDecodeError:
                return not_utf8(file)
        if fault:
            return InputError(f"'{file}' is not JSON that auditor can read ({fault}). {_SHAPE}")
    return InputError(f"'{located.root or located.files[0]}' is not JSON that auditor can read. {_SHAPE}")


def _fault(text: str) -> str | None:
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            return f"line {error.lineno}: {error.msg}"
        except RecursionError:
            return "nested too deeply"
        return "its array has no rows" if not found else _no_object(found)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            if not isinstance(_object(line), dict):
                return f"line {number} is no object"
        except json.JSONDecodeError as error:
            return f"line {number}: {error.msg}"
        except _Repeated:
            return f"line {number} has a key twice"
        except RecursionError:
            return f"line {number} is nested too deeply"
    return None


def _no_object(found: list[object]) -> str | None:
    odd = next((number for number, each in enumerate(found, 1) if not isinstance(each, dict)), None)
    return f"its element {odd} is no object" if odd else None


class _Repeated(Exception):
    """An object has a key twice."""


def _object(line: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _Repeated
        return found

    return json.loads(line, object_pairs_hook=once)
