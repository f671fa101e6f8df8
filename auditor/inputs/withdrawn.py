"""Labels that a labelling tool keeps beside the word that nobody stands by them: rejected, ignored, discarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.inputs.sql import TABLE, quoted
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from auditor.inputs.columns import Column


class _Answer(NamedTuple):
    """A column's words for a label that stands and for one that does not, as a tool documents them."""

    stands: frozenset[str]
    falls: frozenset[str]


_ANSWERS = {
    "answer": _Answer(frozenset({"accept"}), frozenset({"reject", "ignore"})),  # Prodigy
    "status": _Answer(  # Argilla
        frozenset({"submitted", "validated"}), frozenset({"discarded", "draft", "pending", "default"})
    ),
    "was_cancelled": _Answer(frozenset({"false", "0"}), frozenset({"true", "1"})),  # Label Studio
}


def withdrawn(columns: Sequence[Column], given: Collection[str]) -> tuple[str, frozenset[str]] | None:
    """The column that says which labels fall, and its words for that; None where no label does."""
    for column in columns:
        answer = _ANSWERS.get(column.name.lower().rpartition(".")[2])
        words = {value.lower() for value in column.sample}
        if answer and column.name not in given and words & answer.falls and words <= answer.stands | answer.falls:
            return column.name, answer.falls
    return None


def falls(column: str, words: Collection[str]) -> str:
    """SQL: whether the row's label falls."""
    listed = ", ".join(f"'{word}'" for word in sorted(words))
    return f"coalesce(lower(trim({quoted(column)}::VARCHAR)) IN ({listed}), false)"


def said(con: duckdb.DuckDBPyConnection, column: str, words: Collection[str]) -> Notice:
    """How many labels fall, by which column."""
    count, rows = con.sql(f"SELECT count(*) FILTER ({falls(column, words)}), count(*) FROM {TABLE}").fetchall()[0]
    named = " or ".join(f"'{word}'" for word in sorted(words))
    return Notice(
        f"Column '{column}' says {named} of {count:,} of {rows:,} records: those labels are not labels, and count as "
        "missing."
    )
