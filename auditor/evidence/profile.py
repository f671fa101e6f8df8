"""The export in figures: one wide SQL scan of the loaded records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb


@dataclass(frozen=True)
class Profile:
    """Counts over usable records."""

    rows: int
    distinct_texts: int
    distinct_ids: int
    mean_words: float
    first: datetime | None
    last: datetime | None


SCAN = """
with usable as (select * from records where usable)
select
    count(*),
    count(distinct "text"),
    count(distinct record_id),
    avg(len(string_split(trim("text"), ' '))),
    min("time"),
    max("time")
from usable
"""


def scan(connection: duckdb.DuckDBPyConnection) -> Profile:
    """Profile of the relation ``records`` on ``connection``."""
    return Profile(*connection.sql(SCAN).fetchall()[0])
