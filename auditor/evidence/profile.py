"""The export in figures: one wide SQL scan of the loaded records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.results import Key

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

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
SCAN = """
with usable as (
    select *, len(string_split(trim("text"), ' ')) as spaced, length("text") as letters from records where usable
)
select
    count(*),
    count(distinct "text"),
    count(distinct record_id),
    avg(case when strlen("text") > 2 * letters and 8 * spaced < letters then letters / 2 else spaced end),
    min("time"),
    max("time")
from usable
"""


def scan(connection: duckdb.DuckDBPyConnection) -> Profile:
    """Profile of the relation ``records`` on ``connection``."""
    return Profile(*connection.sql(SCAN).fetchall()[0])
