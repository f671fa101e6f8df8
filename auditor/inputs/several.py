"""Cells that hold several labels: lists of any spelling, and columns of 0 and 1 with one label each."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from auditor.errors import ConfigError, did_you_mean
from auditor.inputs.labels import folded
from auditor.inputs.sql import literal, quoted
from auditor.model import CLASS_SHARED_BY, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# So many sets of labels, each of so many rows, are learnt as classes; more of them or smaller ones are not.
MAX_SETS = 60
MIN_ROWS_OF_A_SET = 30
# House rules: fewer rows with several labels than this are slips of the pen in a column of single ones.
_SLIPS = 0.01
_MAX_DISTINCT, _MAX_CHARS = 20_000, 1_000
_MARKS = (";", "|", "#", "\n", ",", "/", "+", " and ")
_KNOWN_ELSEWHERE, _IN_ANY_PLACE = 0.9, 0.25
_FEWEST_ABOVE = 3
_LISTED = 5
_UNTYPED = re.compile(r"'\s+'")
_NAME_KEYS = ("value", "label", "name", "choices", "labels")

Cell = tuple[str, ...]


class Labels(NamedTuple):
    """One label for each row, null where it is missing, and the notices about how cells were read."""

    values: pl.Series
    notices: tuple[Notice, ...] = ()


def read_labels(cells: pl.Series, column: str, label_is: str | None = None) -> Labels:
    """The label of every row. A set of labels is a class where few sets have many rows each.

    With ``label_is``, every row has that label or "not" it.

    Raises:
        ConfigError: cells hold several labels that make no classes, or several people's; or no row has ``label_is``.

    """
    counts = cells.drop_nulls().value_counts(name="rows")
    rows = dict(zip(counts.get_column(counts.columns[0]), counts["rows"], strict=True))
    read, between = _cells(rows, column)
    if read is None:
        return (
            Labels(cells)
            if label_is is None
            else _one_label(cells, {text: (text,) for text in rows}, rows, column, label_is)
        )
    if label_is is not None:
        return _one_label(cells, read, rows, column, label_is)
    names = {text: " + ".join(labels) for text, labels in read.items() if labels}
    sets: Counter[str] = Counter()
    for text, name in names.items():
        sets[name] += rows[text]
    several = sum(rows[text] for text, labels in read.items() if len(labels) > 1)
    values = cells.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
    if not several:
        return Labels(values)
    if several < _SLIPS * sum(sets.values()):
        return Labels(values, (Notice(_slips(column, several, between)),))
    if len(sets) > MAX_SETS or min(sets.values()) < MIN_ROWS_OF_A_SET:
        raise ConfigError(_no_classes(column, read, rows, sets, between))
    return Labels(values, (Notice(_sets_are_classes(column, len(sets), between)),))


def _cells(rows: Mapping[str, int], column: str) -> tuple[dict[str, Cell] | None, str]:
    """The labels in each different cell, and what is between them; None where each cell is one label."""
    if any(text.lstrip().startswith(("[", "{", "(")) for text in rows):
        lists = {text: _listed(text) for text in rows}
        if all(labels is not None for labels in lists.values()):
            if any(len(labels or ()) > len(set(labels or ())) for labels in lists.values()):
                raise ConfigError(
                    f"Cells of column '{column}' hold the same label twice, so they are the answers of several people. "
                    "Export one answer for each record and person, and name the column of people with --annotator."
                )
            return {text: tuple(sorted(labels or ())) for text, labels in lists.items()}, "as lists"
    if len(rows) <= _MAX_DISTINCT and sum(map(len, rows)) <= _MAX_CHARS * len(rows):
        for mark in _MARKS:
            parts = {text: _split(text, mark) for text in rows}
            if _are_labels(parts.values(), comma=mark == ","):
                return {text: tuple(sorted(set(labels))) for text, labels in parts.items()}, f"with {mark!r} between"
    return None, ""


def _listed(text: str) -> list[str] | None:
    """The labels of a list as JSON, Python, NumPy or a database writes it; None where it is none."""
    text = text.strip()
    if not text.startswith(("[", "{", "(")):
        return [text] if text else []
    for parse in (json.loads, _python):
        try:
            labels = _named(parse(text))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        # Half of a surrogate pair, which an escape can spell, is no text.
        return labels and [label.encode("utf-8", "replace").decode() for label in labels]
    # Arrays of PostgreSQL: {billing,"late filing"}
    if re.fullmatch(r'\{(?:"[^"]*"|[^{}",:]+)(?:,(?:"[^"]*"|[^{}",:]+))*\}|\{\}', text):
        return [part.strip(' "') for part in text[1:-1].split(",") if part.strip(' "')]
    return None


def _python(text: str) -> object:
    with warnings.catch_warnings():
        # About escapes that Python does not know.
        warnings.simplefilter("ignore")
        return ast.literal_eval(_UNTYPED.sub("', '", text))


def _named(value: object) -> list[str] | None:
    """The labels in what a tool keeps of an answer; None where there is something else in it."""
    match value:
        case str() | bool() | int() | float():
            return [str(value).strip()] if str(value).strip() else []
        case None:
            return []
        case list() | tuple() | set() | frozenset():
            parts = [_named(each) for each in value]
            return None if any(part is None for part in parts) else [label for part in parts for label in part or ()]
        case dict() if all(isinstance(each, bool) or each in (0, 1) for each in value.values()):
            return [str(name) for name, each in value.items() if each]
        case dict():
            key = next((key for key in _NAME_KEYS if key in value), None)
            return _named(value[key]) if key else None
        case _:
            return None


def _split(text: str, mark: str) -> list[str]:
    return [part.strip(" #") if mark in ";#" else part.strip() for part in text.split(mark) if part.strip(" #")]


def _are_labels(cells: Iterable[list[str]], *, comma: bool) -> bool:
    """Whether the parts of cells are labels: they come again in other cells, and in any place of them.

    A name with a comma in it, or a path such as ``A|B``, has parts that keep to one name or to one place.
    """
    cells = list(cells)
    several = [labels for labels in cells if len(labels) > 1]
    if not several:
        return False
    known = Counter(label for labels in cells for label in set(labels))
    parts = [label for labels in several for label in labels]
    first, later = {labels[0] for labels in cells if labels}, {label for labels in several for label in labels[1:]}
    alone = {labels[0] for labels in cells if len(labels) == 1}
    elsewhere = sum(known[part] > 1 for part in parts) / len(parts)
    any_place = len(set(parts) & first & later) / len(set(parts))
    by_itself = len(set(parts) & alone) / len(set(parts))
    # One set alone is told from a name with a mark in it only where each of its parts is a name as well.
    needed = 1.0 if len(several) == 1 else 0.5 if comma else 0.0
    if elsewhere < _KNOWN_ELSEWHERE or by_itself < needed:
        return False
    return any_place >= _IN_ANY_PLACE or _crossed(several, alone, later)


def _crossed(several: Sequence[list[str]], alone: set[str], later: set[str]) -> bool:
    """Whether each later part follows several first ones, which all stand alone too, as a tag does beside classes.

    In a path each part has one above it.
    """
    above: dict[str, set[str]] = {}
    for labels in several:
        for label in labels[1:]:
            above.setdefault(label, set()).add(labels[0])
    firsts = {labels[0] for labels in several}
    return firsts <= alone and all(len(above[label]) >= _FEWEST_ABOVE for label in later)


def _one_label(cells: pl.Series, read: Mapping[str, Cell], rows: Mapping[str, int], column: str, wanted: str) -> Labels:
    key = folded(wanted)
    has = {
        text: next((label for label in labels if folded(label) == key), None)
        for text, labels in read.items()
        if any(label.strip() for label in labels)
    }
    if not any(has.values()):
        names = _nameable(read, rows)
        near = did_you_mean(wanted, names) if len(names) <= 1_000 else ""
        raise ConfigError(f"No row has the label '{wanted}' of --label-is in column '{column}'.{near}")
    name = next(label for label in has.values() if label)
    said = [name if label else f"not {name}" for label in has.values()]
    return Labels(cells.replace_strict(list(has), said, default=None, return_dtype=pl.String))


def _sets_are_classes(column: str, sets: int, between: str) -> str:
    return (
        f"Cells of column '{column}' hold several labels {between}: each of the {sets} sets of labels is read as a "
        "class of its own. To audit one label as yes or no instead, pass --label-is NAME (label_is in audit.toml)."
    )


def _slips(column: str, several: int, between: str) -> str:
    return (
        f"{several:,} cells of column '{column}' hold several labels {between}, and the others one: each such set is "
        "read as a class of its own. To audit one label as yes or no instead, pass --label-is NAME."
    )


def _no_classes(
    column: str, read: Mapping[str, Cell], rows: Mapping[str, int], sets: Mapping[str, int], between: str
) -> str:
    labels = {label for labels in read.values() for label in labels}
    small = sum(size < MIN_ROWS_OF_A_SET for size in sets.values())
    listed = ", ".join(f"'{name}' ({size:,} rows)" for name, size in _nameable(read, rows).most_common(_LISTED))
    named = f"; the commonest: {listed}" if listed else ""
    return (
        f"Cells of column '{column}' hold several labels {between}: {len(labels):,} labels make {len(sets):,} sets, of "
        f"which {small:,} have fewer than {MIN_ROWS_OF_A_SET} rows, too few for a class each. Audit one label as yes "
        f"or no with --label-is NAME{named}."
    )


def _nameable(read: Mapping[str, Cell], rows: Mapping[str, int]) -> Counter[str]:
    """The labels that a sentence may name, with their rows: enough records share them."""
    counts: Counter[str] = Counter()
    for text, labels in read.items():
        counts.update(dict.fromkeys(labels, rows[text]))
    return Counter({name: size for name, size in counts.items() if size >= CLASS_SHARED_BY})


def one_hot(columns: Sequence[str]) -> str:
    """SQL for the names of the ``columns`` in which a row has 1, as a JSON list; a row without any has "none"."""
    # Fields of one object, such as `cats.Coding`, are called as they are inside it.
    inside = len({name.rpartition(".")[0] for name in columns}) == 1
    named = ", ".join(
        f"CASE WHEN lower(trim({quoted(name)}::VARCHAR)) IN ('1', '1.0', 'true') "
        f"THEN {literal(name.rpartition('.')[2] if inside else name)} END"
        for name in columns
    )
    chosen = f"list_filter([{named}], lambda each: each IS NOT NULL)"
    return f"to_json(CASE WHEN len({chosen}) = 0 THEN ['none'] ELSE {chosen} END)::VARCHAR"
