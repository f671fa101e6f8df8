"""Dates in the spellings that exports use, as naive UTC timestamps. Pure: series in, series out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

Granularity = Literal["day", "month", "year"]

EARLIEST = datetime(1900, 1, 1)
LATEST = datetime(2101, 1, 1)
ACCEPTED = "2024-01-31, 31.01.2024, 01/31/2024, 31 January 2024, 2024-01 or 2024"

_MICROS = pl.Datetime("us")
_DAY_US = 86_400_000_000
_EXCEL_EPOCH = datetime(1899, 12, 30)

_CLOCK = (
    r"(?:[T\s,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<half>[APap])?\.?(?:[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_YEAR = r"(?P<year>\d{4})"
_SHORT_YEAR = r"(?P<year>\d{4}|\d{2})"
_MONTH = r"(?P<month>\d{1,2})"
_NAME = (
    r"(?P<name>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"

_YEAR_FIRST = rf"^{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}{_CLOCK}"
_DAY_FIRST = rf"^{_DAY}[-/.]{_MONTH}[-/.]{_SHORT_YEAR}{_CLOCK}"
_MONTH_FIRST = rf"^{_MONTH}[-/]{_DAY}[-/]{_SHORT_YEAR}{_CLOCK}"
# In order: the first that reads a value keeps it.
_SHAPES = (
    _YEAR_FIRST,
    rf"^{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})"
    r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<zone>Z)?)?$",
    rf"^{_NAME}\s+{_DAY},?\s+{_YEAR}{_CLOCK}",
    rf"^{_DAY}[\s-]+{_NAME}[\s,-]+{_SHORT_YEAR}{_CLOCK}",
    rf"^{_NAME}[\s,-]+{_YEAR}$",
    rf"^{_YEAR}[-/]{_MONTH}$",
    rf"^{_YEAR}(?P<month>\d{{2}})$",
    rf"^{_YEAR}$",
)
_SLASHED = r"^(\d{1,2})[-/](\d{1,2})[-/]\d{2,4}\b"
_WEEKDAY = r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
_WHOLE = r"^(\d+)\.0+$"
_NUMBER = r"^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$"
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


class ParsedTimes(NamedTuple):
    """``times`` is null where the value is blank or unreadable; the two are counted apart."""

    times: pl.Series
    blank: int
    unreadable: int
    granularity: Granularity


def parse_times(values: pl.Series) -> ParsedTimes:
    """Read dates of any usual spelling, mixed ones too; outside 1900 to 2100 nothing is a date.

    Between day first and month first, the whole column decides: a first number above 12 makes it
    day first; where nothing tells, it is month first.
    """
    texts = None
    if values.dtype.is_temporal():
        times = _naive(values)
        blank = values.null_count()
    else:
        texts = values.cast(pl.String).str.strip_chars()
        texts = texts.set(texts == "", None)
        blank = texts.null_count()
        distinct = texts.drop_nulls().unique()
        if len(distinct) < len(texts) // 2:
            times = texts.replace_strict(distinct, _read(distinct), default=None, return_dtype=_MICROS)
        else:
            times = _read(texts)
    times = times.set((times < EARLIEST) | (times >= LATEST), None).alias(values.name)
    return ParsedTimes(times, blank, times.null_count() - blank, granularity(times))


def granularity(times: pl.Series) -> Granularity:
    """How fine the dates are: a column of nothing but firsts of January holds years."""
    if times.drop_nulls().is_empty():
        return "day"
    if not (times == times.dt.truncate("1mo")).all():
        return "day"
    return "year" if (times == times.dt.truncate("1y")).all() else "month"


def _naive(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if not isinstance(values.dtype, pl.Date | pl.Datetime):
        return pl.Series(values.name, [None] * len(values), _MICROS)
    return values.cast(_MICROS)


def _read(texts: pl.Series) -> pl.Series:
    bare = texts.str.replace(_WEEKDAY, "").str.replace(_WHOLE, "$1")
    times = pl.Series("time", [None] * len(bare), _MICROS)
    # What databases write, at ten times the speed of the shapes.
    for mark in "T ":
        plain = bare.str.to_datetime(f"%Y-%m-%d{mark}%H:%M:%S%.f", time_unit="us", strict=False)
        times = times.zip_with(times.is_not_null(), plain)
    for shape in (*_numeric_orders(bare), *_SHAPES):
        todo = times.is_null() & bare.str.contains(shape)
        if todo.any():
            read = _by_shape(bare.filter(todo), shape)
            times = times.scatter(todo.arg_true(), read)
    todo = times.is_null() & bare.str.contains(_NUMBER)
    if todo.any():
        times = times.scatter(todo.arg_true(), _from_numbers(bare.filter(todo)))
    return times


def _numeric_orders(texts: pl.Series) -> Sequence[str]:
    pairs = texts.str.extract_groups(_SLASHED).struct.unnest().cast(pl.Int64)
    first, second = pairs.to_series(0), pairs.to_series(1)
    day_first = int((first > 12).sum()) > int((second > 12).sum())
    return (_DAY_FIRST, _MONTH_FIRST) if day_first else (_MONTH_FIRST, _DAY_FIRST)


def _by_shape(texts: pl.Series, shape: str) -> pl.Series:
    """Spell each value out as ``Y-m-d H:M:S``; what is no real date becomes null."""
    parts = texts.str.extract_groups(shape).struct.unnest()

    def part(name: str, default: str) -> pl.Expr:
        return pl.col(name).fill_null(default) if name in parts.columns else pl.lit(default)

    month = part("month", "1")
    if "name" in parts.columns:
        short = pl.col("name").str.to_lowercase().str.head(3)
        month = short.replace_strict(_MONTHS, default=None, return_dtype=pl.Int64).cast(pl.String)
    # As in C, 69 to 99 are the last century.
    century = pl.when(pl.col("year") < "69").then(pl.lit("20")).otherwise(pl.lit("19"))
    year = pl.when(pl.col("year").str.len_bytes() == 2).then(century + pl.col("year")).otherwise("year")
    hour = part("hour", "0").cast(pl.Int64)
    half = part("half", "").str.to_lowercase()
    hour = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    zone = part("zone", "")
    minutes = zone.str.extract(r"^[+-](\d{2})", 1).cast(pl.Int64) * 60 + zone.str.extract(
        r"^[+-]\d{2}:?(\d{2})", 1
    ).cast(pl.Int64).fill_null(0)
    offset = pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes).fill_null(0)
    spelled = pl.format(
        "{}-{}-{} {}:{}:{}.{}",
        year,
        month,
        part("day", "1"),
        hour,
        part("minute", "0"),
        part("second", "0"),
        part("fraction", "0").str.head(6),
    )
    read = spelled.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return parts.select(time=read - pl.duration(minutes=offset)).to_series()


def _from_numbers(texts: pl.Series) -> pl.Series:
    """Timestamps and spreadsheet days. Their magnitudes do not overlap, so each value tells its unit."""
    number = pl.col("number")
    scaled = (
        pl.when(number.is_between(1e8, 5e9)).then(number * 1e6)
        .when(number.is_between(1e11, 5e12)).then(number * 1e3)
        .when(number.is_between(1e14, 5e15)).then(number)
        .when(number.is_between(1e17, 5e18)).then(number / 1e3)
    )  # fmt: skip
    serial = pl.when(number.is_between(20_000, 60_000)).then((number * _DAY_US).round())
    return (
        pl.DataFrame({"number": texts.cast(pl.Float64, strict=False)})
        .select(
            time=pl.coalesce(
                scaled.cast(pl.Int64).cast(_MICROS),
                pl.lit(_EXCEL_EPOCH) + serial.cast(pl.Int64).cast(pl.Duration("us")),
            )
        )
        .to_series()
    )
