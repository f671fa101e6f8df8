"""What is said, as data: a template, declared by whoever says it, and the fields that a report fills it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A field that is shown as it stands: a name of the export, plain words that are declared elsewhere, or a month."""

    CLASS = "class"
    COLUMN = "column"
    VALUE = "value"
    WORDS = "words"
    MONTH = "month"


@dataclass(frozen=True)
class Figure:
    """A number in ``unit``, at so many ``decimals``; None: as many as tell it from the others of its sentence.

    ``signed``: with a plus; ``bare``: the unit stands with another figure.
    """

    unit: str
    decimals: int | None = None
    signed: bool = False
    bare: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of a few ``words``, by key."""

    words: Mapping[str, str]


@dataclass(frozen=True)
class Listed:
    """Some items, each by the template ``item`` of its ``fields``: at most ``most``, with ``last`` before the last one.

    ``more`` stands behind what is left out, ``none`` where there is no item.
    """

    item: str
    fields: Mapping[str, Kind | Figure]
    last: str = ", "
    most: int | None = None
    between: str = ", "
    more: str = ""
    none: str = ""


Field = Kind | Figure | OneOf | Listed

COUNT = Figure("count")
PERCENT = Figure("share", 0)
POINTS = Figure("points", 0)


@dataclass(frozen=True)
class Template:
    """Sentences with ``{name}`` for each of their ``fields``, and what to do about it.

    ``message`` may come in parts: one that names a field without a value is left out.
    """

    id: str
    message: str | tuple[str, ...]
    remedy: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict, hash=False)

    def of(self, **fields: Any) -> Said:  # noqa: ANN401 (its type is that of the field)
        """The template with its fields. Raises TypeError where one is missing or not declared."""
        if fields.keys() != self.fields.keys():
            raise TypeError(f"{self.id}: {sorted(fields.keys() ^ self.fields.keys())} are not its fields")
        return Said(self, fields)


@dataclass(frozen=True)
class Said:
    """A template and its fields: numbers as measured, names as they stand, None where there is no value."""

    template: Template
    fields: Mapping[str, Any]


# Plain words, or a template where a figure stands in them.
Words = str | Said
