"""What each column of an export holds: counts over all rows, the rest from a sample of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from auditor.inputs.dates import parse_times
from auditor.inputs.sql import TABLE, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import polars as pl

    from auditor.inputs.source import Source

_SAMPLE_ROWS = 2_000
_COLUMNS_AT_ONCE = 50
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
NESTED = re.compile(r"STRUCT|MAP|UNION|\]$")
_LIST = re.compile(r"[A-Z0-9]+\[\d*\]")
# A year alone, or two digits of one beside something else; to read the rest as dates takes minutes in wide exports.
_MAY_BE_DATED = r"\d{4}|\d\d\D|\D\d\d"
# Longer than a date with its weekday and the full name of its zone.
_LONGEST_DATE = 80
_NUMBER_TYPE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\)")


class Sort(StrEnum):
    """What a column's type lets it hold."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    NESTED = "nested"


@dataclass(frozen=True)
class Column:
    """One column's statistics. Shares and means are of the filled values: neither null nor blank."""

    name: str
    sort: Sort
    rows: int
    filled: int
    distinct: int
    words: float = 1.0
    chars: float = 0.0
    number_share: float = 0.0
    date_share: float = 0.0
    leading_zeros: bool = False
    sample: tuple[str, ...] = ()

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words of the name: ``entered_by`` and ``enteredBy`` alike."""
        return tuple(token.lower() for token in _TOKEN.findall(self.name))

    @property
    def coverage(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    @property
    def distinct_share(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def numeric(self) -> bool:
        """Holds quantities; ``007`` is a code, not a quantity."""
        if self.sort is Sort.TEXT:
            return self.number_share > 0.99 and not self.leading_zeros
        return self.sort is Sort.NUMBER

    @property
    def wordy(self) -> bool:
        """Holds words or codes; yes and no are words."""
        return self.sort is Sort.BOOLEAN or (self.sort is Sort.TEXT and not self.numeric)


def profile(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[Column, ...]:
    """The statistics of every column of the table `export`, in file order."""
    sorts = {name: _sort(kind) for name, kind in source.columns}
    counts = [_counts(name, kind) for name, kind in source.columns]
    # One statement with thousands of distinct counts takes minutes to plan.
    counted = [
        count
        for start in range(0, len(counts), _COLUMNS_AT_ONCE)
        for count in con.sql(f"SELECT {', '.join(counts[start : start + _COLUMNS_AT_ONCE])} FROM {TABLE}").fetchall()[0]
    ]
    texts = ", ".join(f"{_cut(name, kind)} AS c{i}" for i, (name, kind) in enumerate(source.columns))
    drawn = quoted(source.drawn) if source.drawn else drawn_by(source.columns)
    sample = con.sql(f"SELECT {texts} FROM {TABLE} ORDER BY {drawn} LIMIT {_SAMPLE_ROWS}").pl()
    return tuple(
        Column(name=name, sort=sort, rows=source.rows, **count, **_traits(sort, values))
        for (name, sort), count, values in zip(sorts.items(), counted, sample.iter_columns(), strict=True)
    )


def drawn_by(columns: Iterable[tuple[str, str]]) -> str:
    """SQL of what the rows are drawn by: their contents, so that the same rows in any order get the same roles."""
    return f"md5(concat_ws(chr(31), {', '.join(_cut(name, kind) for name, kind in columns)}))"


def _cut(name: str, kind: str) -> str:
    """A few hundred characters of text tell its kind."""
    if _LIST.fullmatch(kind):
        return f"left(to_json({quoted(name)})::VARCHAR, 1000)"
    return "NULL::VARCHAR" if _sort(kind) is Sort.NESTED else f"left({quoted(name)}::VARCHAR, 1000)"


def _sort(kind: str) -> Sort:
    if _NUMBER_TYPE.fullmatch(kind):
        return Sort.NUMBER
    if kind.endswith("]"):
        return Sort.NESTED
    if kind.startswith(("DATE", "TIMESTAMP")):
        return Sort.TIME
    if kind in ("VARCHAR", "UUID", "JSON") or kind.startswith("ENUM"):
        return Sort.TEXT
    return Sort.BOOLEAN if kind == "BOOLEAN" else Sort.NESTED


def _counts(name: str, kind: str) -> str:
    column, sort = quoted(name), _sort(kind)
    if sort is Sort.NESTED:
        distinct = f"count(DISTINCT {column})" if _LIST.fullmatch(kind) else "0"
        return f"{{'filled': count({column}), 'distinct': {distinct}}}"
    counts = f"'distinct': count(DISTINCT {column})"
    if sort is not Sort.TEXT:
        return f"{{'filled': count({column}), {counts}}}"
    text = f"{column}::VARCHAR"
    # No number is long: prose is not worth the cast.
    number = f"try_cast(CASE WHEN strlen({text}) < 40 THEN {text} END AS DOUBLE)"
    return (
        f"{{'filled': count(*) FILTER (regexp_matches({text}, '\\S')), {counts}, "
        f"'number_share': coalesce(count({number}) / count({column}), 0), "
        f"'leading_zeros': coalesce(bool_or(regexp_matches({text}, '^0[0-9]')), false)}}"
    )


def _traits(sort: Sort, values: pl.Series) -> dict[str, Any]:
    stripped = values.str.strip_chars()
    texts = stripped.filter(stripped != "")
    if texts.is_empty():
        return {}
    distinct = texts.unique(maintain_order=True)
    dated = distinct.filter(distinct.str.contains(_MAY_BE_DATED) & (distinct.str.len_chars() <= _LONGEST_DATE))
    unread = len(distinct) - len(dated) if sort is not Sort.TIME else 0
    if sort is not Sort.TIME and not dated.is_empty():
        unread += parse_times(dated).unreadable
    chars = texts.str.len_chars().sum() / len(texts)
    octets = texts.str.len_bytes().sum() / len(texts)
    # Scripts of three bytes a character do without spaces, at about two characters a word.
    spaceless = octets > 2 * chars
    words = chars / 2 if spaceless else texts.str.count_matches(r"\S+").sum() / len(texts)
    return {
        "words": words,
        "chars": chars,
        "date_share": 1 - unread / len(distinct),
        "sample": tuple(distinct.head(100).to_list()),
    }
