"""Names of classes that are paths in a tree, such as ``Billing > Late > Plan`` or ``F32.1``, cut at a level. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from auditor.errors import ConfigError
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

# In order: the first that makes a tree. The last one divides codes only, such as those of ICD.
_MARKS = (">>", "->", "→", "›", "»", ">", "::", "|", "\\", "/", ".")
_CODE = re.compile(r"[A-Za-z]{0,4}\d[\w]*(\.\w+)*")
# Whole and half points of a scale.
_RATING = re.compile(r"\d{1,2}\.[05]0*")
_LEVEL_WORDS = re.compile(r"sub|parent|main|top|level|lvl|detail(ed)?|[\W_\d]")
# House rules: so many of the names are paths, and so many of those share their first parts with another.
_PATHS, _SHARED = 0.8, 0.5
_FEWEST = 3
_MOST_NAMES = 20_000


class Levels(NamedTuple):
    """``mark`` divides the parts of a name; ``classes`` are how many there are on each level, the last one whole."""

    mark: str
    classes: tuple[int, ...]

    @property
    def depth(self) -> int:
        return len(self.classes)

    def cut(self, name: str, level: int) -> str:
        """The first ``level`` parts of a name, as they are written."""
        parts = _parts(name, self.mark)
        if len(parts) <= level:
            return name
        around = " " if f" {self.mark} " in name else ""
        return f"{around}{self.mark}{around}".join(parts[:level])


def levels_of(names: Collection[str]) -> Levels | None:
    """The levels of the tree whose paths the different ``names`` of classes are; None where they are none.

    A level of one class, or one on which no two names meet, makes no tree.
    """
    if not _FEWEST <= len(names) <= _MOST_NAMES:
        return None
    for mark in _MARKS:
        if mark == "." and (not all(map(_CODE.fullmatch, names)) or all(map(_RATING.fullmatch, names))):
            continue
        paths = {name: _parts(name, mark) for name in names}
        several = [parts for parts in paths.values() if len(parts) > 1]
        if len(several) < _PATHS * len(names):
            continue
        families = Counter(tuple(parts[:-1]) for parts in several)
        shared = sum(families[tuple(parts[:-1])] > 1 for parts in several)
        depth = max(map(len, several))
        found = Levels(mark, ())
        classes = tuple(len({found.cut(name, level).strip() for name in names}) for level in range(1, depth + 1))
        if shared >= _SHARED * len(several) and any(1 < count < len(names) for count in classes):
            return Levels(mark, classes)
    return None


def at_level(labels: pl.Series, column: str, level: int | None) -> tuple[pl.Series, tuple[Notice, ...]]:
    """The ``labels`` cut at a ``level`` (from 1); without one, whole, and what is said of a tree.

    Raises:
        ConfigError: the names have no such level.

    """
    names = labels.drop_nulls().unique(maintain_order=True).to_list()
    levels = levels_of(names)
    if level is None:
        return labels, () if levels is None else (Notice(_said(column, levels)),)
    if levels is None:
        raise ConfigError(
            f"The names in column '{column}' are no paths such as A > B or F32.1, so that --label-level has no "
            "level to take. Leave it out, or name the column of the level with --label."
        )
    if level > levels.depth:
        raise ConfigError(
            f"The names in column '{column}' have {levels.depth} levels; --label-level {level} is not one of them."
        )
    cut = {name: levels.cut(name, level) for name in names}
    return labels.replace_strict(list(cut), list(cut.values()), default=None, return_dtype=labels.dtype), ()


def same_tree(one: str, other: str) -> bool:
    """Whether the names of two columns say that they hold levels of one tree, as ``category`` and ``sub_category``."""
    return one != other and _stem(one) == _stem(other)


def beside(label: str, levels: Collection[tuple[str, int]], classes: int) -> tuple[Notice, ...]:
    """What is said of the columns, with the number of their values, that hold other levels of the tree of ``label``."""
    return tuple(
        Notice(
            f"Column '{name}' holds a level {'above' if count < classes else 'below'} '{label}' ({count:,} classes "
            f"beside {classes:,}): it says more of the label than of the record and is left out. "
            f"--label '{name}' audits it."
        )
        for name, count in levels
    )


def _stem(name: str) -> str:
    return _LEVEL_WORDS.sub("", name.lower())


def _parts(name: str, mark: str) -> list[str]:
    return [part.strip() for part in name.split(mark)]


def _said(column: str, levels: Levels) -> str:
    counted = ", ".join(f"level {place} has {count:,}" for place, count in enumerate(levels.classes, 1))
    return (
        f"The names in column '{column}' are paths in a tree, divided by '{levels.mark}' ({counted} classes): the "
        "whole path is the class. --label-level N (label_level in audit.toml) audits a level above."
    )
