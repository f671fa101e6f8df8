"""Records that stand in an export more than once: each is read once."""

from __future__ import annotations

import polars as pl

from auditor.keys import row_keys
from auditor.model import Notice

# House rules, 2026. Natural repeats come in any number: that nearly all of 20 records or more stand there 2, 4, 6 times
# and never once is a file that was put after itself. On real sets 0.05 to 0.48 do (two coded fields of complaints).
FEWEST, NEARLY_ALL, MOST_TIMES = 20, 0.95, 10


def copies(ids: pl.Series, keys: pl.Series, bare: pl.DataFrame) -> tuple[pl.Series, tuple[Notice, ...]]:
    """Which rows (n,) repeat another, and what is said of it.

    ``bare`` (n, k) holds all values but the ``ids`` (n,), null where a row has none, and of the text its ``text_key``;
    ``keys`` (n,) are of ids and values but the label. A row with the id of another and all its values is the same
    record. Where nearly every record stands there k times under other ids, one in k is kept, that of the shortest id.
    """
    rows = pl.DataFrame({"key": keys, "label": bare["label"], "id": ids}).with_row_index("row")
    alike = rows.filter(pl.col("key").is_duplicated(), pl.col("id").is_not_null())
    later = alike.filter(~pl.struct("key", "label").is_first_distinct())["row"]
    again = pl.zeros(len(ids), pl.Boolean, eager=True).scatter(later, values=True).alias("copy")
    notices = []
    if repeated := int(again.sum()):
        notices.append(
            Notice(f"{repeated:,} of the rows repeat another in the id and all else. Each such record is read once.")
        )
    left = pl.DataFrame({"id": ids, "text": bare["text_key"]}).with_row_index("row").filter(~again)
    if left["text"].n_unique() > _most_distinct(len(left)):
        return again, tuple(notices)
    left = left.with_columns(pl.Series("key", row_keys(bare.filter(~again).cast({"text_key": pl.String}))))
    if (times := _times(left["key"])) > 1:
        rank = pl.struct(pl.col("id").str.len_chars().alias("length"), "id", "row").rank("ordinal").over("key")
        more = left.filter(rank > (pl.len().over("key") / times).ceil())["row"].implode()
        again = again | pl.int_range(len(ids), eager=True).is_in(more)
        notices.append(
            Notice(
                f"Nearly every record stands in the export {'twice' if times == 2 else f'{times} times'}, alike in all "
                "that is read but for an id. Each is read once."
            )
        )
    return again, tuple(notices)


def usable(label: pl.Expr) -> pl.Expr:
    """Whether a row of columns ``has_word`` and ``copy`` with this ``label`` is audited."""
    return (pl.col("has_word") & label.is_not_null() & ~pl.col("copy")).alias("usable")


def _most_distinct(rows: int) -> float:
    """Distinct records, at most, where nearly all stand there twice."""
    return rows / (1 + NEARLY_ALL)


def _times(keys: pl.Series) -> int:
    """How often nearly every record stands there, the largest such number; 1 where there is none."""
    counts = keys.value_counts(name="rows")["rows"]
    if len(counts) < FEWEST:
        return 1
    whole = [times for times in range(2, MOST_TIMES + 1) if (counts % times == 0).sum() >= NEARLY_ALL * len(counts)]
    return max(whole, default=1)
