"""The column of each role: as given, or else inferred and explained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.errors import ConfigError, did_you_mean
from auditor.inputs.columns import Column, Sort
from auditor.inputs.inference import (
    INFER,
    MAX_CLASSES,
    Pick,
    coded_text,
    flags,
    infer_label,
    infer_segments,
    named_label,
    numeric_columns,
    rivals,
)
from auditor.inputs.levels import same_tree
from auditor.inputs.sql import TABLE, quoted
from auditor.inputs.withdrawn import withdrawn
from auditor.model import RoleChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from auditor.config import Config
    from auditor.inputs.source import Source

ROLES = (
    "text", "label", "time", "label_time", "id", "segment", "annotator", "prediction", "prediction_run",
    "trained_prediction", "split",
)  # fmt: skip
_LISTED = 40
_RANKED = 5
# So many columns of 0 and 1 are a taxonomy even where another column might be the label.
_MANY_FLAGS = 5
_COPY_SHARE = 0.5
# Of the values of a lower level nearly all stand under one of the upper; "Other" may stand under each.
_ONE_PARENT = 0.8


@dataclass(frozen=True)
class Roles:
    """``segment`` includes the annotator, ``numeric`` holds unused quantities; ``choices`` says why.

    ``levels`` are other columns, with the number of their values, that hold a level of the label's tree.
    ``flags`` are the columns of 0 and 1 that are the label together, ``withdrawn`` the column and its words that say
    which labels fall.
    """

    text: tuple[str, ...]
    label: str
    time: str | None
    label_time: str | None
    id: str | None
    segment: tuple[str, ...]
    annotator: str | None
    prediction: str | None
    prediction_run: tuple[str, ...]
    trained_prediction: str | None
    split: str | None
    numeric: tuple[str, ...]
    choices: tuple[RoleChoice, ...]
    flags: tuple[str, ...] = ()
    withdrawn: tuple[str, frozenset[str]] | None = None
    levels: tuple[tuple[str, int], ...] = ()


def resolve_roles(con: duckdb.DuckDBPyConnection, config: Config, source: Source, columns: Sequence[Column]) -> Roles:
    """Check the columns that were given and infer the other roles from names and contents.

    ``columns`` is the `profile` of the export.

    Raises:
        ConfigError: a column does not exist or has two roles, or text or label cannot be told.

    """
    given = given_roles(config)
    if problems := _unknown(given, source) + _doubled(given):
        raise ConfigError("\n".join(problems))
    choices = {role: RoleChoice(role, names, True, "given") for role, names in given.items()}
    named = {name for names in given.values() for name in names}
    fallen = withdrawn(columns, named)
    free = [column for column in columns if column.name not in named and not (fallen and column.name == fallen[0])]

    unclear = _flagged(choices, free, config.label_is)
    one_each = choices["label"].columns if "label" in choices and "label" not in given else ()
    for role, infer in INFER.items():
        fit = [column for column in free if role != "annotator" or not _label_of_another(column, columns, choices)]
        if role not in choices and (pick := infer(fit)):
            near = rivals(role, fit) if role in ("text", "label") else ()
            if near and (len(near) == 1 or len(apart := _different(con, role, near)) > 1):
                unclear.append(_which(role, near))
            elif near:
                pick = apart[0]
            choices[role] = RoleChoice(role, (pick.column.name,), False, pick.reason)
            free.remove(pick.column)
    if unclear:
        raise ConfigError("\n".join(unclear))
    levels: tuple[tuple[str, int], ...] = ()
    if "label" in choices:
        label, by_name = choices["label"].columns[0], {column.name: column for column in columns}
        levels = tuple((column.name, column.distinct) for column in free if _level_of(con, column, by_name[label]))
        free = [column for column in free if column.name not in dict(levels)]
        telling = [
            column
            for column in free
            if not _repeats(con, column, by_name[label]) and not _label_of_another(column, columns, choices)
        ]
        _describe(choices, free, telling)
    if missing := [role for role in ("text", "label") if role not in choices]:
        raise ConfigError("\n".join(_untold(role, source.names) for role in missing))
    return replace(_roles(choices, free), flags=one_each, withdrawn=fallen, levels=levels)


def _flagged(choices: dict[str, RoleChoice], free: list[Column], label_is: str | None) -> list[str]:
    """Give the label to columns of 0 and 1 where they are the labels, one each; what is unclear about it is said."""
    found = flags(free)
    if "label" in choices or not (found or label_is):
        return []
    names = tuple(column.name for column in found)
    wanted = next((name for name in names if label_is and name.casefold() == label_is.casefold()), None)
    other = infer_label([column for column in free if column not in found])
    if wanted is None and other and (named_label(other.column) or len(found) < _MANY_FLAGS):
        return []
    free[:] = [column for column in free if column not in found]
    if wanted is None and other:
        return [
            f"Which column is the label? '{other.column.name}' ({other.reason}), or each of {len(found)} columns "
            f"of 0 and 1, such as '{names[0]}'. Pass --label COL, or --label-is NAME to audit one as yes or no."
        ]
    if names:
        reason = f"'{wanted}' or not" if wanted else "columns of 0 and 1, one for each label"
        choices["label"] = RoleChoice("label", (wanted,) if wanted else names, wanted is not None, reason)
    return []


def _describe(choices: dict[str, RoleChoice], free: list[Column], telling: list[Column]) -> None:
    """Add the roles that several columns share: coded text where there is no prose, and segments."""
    if "text" not in choices and (coded := coded_text(telling)):
        names = tuple(column.name for column in coded)
        choices["text"] = RoleChoice("text", names, False, "no free text: the coded columns together")
        free[:] = [column for column in free if column.name not in names]
    left = {column.name for column in free}
    if "segment" not in choices and (picks := infer_segments([c for c in telling if c.name in left])):
        names = tuple(pick.column.name for pick in picks)
        reason = ", ".join(f"{pick.column.name}: {pick.reason}" for pick in picks)
        choices["segment"] = RoleChoice("segment", names, False, reason)


def _roles(choices: Mapping[str, RoleChoice], free: Sequence[Column]) -> Roles:
    columns = {role: choice.columns for role, choice in choices.items()}

    def one(role: str) -> str | None:
        return columns[role][0] if role in columns else None

    segments = dict.fromkeys((*columns.get("annotator", ()), *columns.get("segment", ())))
    unused = [column for column in free if column.name not in segments]
    return Roles(
        text=columns["text"],
        label=", ".join(columns["label"]),
        time=one("time"),
        label_time=one("label_time"),
        id=one("id"),
        segment=tuple(segments),
        annotator=one("annotator"),
        prediction=one("prediction"),
        prediction_run=columns.get("prediction_run", ()),
        trained_prediction=one("trained_prediction"),
        split=one("split"),
        numeric=numeric_columns(unused),
        choices=tuple(choices[role] for role in ROLES if role in choices),
    )


def given_columns(config: Config) -> tuple[str, ...]:
    """Every column that the settings name."""
    return tuple(name for names in given_roles(config).values() for name in names)


def given_roles(config: Config) -> dict[str, tuple[str, ...]]:
    """The columns of each role that the settings name."""
    values = {role: getattr(config, role) for role in ROLES}
    return {role: (value,) if isinstance(value, str) else value for role, value in values.items() if value}


def _unknown(given: Mapping[str, tuple[str, ...]], source: Source) -> list[str]:
    return [
        f"There is no column '{name}' for --{role.replace('_', '-')}.{did_you_mean(name, source.names)} "
        f"{_listed(source.names)}"
        for role, names in given.items()
        for name in names
        if name not in source.names
    ]


def _doubled(given: Mapping[str, tuple[str, ...]]) -> list[str]:
    uses = Counter(name for role, names in given.items() if role != "segment" for name in names)
    return [
        f"Column '{name}' is given as {' and '.join(role for role in given if name in given[role])}. "
        "Give it one role; only a segment may have another."
        for name, count in uses.items()
        if count > 1
    ]


def _repeats(con: duckdb.DuckDBPyConnection, column: Column, label: Column) -> bool:
    """Whether a column is the label in other words: mostly equal to it, or one name for each class."""
    if column.sort is Sort.NESTED or column.distinct > MAX_CLASSES:
        return False
    # A look at every pair of columns takes minutes in wide exports.
    if column.distinct != label.distinct and set(column.sample).isdisjoint(label.sample):
        return False
    mine, theirs = f"{quoted(column.name)}::VARCHAR", f"{quoted(label.name)}::VARCHAR"
    pairs = (
        f"SELECT {mine} AS mine, {theirs} AS theirs, count(*) AS n FROM {TABLE} "
        f"WHERE mine IS NOT NULL AND theirs IS NOT NULL GROUP BY ALL"
    )
    total, same, both, own, classes = con.sql(
        "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (mine = theirs), 0), count(*), "
        f"count(DISTINCT mine), count(DISTINCT theirs) FROM ({pairs})"
    ).fetchall()[0]
    return bool(total) and (same > _COPY_SHARE * total or both == own == classes)


def _level_of(con: duckdb.DuckDBPyConnection, column: Column, label: Column) -> bool:
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


def _different(con: duckdb.DuckDBPyConnection, role: str, near: Sequence[Pick]) -> tuple[Pick, ...]:
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


def _label_of_another(column: Column, columns: Sequence[Column], choices: Mapping[str, RoleChoice]) -> bool:
    """Whether a column holds the label's own values: what a second person or a model gave the same record."""
    if "label" not in choices:
        return False
    label = next(each for each in columns if each.name == choices["label"].columns[0])
    mine, theirs = set(column.sample), set(label.sample)
    return len(theirs) > 2 and len(mine & theirs) > _COPY_SHARE * len(mine | theirs)


def _which(role: str, near: Sequence[Pick]) -> str:
    named = [f"'{column.name}' ({reason})" for column, reason in near[:_RANKED]]
    more = f" or one of {len(near) - _RANKED} more" if len(near) > _RANKED else ""
    several = "; repeat it to join several" if role == "text" else ""
    return (
        f"Which column is the {role}? No one stands out; the likeliest first: {', '.join(named)}{more}. "
        f"Pass --{role} COL{several}."
    )


def _untold(role: str, names: Sequence[str]) -> str:
    looks = "free text" if role == "text" else "a label (a few values that repeat)"
    return f"No column looks like {looks}. Pass --{role} COL. {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"Columns: {', '.join(names[:_LISTED])}{more}."
