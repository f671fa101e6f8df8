"""The export in figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from auditor.keys import AT_ONCE
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
    used = frame.select("text", "record_id", "time").filter(frame["usable"])
    first, last = used.select(pl.col("time").min().alias("first"), pl.col("time").max().alias("last")).row(0)
    # In parts and one after the other, as what is made of all texts takes as much again.
    words = math.fsum(part.select(_WORDS.sum()).item() for part in used.iter_slices(AT_ONCE))
    distinct_texts, distinct_ids = (used[name].n_unique() for name in ("text", "record_id"))
    return Profile(len(used), distinct_texts, distinct_ids, words / len(used), first, last)
