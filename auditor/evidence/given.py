"""What every step starts from: the batch, its usable rows, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from auditor.batch import Batch
    from auditor.keys import Lots
    from auditor.limits import Limit
    from auditor.threads import Threads

BATCH: Key[Batch] = Key("batch")
# The usable rows, or a sample of many, by time, undated ones last; every array of n rows is in their order.
ROWS: Key[pl.DataFrame] = Key("rows")
# The dates of every usable row, also of those that no model reads, see `auditor.evidence.sampling`.
TIMES: Key[pl.Series] = Key("dates of every row")
# Rows whose date was no date of theirs, such as placeholders.
STRAY_DATES: Key[int] = Key("stray dates")
SEED: Key[int] = Key("seed")
# Draws by row, and by record.
LOTS: Key[Lots] = Key("lots")
ITEMS: Key[Lots] = Key("items")
# In months.
HORIZON: Key[int] = Key("horizon")
LIMITS: Key[Mapping[str, Limit]] = Key("limits")
# How many masked records somebody asked to see.
EXAMPLES_WANTED: Key[int] = Key("examples wanted")
# Among which a step may share out its work.
THREADS: Key[Threads] = Key("threads")
