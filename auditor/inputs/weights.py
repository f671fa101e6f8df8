"""A column that says how many records each row stands for: it is not counted, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from auditor.inputs.columns import Column

_NAMES = {"weight", "weights", "count", "counts", "n", "freq", "frequency", "copies", "occurrences", "cnt", "n_rows"}


def uncounted(columns: Iterable[Column], used: Collection[str]) -> tuple[Notice, ...]:
    """A notice for each column of that name with whole numbers, some above 1, that is not ``used`` for a role."""
    return tuple(
        Notice(
            f"Column '{column.name}' looks like how many records each row stands for. It is not counted: every row is "
            "one record. Export a row for each record where it should be."
        )
        for column in columns
        if column.name not in used and column.name.strip().lower() in _NAMES and _whole(column)
    )


def _whole(column: Column) -> bool:
    """Whether all values seen are whole numbers, and some are above 1."""
    values = [value.removesuffix(".0") for value in column.sample]
    return bool(values) and all(value.isdecimal() for value in values) and any(int(value) > 1 for value in values)
