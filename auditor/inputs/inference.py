"""Which column plays which role, judged from names and contents. Pure: statistics in, choices out."""

from __future__ import annotations

import re
from collections import Counter
from math import log2, log10
from typing import TYPE_CHECKING, NamedTuple

from auditor.inputs.column_names import (
    ANNOTATORS,
    CODE_NAMES,
    ENTITY_NAMES,
    ID_NAMES,
    LABEL_NAMES,
    SPLIT_NAMES,
    SPLITS,
    TEXT_NAMES,
    TIME_NAMES,
    TRUTH_NAMES,
    USUAL,
    name_score,
    says,
)
from auditor.inputs.columns import Column, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

MAX_CLASSES = 1_000
MAX_SEGMENT_VALUES = 200
MAX_SEGMENTS = 12
MAX_NUMERIC = 20

_FLAGS: tuple[set[str], ...] = ({"0", "1"}, {"0.0", "1.0"}, {"true", "false"})
# House rules. Columns whose scores lie so near are not told apart by a guess; one of a numbered series, such as tag_3,
# is a part of something and seldom the label.
CLOSE = 0.5
ONE_OF_SERIES = 3.0
# A patient, an account, a claim: so many of them, so many records of each on average, and at most so many in all of
# the columns tried (house rules, 2026: fewer are sources, and each costs two trainings on a sample).
MIN_ENTITIES, RECORDS_OF_EACH, MAX_ENTITY_COLUMNS = 30, (1.5, 50.0), 2
# Lists of several, such as tags, are seldom the label where another column might be.
SEVERAL_IN_A_CELL = 3.0
_AMOUNT = re.compile(r"\d+,\d+")
_NUMBERED = re.compile(r"[\W_]*\d+$")


class Pick(NamedTuple):
    """A column for a role, and the reason in plain words."""

    column: Column
    reason: str


def infer_text(columns: Iterable[Column]) -> Pick | None:
    """The longest, most varied prose."""
    return _best(columns, *_SCORED["text"])


def rivals(role: str, columns: Collection[Column]) -> tuple[Pick, ...]:
    """The columns, the likeliest first, of which no one stands out as the ``role``; empty where one does."""
    score, reason = _SCORED[role]
    ranked = _ranked(columns, score)
    if not ranked:
        return ()
    best = ranked[0][0]
    near = tuple(Pick(column, reason(column)) for value, column in ranked if value >= best - CLOSE)
    return near if len(near) > 1 or best <= 0 else ()


def _ranked(columns: Collection[Column], score: Callable[[Column], float | None]) -> list[tuple[float, Column]]:
    """The columns that have a score, with it, the highest first."""
    series = _series(columns)
    scored = [
        (value - ONE_OF_SERIES * (column.name in series), column)
        for column in columns
        if (value := score(column)) is not None
    ]
    return sorted(scored, key=lambda pair: -pair[0])


def _series(columns: Iterable[Column]) -> set[str]:
    """Names that differ in a number at their end: ``tag_1`` and ``tag_2``, ``Labels`` and ``Labels_1``."""
    names = [column.name for column in columns]
    stems = Counter(_NUMBERED.sub("", name) for name in names)
    return {name for name in names if stems[_NUMBERED.sub("", name)] > 1}


