"""A table as text, for any output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """The first cell of a line names it."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
