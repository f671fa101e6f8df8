"""Values inside values: the fields of an object become columns of their own, and what stays nested is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.inputs.columns import NESTED
from auditor.inputs.layout import distinct
from auditor.inputs.sql import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from auditor.inputs.source import Source

_DEEPEST, _LISTED = 4, 10
# A table of records has no object of so many fields: its keys are data, as those of a column that was written as one.
MOST_FIELDS = 200


class Field(NamedTuple):
    """A column to be: its path from the top, and its DuckDB type."""

    path: tuple[str, ...]
    kind: Any

    @property
    def sql(self) -> str:
        inner = "".join(f"[{literal(name)}]" for name in self.path[1:])
        return f"{quoted(self.path[0])}{inner}"


def flat(names: Sequence[str], kinds: Sequence[Any]) -> tuple[Field, ...]:
    """The columns of a table with each object's fields in its place, as ``object.field``."""
    return tuple(field for name, kind in zip(names, kinds, strict=True) for field in _fields(Field((name,), kind)))


def selected(fields: Sequence[Field], sql: Sequence[str]) -> str:
    """The list of a SELECT that names each of the ``sql`` expressions by the path of its field."""
    return ", ".join(f"{each} AS {quoted(name)}" for each, name in zip(sql, named(fields), strict=True))


def named(fields: Sequence[Field]) -> tuple[str, ...]:
    """What each column is called in the table: its path, without blanks around it or repeats."""
    return distinct([".".join(field.path) for field in fields])


def inner_names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - DuckDB's types have no type
    """The names of the fields of an object, or of the objects in a list."""
    while kind.id == "list":
        kind = kind.children[0][1]
    return tuple(name for name, _ in kind.children) if kind.id == "struct" else ()


def nested_in(table: duckdb.DuckDBPyRelation) -> dict[str, tuple[str, ...]]:
    """The columns of a ``table`` whose values hold several by name, with these names."""
    named = {name: inner_names(kind) for name, kind in zip(table.columns, table.types, strict=True)}
    return {name: inner for name, inner in named.items() if inner}


def unreadable(given: Mapping[str, Sequence[str]], source: Source) -> str | None:
    """Why a column that was ``given`` a role cannot have it: it holds values in values, or bytes that are no text.

    Of labels, lists of words can be read; a text that is one has its words inside.
    """
    types = dict(source.columns)
    problems = (_problem(role, name, types, source) for role, names in given.items() for name in names)
    return next((problem for problem in problems if problem), None)


def _problem(role: str, name: str, types: Mapping[str, str], source: Source) -> str | None:
    option = f"--{role.replace('_', '-')}"
    fields = [each for each in source.names if each.startswith(f"{name}.")]
    if name not in types and fields:
        listed = ", ".join(f"'{each}'" for each in fields[:_LISTED])
        return f"'{name}' given for {option} holds several values. Name one of its fields: {listed}."
    if inner := source.nested.get(name):
        return (
            f"Column '{name}' given for {option} holds lists of several values ({', '.join(inner[:_LISTED])}), and "
            "an audit reads one. Export it flat: CSV, or JSON-MIN in Label Studio."
        )
    if types.get(name) == "BLOB":
        return (
            f"Column '{name}' given for {option} holds bytes that are no UTF-8 text. Say how they are written "
            'with [read] encoding = "windows-1252" or another, or name another column.'
        )
    if role == "text" and NESTED.search(types.get(name, "")):
        return (
            f"Column '{name}', given as {option}, holds nested objects, not values. Export the records flat, as CSV or "
            "with one value under each key (Label Studio: CSV or JSON-MIN), and name the column there."
        )
    return None


def _fields(field: Field) -> Iterator[Field]:
    if field.kind.id != "struct" or len(field.path) > _DEEPEST or len(field.kind.children) > MOST_FIELDS:
        yield field
        return
    for name, kind in field.kind.children:
        yield from _fields(Field((*field.path, name), kind))
