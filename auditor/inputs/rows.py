"""The records of an export as rows of one type, and the keys that they are drawn by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from auditor.inputs.columns import NESTED
from auditor.inputs.copies import copies, usable
from auditor.inputs.several import one_hot
from auditor.inputs.sql import TABLE, quoted
from auditor.inputs.texts import TOLD, told
from auditor.inputs.trial import TRAINED
from auditor.inputs.withdrawn import falls
from auditor.keys import row_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from auditor.inputs.roles import Roles
    from auditor.inputs.source import Source
    from auditor.model import Notice

SEGMENT = "segment:"
NUMERIC = "numeric:"
ENTITY = "entity:"
TEXT = "text:"
ANSWER = "prediction:"
LABEL = "label"
# Roles of one column each that keep their name.
ALONE = ("group", "prediction", TRAINED, "split")
# What is no part of a row's key, so that the same records are drawn with and without a column of groups.
UNKEYED = ("row_id", "record_id", "group", ENTITY)
# What `keyed` makes.
MADE = ("key", "item", *TOLD)


def selection(roles: Roles, source: Source) -> dict[str, str]:
    """SQL of each column that plays a role, by its name in `rows_of`: as text, but for dates stored as dates."""
    types = dict(source.columns)

    def text(name: str | None) -> str:
        return f"{quoted(name)}::VARCHAR" if name else "NULL::VARCHAR"

    dated = roles.time and types[roles.time].startswith(("DATE", "TIMESTAMP"))
    return {
        "time": quoted(roles.time) if roles.time and dated else text(roles.time),
        **({"label_time": text(roles.label_time)} if roles.label_time else {}),
        "id": text(roles.id),
        LABEL: _label(roles, types),
        **{f"{TEXT}{i}": text(name) for i, name in enumerate(roles.text)},
        **{role: text(name) for role in ALONE if (name := getattr(roles, role))},
        **{ANSWER + name: text(name) for name in roles.prediction_run},
        **{SEGMENT + name: text(name) for name in roles.segment},
        **{ENTITY + name: text(name) for name in roles.entities},
        **{NUMERIC + name: f"TRY_CAST({quoted(name)} AS DOUBLE)" for name in roles.numeric},
    }


def _label(roles: Roles, types: Mapping[str, str]) -> str:
    """The label as text: lists as JSON, as their commas are no safe marks; null where nobody stands by it."""
    if roles.flags:
        label = one_hot(roles.flags)
    elif NESTED.search(types[roles.label]):
        label = f"to_json({quoted(roles.label)})::VARCHAR"
    else:
        label = f"{quoted(roles.label)}::VARCHAR"
    return f"CASE WHEN NOT {falls(*roles.withdrawn)} THEN {label} END" if roles.withdrawn else label


def without_texts(sql: Mapping[str, str]) -> dict[str, str]:
    """A `selection` of rows whose texts stand elsewhere."""
    return {name: "NULL::VARCHAR" if name.startswith(TEXT) else each for name, each in sql.items()}


def selected(con: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> pl.DataFrame:
    """Columns of the table `export` as ``sql`` says, with ``row_id``."""
    # One by one: columns that come together share memory, and the last of them holds that of all.
    columns = (con.sql(f"SELECT {each} AS {quoted(name)} FROM {TABLE}").pl() for name, each in sql.items())
    found: pl.DataFrame = pl.concat(columns, how="horizontal")
    return found.with_row_index("row_id")


def rows_of(selected: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    """The rows of what was ``selected`` (n, row_id and the columns of `selection`, dates read), with one ``text`` of
    the columns ``texts``, ``""`` where there is none; ``id`` is null where a row has none.
    """
    return selected.select(
        "row_id",
        _filled("id"),
        _filled("id").fill_null(pl.col("row_id").cast(pl.String)).alias("record_id"),
        _joined(texts).fill_null("").alias("text"),
        _filled(LABEL),
        "time",
        *(["label_time"] if "label_time" in selected.columns else []),
        *(name for name in selected.columns if name in ALONE or name.startswith((SEGMENT, NUMERIC, ANSWER, ENTITY))),
    )


def keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """Of every one of the ``rows`` its ``key`` and that of its record, ``item``, and what is `told` of its text.

    A row without an id is a record by itself, as its values tell.
    """
    keys = pl.Series("key", row_keys(_values(rows).drop(LABEL).with_columns(rows["id"])))
    named = pl.Series("item", row_keys(rows.select("id")))
    return pl.DataFrame([keys, named.zip_with(rows["id"].is_not_null(), keys.alias("item")), *told(rows["text"])])


def with_copies(rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """The ``rows`` with their keys, with which of them are a ``copy``, and which are ``usable``; and what is said of
    copies.
    """
    values = [name for name in _values(rows.head(0)).columns if name not in ("text", *MADE)]
    copy, notices = copies(rows["id"], rows["key"], rows.select(*values, "text_key"))
    return rows.drop("id").with_columns(copy).with_columns(usable(pl.col(LABEL))), notices


def by_time(columns: list[pl.Series]) -> pl.DataFrame:
    """The rows of ``columns`` by time and then by input order. The list is emptied: a table and its copy are more than
    a table and one column.
    """
    named = {each.name: each for each in columns if each.name in ("time", "row_id")}
    order = pl.DataFrame(named).select(pl.arg_sort_by("time", "row_id", nulls_last=True)).to_series()
    # Of several chunks polars copies all the letters.
    return pl.DataFrame([columns.pop(0).rechunk().gather(order) for _ in range(len(columns))])


def _values(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(~cs.starts_with(*UNKEYED)).drop("id")


def _joined(columns: Sequence[str]) -> pl.Expr:
    """One column bare; several as ``name: value`` lines, the blank ones left out."""
    if len(columns) == 1:
        return pl.col(f"{TEXT}0")
    lines = [pl.format("{}: {}", pl.lit(name), _filled(f"{TEXT}{i}")) for i, name in enumerate(columns)]
    return pl.concat_str(lines, separator="\n", ignore_nulls=True)


def _filled(name: str) -> pl.Expr:
    """The value untouched, or null where it is blank."""
    return pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))
