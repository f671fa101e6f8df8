"""The definitions of the classes, from the file that ``--taxonomy`` names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from auditor.errors import ConfigError, InputError, did_you_mean
from auditor.inputs.dates import ACCEPTED, parse_times
from auditor.inputs.labels import folded
from auditor.inputs.source import read_export
from auditor.inputs.sql import TABLE, connect

if TYPE_CHECKING:
    from datetime import datetime

COLUMNS = ("label", "definition", "active_from", "active_to")


@dataclass(frozen=True)
class Entry:
    """One line: the label is in force from ``start`` until just before ``end``; None is open."""

    label: str
    definition: str
    start: datetime | None
    end: datetime | None

    @property
    def folded(self) -> str:
        return folded(self.label)


def read_taxonomy(path: str) -> tuple[Entry, ...]:
    """Every line of the file, in order. A label with several lines is in force in each of their periods.

    Raises:
        ConfigError: there is no such file.
        InputError: the file is broken, lacks a column or a label, or a date in it cannot be read.

    """
    if not Path(path).is_file():
        raise ConfigError(f"There is no taxonomy file at '{path}'. Check the path given with --taxonomy.")
    with connect() as con:
        read_export(con, path)
        table = con.sql(f"SELECT * FROM {TABLE}").pl()
    for name in COLUMNS:
        if name not in table.columns:
            hint = did_you_mean(name, table.columns).replace("Did you mean", "Is it")
            hint = hint or f" It needs {', '.join(COLUMNS)}; leave cells empty where nothing is known."
            raise InputError(f"The taxonomy '{path}' has no column '{name}'.{hint}")
    labels, definitions = (table[name].cast(pl.String).fill_null("").str.strip_chars() for name in COLUMNS[:2])
    if (labels == "").any():
        raise InputError(
            f"The taxonomy '{path}' has {(labels == '').sum():,} lines without a label. Fill or delete them."
        )
    starts = _dates(table["active_from"], path)
    ends = _last_moment(table["active_to"], _dates(table["active_to"], path))
    entries = tuple(Entry(*cells) for cells in zip(labels, definitions, starts, ends, strict=True))
    for entry in entries:
        if entry.start and entry.end and entry.end <= entry.start:
            raise InputError(f"The taxonomy '{path}' ends '{entry.label[:60]}' before it starts. Correct its dates.")
    return entries


def _dates(values: pl.Series, path: str) -> pl.Series:
    times = parse_times(values)
    if times.unreadable:
        raise InputError(
            f"The taxonomy '{path}' has {times.unreadable:,} dates in column '{values.name}' that cannot be read. "
            f"Write them like {ACCEPTED}."
        )
    return times.times


def _last_moment(values: pl.Series, times: pl.Series) -> pl.Series:
    """The day, month or year that was written belongs to the time in force."""
    written = values.cast(pl.String).str.strip_chars()
    frame = pl.DataFrame({"written": written, "time": times})
    written_as, time = pl.col("written"), pl.col("time")
    return frame.select(
        pl.when(written_as.str.contains(r"^\d{4}(\.0+)?$"))
        .then(time.dt.offset_by("1y"))
        .when(written_as.str.contains(r"^\d{4}[-/]?\d{1,2}$"))
        .then(time.dt.offset_by("1mo"))
        .otherwise(time.dt.truncate("1d").dt.offset_by("1d"))
    ).to_series()
