"""Columns that say what another says: copies, an id for each name, a level of the same tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.inputs.columns import Column, Sort
from auditor.inputs.inference import MAX_CLASSES, Pick
from auditor.inputs.levels import same_tree
from auditor.inputs.sql import TABLE, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

COPY_SHARE = 0.5
# House rule (2026): leaves room for labels that were corrected on one side.
SAME_SHARE = 0.9
# Of the values of a lower level nearly all stand under one of the upper; "Other" may stand under each.
_ONE_PARENT = 0.8


def repeats(con: duckdb.DuckDBPyConnection, column: Column, label: Column) -> bool:
    """Whether a column is the label in other words: mostly equal to it, or one name for each class."""
    if column.sort is Sort.NESTED or column.distinct > MAX_CLASSES:
        return False
    # A look at every pair of columns takes minutes in wide exports.
    if column.distinct != label.distinct and set(column.sample).isdisjoint(label.sample):
        return False
    total, same, both, own, classes = con.sql(
        "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (mine = theirs), 0), count(*), "
        f"count(DISTINCT mine), count(DISTINCT theirs) FROM ({_pairs(column, label)}) WHERE mine IS NOT NULL"
    ).fetchall()[0]
    return bool(total) and (same > COPY_SHARE * total or both == own == classes)


def says_again(con: duckdb.DuckDBPyConnection, column: Column, label: Column) -> bool:
    """Whether a column is the label again: nearly each value stands for one class, and nearly each class for one."""
    if column.sort is Sort.NESTED or label.sort is Sort.NESTED or column.name == label.name:
        return False
    if not 2 <= column.distinct <= 2 * label.distinct or label.distinct > MAX_CLASSES:
        return False
    total, by_mine, by_theirs = con.sql(
        f"WITH pairs AS ({_pairs(column, label)}) SELECT (SELECT coalesce(sum(n), 0) FROM pairs), "
        "(SELECT sum(most) FROM (SELECT max(n) AS most FROM pairs WHERE mine IS NOT NULL GROUP BY mine)), "
        "(SELECT sum(most) FROM (SELECT max(n) AS most FROM pairs GROUP BY theirs))"
    ).fetchall()[0]
    return bool(total) and min(by_mine or 0, by_theirs) >= SAME_SHARE * total


def _pairs(column: Column, label: Column) -> str:
    """How many labelled rows ``n`` have a value ``mine`` of the column beside one of the label, ``theirs``."""
    mine, theirs = f"{quoted(column.name)}::VARCHAR", f"{quoted(label.name)}::VARCHAR"
    return (
        f"SELECT {mine} AS mine, {theirs} AS theirs, count(*) AS n FROM {TABLE} WHERE theirs IS NOT NULL GROUP BY ALL"
    )


def level_of(con: duckdb.DuckDBPyConnection, column: Column, label: Column) -> bool:
    """Whether a column of a kindred name divides the classes of the label, or the label its own."""
    fits = same_tree(column.name, label.name) and 2 <= column.distinct <= MAX_CLASSES and column.wordy
    if not fits or column.distinct == label.distinct or label.sort is Sort.NESTED:
        return False
    coarse, fine = sorted((column, label), key=lambda each: each.distinct)
    one, above = quoted(fine.name), quoted(coarse.name)
    (kept,) = con.sql(
        f"SELECT count(*) FILTER (parents = 1) FROM (SELECT count(DISTINCT {above}) AS parents FROM {TABLE} "
        f"WHERE {one} IS NOT NULL AND {above} IS NOT NULL GROUP BY {one})"
    ).fetchall()[0]
    return bool(kept >= _ONE_PARENT * fine.distinct)


def different(con: duckdb.DuckDBPyConnection, role: str, near: Sequence[Pick]) -> tuple[Pick, ...]:
    """The columns of ``near`` without those that say what another says: equal texts, or an id for each class's name."""
    kept: list[Pick] = []
    for pick in near:
        same = next((i for i, other in enumerate(kept) if _one_for_one(con, role, pick.column, other.column)), None)
        if same is None:
            kept.append(pick)
        elif _spoken(pick.column) > _spoken(kept[same].column):
            kept[same] = pick
    return tuple(kept)


def _spoken(column: Column) -> tuple[bool, float]:
    """Names of classes before their numbers, and long names before short ones."""
    return not column.numeric, column.chars


def _one_for_one(con: duckdb.DuckDBPyConnection, role: str, one: Column, other: Column) -> bool:
    if one.distinct != other.distinct or one.filled != other.filled or Sort.NESTED in (one.sort, other.sort):
        return False
    mine, theirs = f"{quoted(one.name)}::VARCHAR", f"{quoted(other.name)}::VARCHAR"
    if role == "text":
        (differ,) = con.sql(f"SELECT count(*) FROM {TABLE} WHERE {mine} IS DISTINCT FROM {theirs}").fetchall()[0]
        return bool(differ == 0)
    (pairs,) = con.sql(f"SELECT count(*) FROM (SELECT DISTINCT {mine}, {theirs} FROM {TABLE})").fetchall()[0]
    return bool(pairs == one.distinct + (one.filled < one.rows))
