"""The column of each role: as given, or else inferred and explained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.addresses import last_name
from auditor.errors import ConfigError, InputError, did_you_mean
from auditor.inputs.columns import Column
from auditor.inputs.files import Kind
from auditor.inputs.inference import (
    INFER,
    Pick,
    coded_text,
    entity_columns,
    flags,
    infer_label,
    infer_segments,
    named_label,
    numeric_columns,
    rivals,
    usual_name,
)
from auditor.inputs.kin import COPY_SHARE, different, level_of, repeats, says_again
from auditor.inputs.withdrawn import withdrawn
from auditor.model import RoleChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from auditor.config import Config
    from auditor.inputs.source import Source

ROLES = (
    "text", "label", "time", "label_time", "id", "group", "segment", "annotator", "prediction",
    "prediction_run", "trained_prediction", "split",
)  # fmt: skip
_LISTED = 40
# A name of more words is prose, as it is for the line of names of a text file.
_LONG_NAME = 8
_RANKED = 5
_NAME_WORDS = 2
_UNNAMED = (
    "nothing in its line of names is what columns are usually called. If it is a record, set [read] header = 0; if it "
    "is not, header = 1, or name a column with --text."
)
# So many columns of 0 and 1 are a taxonomy even where another column might be the label.
_MANY_FLAGS = 5


@dataclass(frozen=True)
class Roles:
    """``segment`` includes the annotator, ``numeric`` holds unused quantities; ``choices`` says why. ``group`` is
    the patient, account or claim whose records keep together, ``entities`` are columns that look like one.
    ``again`` are columns of the text that are the label again.

    ``levels`` are other columns, with the number of their values, that hold a level of the label's tree.
    ``flags`` are the columns of 0 and 1 that are the label together, ``withdrawn`` the column and its words that say
    which labels fall.
    """

    text: tuple[str, ...]
    label: str
    time: str | None
    label_time: str | None
    id: str | None
    group: str | None
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
    entities: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def resolve_roles(con: duckdb.DuckDBPyConnection, config: Config, source: Source, columns: Sequence[Column]) -> Roles:
    """Check the columns that were given and infer the other roles from names and contents.

    ``columns`` is the `profile` of the export.

    Raises:
        ConfigError: a column does not exist or has two roles, or text or label cannot be told.

    """
    given = given_roles(config)
    doubted = _maybe_record(config, source, columns)
    if doubted and any(_reads_on(name) for name in source.names):
        raise InputError(f"The first line of '{last_name(source.path)}' may be a record: {_UNNAMED}")
    listed = _listed(source.names, doubted=doubted)
    if problems := _unknown(given, source, listed) + _doubled(given):
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
            if near and (len(near) == 1 or len(apart := different(con, role, near)) > 1):
                unclear.append(
                    f"Which column is the {role}? Pass --{role} COL. {listed}" if doubted else _which(role, near)
                )
            elif near:
                pick = apart[0]
            choices[role] = RoleChoice(role, (pick.column.name,), False, pick.reason)
            free.remove(pick.column)
    if unclear:
        raise ConfigError("\n".join(unclear))
    levels: tuple[tuple[str, int], ...] = ()
    if "label" in choices:
        label, by_name = choices["label"].columns[0], {column.name: column for column in columns}
        levels = tuple((column.name, column.distinct) for column in free if level_of(con, column, by_name[label]))
        free = [column for column in free if column.name not in dict(levels)]
        telling = [
            column
            for column in free
            if not repeats(con, column, by_name[label]) and not _label_of_another(column, columns, choices)
        ]
        _describe(choices, free, telling)
    if missing := [role for role in ("text", "label") if role not in choices]:
        raise ConfigError("\n".join(_untold(role, listed) for role in missing))
    label_of = next(column for column in columns if column.name == choices["label"].columns[0])
    again = tuple(
        column.name
        for column in columns
        if column.name in choices["text"].columns and says_again(con, column, label_of)
    )
    return replace(_roles(choices, free), flags=one_each, withdrawn=fallen, levels=levels, again=again)


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
        group=one("group"),
        segment=tuple(segments),
        annotator=one("annotator"),
        prediction=one("prediction"),
        prediction_run=columns.get("prediction_run", ()),
        trained_prediction=one("trained_prediction"),
        split=one("split"),
        numeric=numeric_columns(unused),
        entities=() if "group" in columns else entity_columns(free),
        choices=tuple(choices[role] for role in ROLES if role in choices),
    )


def given_columns(config: Config) -> tuple[str, ...]:
    """Every column that the settings name."""
    return tuple(name for names in given_roles(config).values() for name in names)


def given_roles(config: Config) -> dict[str, tuple[str, ...]]:
    """The columns of each role that the settings name."""
    values = {role: getattr(config, role) for role in ROLES}
    return {role: (value,) if isinstance(value, str) else value for role, value in values.items() if value}


def _unknown(given: Mapping[str, tuple[str, ...]], source: Source, listed: str) -> list[str]:
    return [
        f"There is no column '{name}' for --{role.replace('_', '-')}.{did_you_mean(name, source.names)} {listed}"
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


def _label_of_another(column: Column, columns: Sequence[Column], choices: Mapping[str, RoleChoice]) -> bool:
    """Whether a column holds the label's own values: what a second person or a model gave the same record."""
    if "label" not in choices:
        return False
    label = next(each for each in columns if each.name == choices["label"].columns[0])
    mine, theirs = set(column.sample), set(label.sample)
    return len(theirs) > 2 and len(mine & theirs) > COPY_SHARE * len(mine | theirs)


def _which(role: str, near: Sequence[Pick]) -> str:
    named = [f"'{column.name}' ({reason})" for column, reason in near[:_RANKED]]
    more = f" or one of {len(near) - _RANKED} more" if len(near) > _RANKED else ""
    several = "; repeat it to join several" if role == "text" else ""
    return (
        f"Which column is the {role}? No one stands out; the likeliest first: {', '.join(named)}{more}. "
        f"Pass --{role} COL{several}."
    )


def _untold(role: str, listed: str) -> str:
    looks = "free text" if role == "text" else "a label (a few values that repeat)"
    return f"No column looks like {looks}. Pass --{role} COL. {listed}"


def _maybe_record(config: Config, source: Source, columns: Sequence[Column]) -> bool:
    """Whether the line of names may be a record: nobody named a column of it, and none is called as columns are."""
    known = config.read.header is not None or not set(source.names).isdisjoint(given_columns(config))
    return source.kind in (Kind.DELIMITED, Kind.WORKBOOK) and not known and not any(map(usual_name, columns))


def _reads_on(name: str) -> bool:
    """Whether a name is as long as a sentence and no question of a survey."""
    return len(name.split()) > _NAME_WORDS and not name.endswith(("?", ":", "*"))


def _listed(names: Sequence[str], *, doubted: bool) -> str:
    """The columns by name, but where they may be the cells of a record; a long name may be one and is not quoted."""
    if doubted:
        return f"Its {len(names)} columns are not listed: {_UNNAMED}"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    words = [len(name.split()) for name in names[:_LISTED]]
    shown = [
        f"(one of {count} words)" if count > _LONG_NAME else name for name, count in zip(names, words, strict=False)
    ]
    return f"Columns: {', '.join(shown)}{more}."
