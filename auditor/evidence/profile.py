"""The export in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from auditor.results import Key

if TYPE_CHECKING:
    from datetime import datetime

PROFILE: Key[Profile] = Key("profile")
TOKENS_PER_RECORD: Key[float] = Key("tokens per record")


@dataclass(frozen=True)
class Profile:
    """Counts over usable records."""

    rows: int
    distinct_texts: int
    distinct_ids: int
    mean_words: float
    first: datetime | None
    last: datetime | None


# Two letters count as a word, as in `tokens`, where there is a space in fewer than one of eight of three bytes each.
_LETTERS = pl.col("text").str.len_chars()
_SPACED = pl.col("text").str.strip_chars(" ").str.count_matches(" ", literal=True) + 1
_UNSPACED = (pl.col("text").str.len_bytes() > 2 * _LETTERS) & (8 * _SPACED < _LETTERS)
_WORDS = pl.when(_UNSPACED).then(_LETTERS / 2).otherwise(_SPACED)


def scan(frame: pl.DataFrame) -> Profile:
    """Profile of the ``usable`` rows of ``frame`` (text, record_id, time)."""
    used = frame.lazy().filter("usable")
    found = used.select(
        pl.len().alias("rows"),
        pl.col("text").n_unique().alias("distinct_texts"),
        pl.col("record_id").n_unique().alias("distinct_ids"),
        _WORDS.mean().alias("mean_words"),
        pl.col("time").min().alias("first"),
        pl.col("time").max().alias("last"),
    )
    return Profile(**found.collect().row(0, named=True))