def coded_text(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Where an export has no prose: the columns whose codes and categories describe a record together."""
    return tuple(
        column
        for column in columns
        if column.wordy and 2 <= column.distinct <= MAX_CLASSES and column.distinct_share <= 0.5
        and not says(column, TRUTH_NAMES) and column.date_share < 0.8
    )  # fmt: skip


def infer_label(columns: Iterable[Column]) -> Pick | None:
    """Few enough values, repeated often enough, under a name that sounds like a label."""
    return _best(columns, *_SCORED["label"])


def usual_name(column: Column) -> bool:
    """Whether columns are called so: one word or several joined, of which one says what a column holds."""
    return len(column.name.split()) == 1 and says(column, USUAL)


def named_label(column: Column) -> bool:
    """Whether its name alone says that it is a label."""
    return name_score(column, LABEL_NAMES) >= 1


def infer_time(columns: Iterable[Column]) -> Pick | None:
    """The date of a record; numbers count as dates only under a name that says so."""
    return _best(columns, _time_score, lambda c: f"{_share(c.date_share)} read as dates")


def infer_id(columns: Iterable[Column]) -> Pick | None:
    """A value of its own for every record."""
    return _best(columns, _id_score, lambda c: f"{_share(c.distinct_share)} distinct")


def infer_annotator(columns: Iterable[Column]) -> Pick | None:
    """Who gave the label; only a name can tell."""
    return _best(columns, _annotator_score, lambda c: f"{c.distinct:,} people, by its name")


def infer_split(columns: Iterable[Column]) -> Pick | None:
    """A column of that name with nothing in it but train, test and the like."""
    return _best(columns, _split_score, lambda c: f"{c.distinct:,} parts, by its name")


def infer_segments(columns: Iterable[Column]) -> tuple[Pick, ...]:
    """Columns that divide the records into groups worth comparing, the best filled first."""
    fitting = [column for column in columns if _segment_fits(column)]
    fitting.sort(key=lambda column: -round(column.coverage, 1))
    return tuple(Pick(column, f"{column.distinct:,} values") for column in fitting[:MAX_SEGMENTS])


def flags(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Columns of 0 and 1, as where every label has its own; fewer than three are switches and no taxonomy."""
    found = tuple(
        column
        for column in columns
        if column.distinct == 2 and column.coverage == 1 and {value.lower() for value in column.sample} in _FLAGS
    )
    return found if len(found) >= 3 else ()


def numeric_columns(columns: Iterable[Column]) -> tuple[str, ...]:
    """Quantities, such as an amount; numbers that name something are left out."""
    return tuple(column.name for column in columns if column.numeric and column.filled and not says(column, ID_NAMES))[
        :MAX_NUMERIC
    ]


def entity_columns(columns: Iterable[Column]) -> tuple[str, ...]:
    """Columns whose values repeat as those of patients or accounts do, the likeliest first by their names.

    Nothing is kept together because of it: whoever knows the export says so.
    """
    found = [column for column in columns if _entity_fits(column)]
    found.sort(key=lambda column: (not says(column, ENTITY_NAMES), -column.distinct))
    return tuple(column.name for column in found[:MAX_ENTITY_COLUMNS])


def _entity_fits(column: Column) -> bool:
    if column.sort not in (Sort.TEXT, Sort.NUMBER) or column.words > 3 or not column.distinct:
        return False
    if (column.numeric and not says(column, ENTITY_NAMES)) or column.date_share > 0.8 or column.coverage < 0.5:
        return False
    low, high = RECORDS_OF_EACH
    return column.distinct >= MIN_ENTITIES and low <= column.filled / column.distinct <= high


def _best(
    columns: Iterable[Column], score: Callable[[Column], float | None], reason: Callable[[Column], str]
) -> Pick | None:
    ranked = _ranked(tuple(columns), score)
    return Pick(ranked[0][1], reason(ranked[0][1])) if ranked else None


def _text_score(column: Column) -> float | None:
    if column.sort is not Sort.TEXT or column.numeric or column.date_share > 0.8 or not column.filled:
        return None
    named = name_score(column, TEXT_NAMES)
    prose = column.words >= 3 and column.distinct_share >= 0.2
    varied = column.distinct_share >= 0.2 or column.distinct > MAX_SEGMENT_VALUES
    short_prose = named >= 2 and column.words >= 1.5 and varied
    if not (prose or short_prose) or says(column, TRUTH_NAMES):
        return None
    return log2(1 + column.words) * column.distinct_share * column.coverage + named / 2


def _label_score(column: Column) -> float | None:
    named = name_score(column, LABEL_NAMES)
    stringlike = column.wordy and column.sort is Sort.TEXT
    if not stringlike and named < 2:
        return None
    if not 2 <= column.distinct <= MAX_CLASSES or column.distinct_share > 0.5 or column.words > 15:
        return None
    if column.sort is Sort.TIME or (stringlike and column.date_share > 0.8) or _split_score(column):
        return None
    repeats = min(log10(column.filled / column.distinct), 3.0) / 3
    spread = 0.5 if column.distinct >= 3 else 0.0
    not_the_label = says(column, TRUTH_NAMES | ANNOTATORS)
    score = named + 2 * column.coverage - 1 + repeats + spread - (4.0 if not_the_label else 0.0)
    return score - (SEVERAL_IN_A_CELL if _holds_lists(column) else 0.0)


def _holds_lists(column: Column) -> bool:
    return column.sort is Sort.NESTED and any("," in value for value in column.sample)


def _time_score(column: Column) -> float | None:
    named = name_score(column, TIME_NAMES)
    # Under a name of a date a part may be no dates; how many is said.
    needed = 0.5 if named >= 2 and not column.numeric else 0.8
    if column.sort is Sort.BOOLEAN or column.date_share < needed or not column.filled:
        return None
    if _counts(column) and named < 1:
        return None
    typed = 1.0 if column.sort is Sort.TIME else 0.0
    finer = 0.5 if column.distinct > 24 else 0.0
    return named + typed + finer + column.coverage


def _id_score(column: Column) -> float | None:
    named = name_score(column, ID_NAMES)
    needed = 0.9 if named else 0.999
    if column.sort not in (Sort.TEXT, Sort.NUMBER) or min(column.distinct_share, column.coverage) < needed:
        return None
    if column.words > 2 or column.rows < 2 or (_counts(column) and not named):
        return None
    return named + column.distinct_share


def _counts(column: Column) -> bool:
    """Whether it holds quantities, those with a decimal comma too."""
    return column.numeric or (bool(column.sample) and all(_AMOUNT.fullmatch(value) for value in column.sample))


def _annotator_score(column: Column) -> float | None:
    if not says(column, ANNOTATORS) or column.sort not in (Sort.TEXT, Sort.NUMBER) or column.words > 4:
        return None
    if column.distinct < 2 or column.distinct_share > 0.5 or column.date_share > 0.8:
        return None
    return column.coverage


def _split_score(column: Column) -> float | None:
    parts = [set(value.lower().replace("-", "_").split("_")) for value in column.sample]
    if not says(column, SPLIT_NAMES) or not parts or not all(part & SPLITS for part in parts):
        return None
    return column.coverage


def _segment_fits(column: Column) -> bool:
    coded = column.numeric and says(column, CODE_NAMES) and column.sort in (Sort.TEXT, Sort.NUMBER)
    if not (column.wordy or coded) or column.words > 15 or says(column, TRUTH_NAMES):
        return False
    if column.date_share > 0.8 and not coded:
        return False
    return 2 <= column.distinct <= MAX_SEGMENT_VALUES and column.distinct_share <= 0.5


def _words(column: Column) -> str:
    return f"average {column.words:.0f} words"


def _share(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


_SCORED: Mapping[str, tuple[Callable[[Column], float | None], Callable[[Column], str]]] = {
    "text": (_text_score, lambda c: f"{_words(c)}, {_share(c.distinct_share)} distinct"),
    "label": (_label_score, lambda c: f"{c.distinct:,} classes in {c.filled:,} rows"),
}
# In this order, and each takes its column away from the rest: text is the surest, an id the least telling.
INFER: Mapping[str, Callable[[Iterable[Column]], Pick | None]] = {
    "text": infer_text,
    "label": infer_label,
    "split": infer_split,
    "annotator": infer_annotator,
    "time": infer_time,
    "id": infer_id,
}
