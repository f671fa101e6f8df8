"""The column of each role: as given, or else inferred and explained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import ConfigError, did_you_mean
from auditor.inputs.columns import Column, Sort, profile
from auditor.inputs.inference import (
    INFER,
    MAX_CLASSES,
    coded_text,
    infer_segments,
    numeric_columns,
)
from auditor.inputs.sql import TABLE, quoted
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
_COPY_SHARE = 0.5


@dataclass(frozen=True)
class Roles:
    """``segment`` includes the annotator, ``numeric`` holds unused quantities; ``choices`` says why."""

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


def resolve_roles(con: duckdb.DuckDBPyConnection, config: Config, source: Source) -> Roles:
    """Check the columns that were given and infer the other roles from names and contents.

    Raises:
        ConfigError: a column does not exist or has two roles, or text or label cannot be told.

    """
    given = _given(config)
    if problems := _unknown(given, source) + _doubled(given):
        raise ConfigError("\n".join(problems))
    choices = {role: RoleChoice(role, names, True, "given") for role, names in given.items()}
    named = {name for names in given.values() for name in names}
    free = [column for column in profile(con, source) if column.name not in named]

    for role, infer in INFER.items():
        if role not in choices and (pick := infer(free)):
            choices[role] = RoleChoice(role, (pick.column.name,), False, pick.reason)
            free.remove(pick.column)
    if "label" in choices:
        label = choices["label"].columns[0]
        telling = [column for column in free if not _repeats(con, column, label)]
        _describe(choices, free, telling)
    if missing := [role for role in ("text", "label") if role not in choices]:
        raise ConfigError("\n".join(_untold(role, source.names) for role in missing))
    return _roles(choices, free)


def _describe(choices: dict[str, RoleChoice], free: list[Column], telling: list[Column]) -> None:
    """Add the roles that several columns share: coded text where there is no prose, and segments."""
    if "text" not in choices and (coded := coded_text(telling)):
        names = tuple(column.name for column in coded)
        choices["text"] = RoleChoice("text", names, False, "no free text: the coded columns together")
        free[:] = [column for column in free if column.name not in names]
    if "segment" not in choices and (picks := infer_segments([c for c in telling if c in free])):
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
        label=columns["label"][0],
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


def _given(config: Config) -> dict[str, tuple[str, ...]]:
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


def _repeats(con: duckdb.DuckDBPyConnection, column: Column, label: str) -> bool:
    """Whether a column is the label in other words: mostly equal to it, or one name for each class."""
    if column.sort is Sort.NESTED or column.distinct > MAX_CLASSES:
        return False
    mine, theirs = f"{quoted(column.name)}::VARCHAR", f"{quoted(label)}::VARCHAR"
    pairs = (
        f"SELECT {mine} AS mine, {theirs} AS theirs, count(*) AS n FROM {TABLE} "
        f"WHERE mine IS NOT NULL AND theirs IS NOT NULL GROUP BY ALL"
    )
    total, same, both, own, classes = con.sql(
        "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (mine = theirs), 0), count(*), "
        f"count(DISTINCT mine), count(DISTINCT theirs) FROM ({pairs})"
    ).fetchall()[0]
    return bool(total) and (same > _COPY_SHARE * total or both == own == classes)


def _untold(role: str, names: Sequence[str]) -> str:
    looks = "free text" if role == "text" else "a label (a few values that repeat)"
    return f"No column looks like {looks}. Pass --{role} COL. {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"Columns: {', '.join(names[:_LISTED])}{more}."
