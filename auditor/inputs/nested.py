"""Values inside values: the fields of an object become columns of their own, and what stays nested is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.inputs.layout import distinct
from auditor.inputs.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEEPEST = 4
# A table of records has no object of so many fields: its keys are data, as those of a column that was written as one.
MOST_FIELDS = 200


class Field(NamedTuple):
    """A column to be: its path from the top, and its DuckDB type."""

    path: tuple[str, ...]
    kind: Any

    @property
    def sql(self) -> str:
        inner = "".join(f"[{_literal(name)}]" for name in self.path[1:])
        return f"{quoted(self.path[0])}{inner}"


def flat(names: Sequence[str], kinds: Sequence[Any]) -> tuple[Field, ...]:
    """The columns of a table with each object's fields in its place, as ``object.field``."""
    return tuple(field for name, kind in zip(names, kinds, strict=True) for field in _fields(Field((name,), kind)))


def selected(fields: Sequence[Field], sql: Sequence[str]) -> str:
    """The list of a SELECT that names each of the ``sql`` expressions by the path of its field."""
    names = distinct([".".join(field.path) for field in fields])
    return ", ".join(f"{each} AS {quoted(name)}" for each, name in zip(sql, names, strict=True))


def inner_names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - DuckDB's types have no type
    """The names of the fields of an object, or of the objects in a list."""
    while kind.id == "list":
        kind = kind.children[0][1]
    return tuple(name for name, _ in kind.children) if kind.id == "struct" else ()


def _fields(field: Field) -> Iterator[Field]:
    if field.kind.id != "struct" or len(field.path) > _DEEPEST or len(field.kind.children) > MOST_FIELDS:
        yield field
        return
    for name, kind in field.kind.children:
        yield from _fields(Field((*field.path, name), kind))


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
