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


def scan(frame: pl.DataFrame) -> Profile:
    """Profile of the ``usable`` rows of ``frame`` (text_key, words, record_id, time)."""
    used = frame.select("text_key", "words", "record_id", "time").filter(frame["usable"])
    first, last = used.select(pl.col("time").min().alias("first"), pl.col("time").max().alias("last")).row(0)
    words = float(used["words"].cast(pl.Float64).sum())
    distinct_texts, distinct_ids = (used[name].n_unique() for name in ("text_key", "record_id"))
    return Profile(len(used), distinct_texts, distinct_ids, words / len(used), first, last)
