"""Dates written as bare digits: the whole column decides what they are, as one number alone fits several systems."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from auditor.inputs.date_shapes import MICROS

NUMBER = r"^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$"
# A column of numbers is one of dates where its middle value is of these years; account numbers and codes are not.
FIRST_LIKELY, LAST_LIKELY = datetime(1985, 1, 1), datetime(2041, 1, 1)
_FIRST_SURE, _LAST_SURE = 9.15e8, 1.85e9
_FITS = 0.95
_FEWEST = 3

_YEAR, _MONTH, _DAY = r"((?:19|20)\d\d)", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_SHORT, _HOUR, _MINUTE = r"(\d\d)", r"([01]\d|2[0-3])", r"([0-5]\d)"
# How many digits, what they are, and the same spelled out. In order: the first that fits nearly all of them.
_COMPACT = (
    (6, f"^{_SHORT}{_MONTH}{_DAY}$", "20$1-$2-$3"),
    (6, f"^{_YEAR}(0[1-9]|[1-4]\\d|5[0-3])$", "$1-W$2"),
    (8, f"^(\\d\\d)(\\d\\d){_YEAR}$", "$1/$2/$3"),
    (10, f"^{_YEAR}{_MONTH}{_DAY}{_HOUR}$", "$1-$2-$3 $4:00"),
    (10, f"^{_SHORT}{_MONTH}{_DAY}{_HOUR}{_MINUTE}$", "20$1-$2-$3 $4:$5"),
    # From 40 on, milliseconds since 1970 look the same: those of 1982 to 2001.
    (12, f"^([0-3]\\d){_MONTH}{_DAY}{_HOUR}{_MINUTE}{_MINUTE}$", "20$1-$2-$3 $4:$5:$6"),
)  # fmt: skip
# These the shapes read as they stand. Special periods 13 to 16 close a year in the books; a column with higher numbers
# behind its years counts weeks.
_PLAIN = {6: f"^{_YEAR}(0[1-9]|1[0-6])$", 8: f"^{_YEAR}{_MONTH}{_DAY}$", 12: f"^{_YEAR}{_MONTH}{_DAY}{_HOUR}{_MINUTE}$"}


class _System(NamedTuple):
    """Numbers from ``low`` to ``high`` count units since ``start``; so many units are a microsecond."""

    low: float
    high: float
    start: datetime
    per_microsecond: float


_UNIX, _WINDOWS = datetime(1970, 1, 1), datetime(1601, 1, 1)
_SYSTEMS = (
    _System(20_000, 60_000, datetime(1899, 12, 30), 1 / 86_400_000_000),  # days of a spreadsheet
    _System(1e8, 5e9, _UNIX, 1e-6),
    _System(1e11, 5e12, _UNIX, 1e-3),
    _System(1e14, 5e15, _UNIX, 1),
    _System(1.164e16, 1.58e16, _WINDOWS, 1),  # Chrome's
)
# Eighteen digits are nanoseconds, file times of Windows or ticks of .NET. As nanoseconds, each of the other two would
# lie within fifteen months of 1973 to 1975 or of 1989 to 1991.
_LONG = (
    _System(1.16e17, 1.58e17, _WINDOWS, 10),
    _System(6.2e17, 6.63e17, datetime(1, 1, 1), 10),
    _System(1e17, 5e18, _UNIX, 1000),
)


def spelled_out(texts: pl.Series) -> pl.Series:
    """``texts`` with dates of bare digits spelled out, where the column tells what the digits are."""
    digits = texts.str.contains(r"^\d{6,12}$").fill_null(value=False)
    if not digits.any():
        return texts
    for length in sorted({size for size, *_ in _COMPACT}):
        of_length = digits & (texts.str.len_bytes() == length)
        values = texts.filter(of_length).unique()
        if values.is_empty() or (length in _PLAIN and _fits(values, _PLAIN[length])):
            continue
        for size, pattern, spelling in _COMPACT:
            few = length == 10 and len(values) < _FEWEST
            if size == length and not few and _fits(values, pattern):
                new = texts.filter(of_length).str.replace(pattern, spelling)
                texts = texts.scatter(of_length.arg_true(), new)
                break
    return texts


def _fits(values: pl.Series, pattern: str) -> bool:
    return int(values.str.contains(pattern).sum()) >= _FITS * len(values)


def from_numbers(texts: pl.Series) -> pl.Series:
    """The moments that a column's numbers count; all null where they are of no likely time."""
    numbers = pl.DataFrame({"real": texts.cast(pl.Float64, strict=False), "whole": texts.cast(pl.Int64, strict=False)})
    long = numbers["real"].filter(numbers["real"] >= 1e17)
    last = next((system for system in _LONG if long.is_between(system.low, system.high).all()), _LONG[-1])
    times = numbers.select(time=pl.coalesce(_moment(system) for system in (*_SYSTEMS, last))).to_series()
    middle = times.drop_nulls().sort()
    if middle.is_empty() or not FIRST_LIKELY <= middle[len(middle) // 2] < LAST_LIKELY:
        return pl.Series("time", [None] * len(texts), MICROS)
    return times


def early_or_late(texts: pl.Series) -> bool:
    """Whether nearly all are seconds which, counted from 1970, are of before 1999 or after August 2028.

    A Mac counts from 2001, SAS and Stata from 1960: years of this century land there.
    """
    numbers = texts.drop_nulls().cast(pl.Float64, strict=False)
    seconds = numbers.filter(numbers.is_between(1e8, 5e9)).sort()
    if seconds.is_empty() or len(seconds) < _FITS * len(numbers):
        return False
    return not _FIRST_SURE <= seconds[len(seconds) // 2] <= _LAST_SURE


def _moment(system: _System) -> pl.Expr:
    real, whole = pl.col("real"), pl.col("whole")
    if system.per_microsecond > 1:
        counted = pl.coalesce(whole, real.cast(pl.Int64, strict=False)) // int(system.per_microsecond)
    else:
        counted = (real * (1 / system.per_microsecond)).round().cast(pl.Int64, strict=False)
    # Before 1970 in whole days, as no literal of a date is older than some libraries allow.
    shift = int((system.start - _UNIX).total_seconds()) * 1_000_000
    return pl.when(real.is_between(system.low, system.high)).then((counted + shift).cast(MICROS))
