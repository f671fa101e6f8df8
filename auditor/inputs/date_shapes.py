"""The spellings of one date, each a pattern with named parts, and how the parts become a moment."""

from __future__ import annotations

import re

import polars as pl

MICROS = pl.Datetime("us")

# Minutes ahead of UTC of the zone names that exports hold; an unknown name is read as UTC, half a day off at most.
_ZONES = {
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120,
    "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "SAST": 120, "MSK": 180, "GST": 240, "PKT": 300, "IST": 330,
    "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780,
}  # fmt: skip
_OFFSET = r"(?:UTC|GMT)?\s?[+-](\d{1,2})(?::?(\d{2}))?$"
_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5})"
_HOURS = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:](?P<fraction>\d+))?)?"
CLOCK = rf"(?:(?:[T\s,@]+|[:-]){_HOURS}\s*(?:(?P<half>[APap])(?:\.?\s?[Mm]\.?|$))?\s*{_ZONE}?)?$"
YEAR = r"(?P<year>\d{4})"
SHORT_YEAR = r"(?P<year>\d{4}|\d{2})"
MONTH = r"(?P<month>\d{1,2})"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAME = (
    r"(?P<name>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))\.?"
)
_WEEK = r"(?i:week|cw|kw|wk|w)[\s.]*(?P<week>\d{1,2})"
_QUARTER = r"[Qq](?P<quarter>[1-4])"
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
FISCAL = r"(?i)\bFY[\s'-]*\d{2}"
# In order: the first that reads a value keeps it.
SHAPES = (
    rf"^{YEAR}[-/.]{MONTH}[-/.]{DAY}{CLOCK}",
    r"^(?P<year>(?:19|20)\d\d)(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})(?:\.?(?P<fraction>\d{3}|\d{6}))?)?(?P<zone>Z|[+-]\d{4})?)?$",
    rf"^{_NAME}\s+{DAY},?\s+{YEAR}{CLOCK}",
    rf"^{_NAME}\s+{DAY}[\s,]+{_HOURS}\s*{_ZONE}?\s+{YEAR}$",
    rf"^{DAY}[\s/.-]*{_NAME}[\s,/-]*{SHORT_YEAR}{CLOCK}",
    rf"^{_NAME}[\s,/-]+{YEAR}$",
    rf"^{_NAME}[-'/]{SHORT_YEAR}$",
    rf"^{YEAR}\.?[\s/-]+{_NAME}$",
    rf"^{YEAR}\.?[\s/-]+{_NAME}[\s/-]+{DAY}\.?{CLOCK}",
    rf"^{YEAR}[-/.]{MONTH}$",
    rf"^{MONTH}[-/.]{YEAR}$",
    rf"^{YEAR}[-\s/]*{_WEEK}(?:-?(?P<weekday>[1-7]))?$",
    rf"^{_WEEK}[-\s/,]+{YEAR}$",
    rf"^(?i:FY)?[\s'-]*{SHORT_YEAR}[-\s/]*{_QUARTER}$",
    rf"^{_QUARTER}[-\s/,']*(?i:FY)?[\s'-]*{SHORT_YEAR}$",
    rf"^(?i:FY)[\s'-]*{SHORT_YEAR}(?:[-/](?:\d{{4}}|\d{{2}}))?$",
    rf"^{YEAR}(?P<month>\d{{2}})$",
    rf"^{YEAR}(?P<ordinal>[0-3]\d{{2}})$",
    rf"^{YEAR}$",
)


def in_order(order: str, mark: str) -> str:
    """The pattern of three numbers with ``mark`` between, of which the day, the month or the year comes first."""
    between = re.escape(mark)
    parts = {
        "day": (DAY, MONTH, SHORT_YEAR),
        "month": (MONTH, DAY, SHORT_YEAR),
        "year": (r"(?P<year>\d{2})", MONTH, DAY),
    }[order]
    return f"^{between.join(parts)}{CLOCK}"


def by_shape(texts: pl.Series, shape: str) -> pl.Series:
    """The moments that ``texts``, all of which fit ``shape``, name; what is no real date becomes null."""
    parts = texts.str.extract_groups(shape).struct.unnest()

    def part(name: str, default: str) -> pl.Expr:
        if name not in parts.columns:
            return pl.lit(default)
        return pl.when(pl.col(name) != "").then(pl.col(name)).otherwise(pl.lit(default))

    def number(name: str, default: str) -> pl.Expr:
        return part(name, default).cast(pl.Int64, strict=False)

    month = part("month", "1")
    if "name" in parts.columns:
        short = pl.col("name").str.to_lowercase().str.head(3)
        month = short.replace_strict(_MONTHS, default=None, return_dtype=pl.Int64).cast(pl.String)
    if "quarter" in parts.columns:
        month = (number("quarter", "1") * 3 - 2).cast(pl.String)
    # As in C, 69 to 99 are the last century.
    century = pl.when(pl.col("year") < "69").then(pl.lit("20")).otherwise(pl.lit("19"))
    year = pl.when(pl.col("year").str.len_bytes() == 2).then(century + pl.col("year")).otherwise("year")
    hour, half = number("hour", "0"), part("half", "").str.to_lowercase()
    hour = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
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
    moment = read - pl.duration(minutes=_offset(part("zone", "")))
    if "week" in parts.columns:
        moment = _of_week(read, number("week", "1"), number("weekday", "1"))
    if "ordinal" in parts.columns:
        day = number("ordinal", "1")
        moment = pl.when(day.is_between(1, 366)).then(read + pl.duration(days=day - 1))
    return parts.select(time=moment).to_series()


def _offset(zone: pl.Expr) -> pl.Expr:
    """Minutes ahead of UTC."""
    hours, rest = (zone.str.extract(_OFFSET, group).cast(pl.Int64) for group in (1, 2))
    minutes = hours * 60 + rest.fill_null(0)
    signed = pl.when(zone.str.contains(r"-\d")).then(-minutes).otherwise(minutes)
    named = zone.replace_strict(_ZONES, default=0, return_dtype=pl.Int64)
    return signed.fill_null(named)


def _of_week(new_year: pl.Expr, week: pl.Expr, weekday: pl.Expr) -> pl.Expr:
    """ISO 8601: the first week is the one with 4 January in it, and a week starts on Monday."""
    fourth = new_year + pl.duration(days=3)
    days = (week - 1) * 7 + weekday - fourth.dt.weekday().cast(pl.Int64)
    return pl.when(week.is_between(1, 53)).then(fourth + pl.duration(days=days))
