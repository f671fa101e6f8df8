"""Dates in the spellings that exports use, as naive UTC timestamps. Pure: series in, series out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, NamedTuple

import polars as pl

from auditor.inputs.date_numbers import NUMBER, early_or_late, from_numbers, spelled_out
from auditor.inputs.date_order import Order, orders
from auditor.inputs.date_shapes import FISCAL, MICROS, SHAPES, by_shape, in_order
from auditor.inputs.date_words import in_english

Granularity = Literal["day", "month", "year"]

EARLIEST = datetime(1900, 1, 1)
LATEST = datetime(2101, 1, 1)
ACCEPTED = "2024-01-31, 31.01.2024, 01/31/2024, 31 January 2024, 2024-01, 2024-W05, Q1 2024 or 2024"

# A weekday before, and what names the zone a second time behind.
_AROUND = r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|\s*\([^()]*\)$|\[[^\[\]]*\]$"
_WHOLE = r"^(\d+)\.0+$"
_JSON_DATE = r"^/Date\((\d+)(?:[+-]\d{4})?\)/$"
_TWO_YEARS = r"^(?P<first>\d{4})[-/](?P<second>\d{4}|\d{2})$"
# Special periods 13 to 16 close a year in the books.
_LAST_PERIOD = 16
_YEAR_AND_PART = (
    (r"^((?:19|20)\d\d)[-/.](\d{1,2})$", 2, "$1-W$2"),
    (r"^(\d{1,2})[-/.]((?:19|20)\d\d)$", 1, "$2-W$1"),
)
# What a format lacks is the first of it.
_MISSING = (("dejDFxc", " %d", " 01"), ("mbBjDFxc", " %m", " 01"))


class ParsedTimes(NamedTuple):
    """``times`` is null where the value is blank or unreadable; the two are counted apart.

    ``orders`` says how day and month were told apart, ``fiscal`` whether the values are fiscal years, ``early_or_late``
    whether they are seconds that another system may count from another day.
    """

    times: pl.Series
    blank: int
    unreadable: int
    granularity: Granularity
    orders: tuple[Order, ...] = ()
    fiscal: bool = False
    early_or_late: bool = False


def parse_times(values: pl.Series) -> ParsedTimes:
    """Read dates of any usual spelling, mixed ones too; outside 1900 to 2100 nothing is a date.

    The whole column decides what one value leaves open: whether the day comes first (``orders``) and what bare digits
    mean.
    """
    if values.dtype.is_temporal():
        return _parsed(_naive(values), values.null_count())
    texts = values.cast(pl.String).str.strip_chars()
    texts = texts.set(texts == "", None)
    distinct = texts.drop_nulls().unique(maintain_order=True)
    bare = _bare(distinct)
    told = orders(bare)
    read = _read(bare, told)
    times = texts.replace_strict(distinct, read, default=None, return_dtype=MICROS)
    fiscal = bool(bare.str.contains(FISCAL).any() or distinct.str.contains(FISCAL).any())
    return _parsed(times.alias(values.name), texts.null_count())._replace(
        orders=told, fiscal=fiscal, early_or_late=early_or_late(bare)
    )


def parse_as(values: pl.Series, form: str) -> ParsedTimes:
    """Read dates of the one spelling that ``form`` describes, as `strptime` does; what it leaves out is the first.

    Raises:
        ValueError: ``form`` is no format.

    """
    texts = values.cast(pl.String).str.strip_chars()
    texts = texts.set(texts == "", None)
    parts, ends = set(re.findall(r"%[-_0]?([A-Za-z])", form)), ("", "")
    if not parts & set("YyGsCF"):
        raise ValueError("a format of dates has a year in it, such as %Y")
    if not parts & set("sV"):
        for named, part, value in _MISSING:
            if not parts & set(named):
                ends = (ends[0] + part, ends[1] + value)
    elif "V" in parts and not parts & set("uw"):
        ends = (" %u", " 1")
    form = form + ends[0]
    try:
        if parts & set("HIskTRX"):
            times = (texts + ends[1]).str.to_datetime(form, time_unit="us", strict=False)
        else:
            times = (texts + ends[1]).str.to_date(form, strict=False).cast(MICROS)
    except pl.exceptions.PolarsError:
        raise ValueError(f"'{form}' is no format of dates") from None
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone:
        times = _naive(times)
    return _parsed(times.alias(values.name), texts.null_count())


def granularity(times: pl.Series) -> Granularity:
    """How fine the dates are: a column of nothing but firsts of January holds years."""
    if times.drop_nulls().is_empty():
        return "day"
    if not (times == times.dt.truncate("1mo")).all():
        return "day"
    return "year" if (times == times.dt.truncate("1y")).all() else "month"


def _parsed(times: pl.Series, blank: int) -> ParsedTimes:
    times = times.set((times < EARLIEST) | (times >= LATEST), None)
    return ParsedTimes(times, blank, times.null_count() - blank, granularity(times))


def _naive(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if not isinstance(values.dtype, pl.Date | pl.Datetime):
        return pl.Series(values.name, [None] * len(values), MICROS)
    return values.cast(MICROS)


def _bare(texts: pl.Series) -> pl.Series:
    """The values without what stands around a date, and bare digits spelled out."""
    bare = in_english(texts).str.replace_all(_AROUND, "").str.replace(_WHOLE, "$1").str.replace(_JSON_DATE, "$1")
    return _weeks(_fiscal_years(spelled_out(bare)))


def _fiscal_years(texts: pl.Series) -> pl.Series:
    """``2022/23`` is a year that ends in the next where every such value runs from one year to the next."""
    pairs = texts.str.extract_groups(_TWO_YEARS).struct.unnest().cast(pl.Int64)
    first, second = pairs.iter_columns()
    filled = first.is_not_null()
    if not filled.any() or not ((first + 1 - second) % 100 == 0).filter(filled).all():
        return texts
    if first.n_unique() < 3 and not (second > 12).any():
        return texts
    return texts.scatter(filled.arg_true(), "FY" + texts.filter(filled))


def _weeks(texts: pl.Series) -> pl.Series:
    """``2023/52`` and ``52/2023`` are weeks where every such value is a month or a week, and some are no periods."""
    for pattern, place, spelling in _YEAR_AND_PART:
        parts = texts.str.extract(pattern, place).cast(pl.Int64)
        filled = parts.is_not_null()
        if filled.any() and parts.drop_nulls().is_between(1, 53).all() and (parts > _LAST_PERIOD).any():
            texts = texts.scatter(filled.arg_true(), texts.filter(filled).str.replace(pattern, spelling))
    return texts


def _read(bare: pl.Series, told: tuple[Order, ...]) -> pl.Series:
    times = pl.Series("time", [None] * len(bare), MICROS)
    # What databases write, at ten times the speed of the shapes.
    for mark in "T ":
        plain = bare.str.to_datetime(f"%Y-%m-%d{mark}%H:%M:%S%.f", time_unit="us", strict=False)
        times = times.zip_with(times.is_not_null(), plain)
    in_turn = [in_order(first, order.mark) for order in told for first in _tried(order)]
    for shape in (*in_turn, *SHAPES):
        todo = times.is_null() & bare.str.contains(shape)
        if todo.any():
            read = by_shape(bare.filter(todo), shape)
            times = times.scatter(todo.arg_true(), read)
    todo = times.is_null() & bare.str.contains(NUMBER)
    if todo.any():
        times = times.scatter(todo.arg_true(), from_numbers(bare.filter(todo)))
    return times


def _tried(order: Order) -> tuple[str, ...]:
    """A value that the column's order cannot read proves the other one."""
    return {"day": ("day", "month"), "month": ("month", "day"), "year": ("year",)}[order.first]
