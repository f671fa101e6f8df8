"""A slice of time: the records between two days, or of the last months."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl

from auditor.errors import ConfigError, InputError
from auditor.model import Notice

if TYPE_CHECKING:
    from auditor.config import Config

# No record is later than 2100, and behind the last day of all there is none.
_LAST_DAY = "9999-12-30"
_UNITS = {"d": "d", "w": "w", "m": "mo", "y": "y"}


def sliced(frame: pl.DataFrame, config: Config) -> tuple[pl.DataFrame, Notice | None]:
    """The rows of ``frame`` that ``since``, ``until`` (both days included) and ``window`` (up to ``until``, or to the
    last date) leave, and what is said of it. Rows without a date fall. The whole frame and None where nothing is asked.

    Raises:
        ConfigError: there are no dates, or both ``since`` and ``window`` are given, or ``window`` is too long.
        InputError: no record lies there.

    """
    if not (config.since or config.until or config.window):
        return frame, None
    if config.since and config.window:
        raise ConfigError("--since and --window both say where the slice of time starts. Pass one of them.")
    first, last = frame["time"].min(), frame["time"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise ConfigError("A slice of time needs the dates of the records. Name their column with --time COL.")
    end = datetime.fromisoformat(min(config.until, _LAST_DAY)) + timedelta(days=1) if config.until else None
    start = datetime.fromisoformat(config.since) if config.since else None
    if config.window:
        latest = min(last, end) if end else last
        day = datetime.combine(latest.date(), time.min) + timedelta(days=latest != end)
        start = _before(day, config.window)
    inside = pl.col("time").is_not_null()
    inside &= pl.col("time") >= start if start else True
    inside &= pl.col("time") < end if end else True
    kept = frame.filter(inside)
    span = _words(start, end)
    if kept.is_empty():
        raise InputError(f"No record is dated {span}: the dates go from {first.date()} to {last.date()}.")
    undated = frame["time"].null_count()
    left = f"; {undated:,} without a date are left out too" if undated else ""
    return kept, Notice(f"Only records dated {span} are audited: {kept.height:,} of {frame.height:,}{left}.")


def _before(day: datetime, window: str) -> datetime:
    try:
        start: datetime = pl.select(pl.lit(day).dt.offset_by(f"-{window[:-1]}{_UNITS[window[-1]]}")).item()
    except (ValueError, OverflowError):
        raise ConfigError(f"--window {window} reaches back before the year 1. Pass a shorter one.") from None
    return start


def _words(start: datetime | None, end: datetime | None) -> str:
    """Both days included."""
    until = (end - timedelta(days=1)).date() if end else None
    if start and until:
        return f"{start.date()} to {until}"
    return f"from {start.date()} on" if start else f"up to {until}"
