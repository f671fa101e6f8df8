"""Where the column names of delimited text stand, judged by how the lines below them look. Pure."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = list[str]
# Fewer lines than these do not show what a column holds.
_FEW_LINES = 10
_PROSE_WORDS = 8
# So far below zero at least two columns of dates, numbers or ids hold a word instead.
_CLEARLY_NAMES = -4
_MOST_MORE_LINES = 3
# What columns are called: where no such word is a value below it, it is a name.
_FIELDS = {
    "text", "label", "labels", "category", "class", "type", "intent", "topic", "reason", "note", "notes",
    "description", "comment", "comments", "message", "body", "subject", "title", "summary", "content", "date", "time",
    "timestamp", "created", "updated", "id", "key", "number", "name", "status", "code", "group", "queue", "priority",
    "response", "answer", "question", "agent", "user",
}  # fmt: skip
_SURVEY_PARTS = {"response", "open-ended response"}


class Place(NamedTuple):
    """Places in the list of lines: of the names, and of the first record."""

    names: int
    records: int


def place_names(lines: Sequence[Row]) -> Place:
    """The first line that is as wide and as filled as the lines below it, and where the lines that go on with it end.

    Above it stand titles or groups of columns; below it survey tools write the questions and their own ids.
    """
    filled = [place for place, line in enumerate(lines) if any(cell.strip() for cell in line)]
    width = usual_width(lines)
    names = next((place for place in filled if not _is_above(lines[place], width)), filled[0])
    below = [place for place in filled if place > names]
    return Place(names, _first_record(lines, below, names))


def usual_width(lines: Sequence[Row]) -> int:
    """The number of cells that most lines have, blank lines aside."""
    widths = Counter(len(line) for line in lines if line)
    return max(widths, key=lambda width: (widths[width], width))


def looks_like_record(names: Row, records: Sequence[Row]) -> bool:
    """Whether the line of names holds what the lines below it hold: a class among theirs, a date, an id, prose."""
    numbered = [str(place) for place in range(len(names))]
    if names in (numbered, ["", *numbered[:-1]], [str(place + 1) for place in range(len(names))]):
        return False
    return _likeness(names, records) > 0


def _is_above(line: Row, width: int) -> bool:
    if width < 2:
        return False
    filled = sum(bool(cell.strip()) for cell in line)
    return len(line) <= width / 2 or (width > 2 and filled <= width / 2)


def _first_record(lines: Sequence[Row], below: Sequence[int], names: int) -> int:
    """Where the lines end that are no records although they stand below the names."""
    after = names + 1
    records = [lines[place] for place in below[_MOST_MORE_LINES:]]
    for place in below[:_MOST_MORE_LINES]:
        cells = [cell.strip() for cell in lines[place] if cell.strip()]
        if all(cell.startswith('{"ImportId"') for cell in cells) or all(re.fullmatch("[-=]+", c) for c in cells):
            after = place + 1
    for place in below[:_MOST_MORE_LINES]:
        if place != after:
            continue
        folded = {cell.strip().casefold() for cell in lines[place]}
        names_go_on = bool(folded & _SURVEY_PARTS) and lines[place] not in records
        unlike = len(records) >= _FEW_LINES and _likeness(lines[place], records) <= _CLEARLY_NAMES
        if names_go_on or unlike:
            after = place + 1
    return after


def _likeness(cells: Row, records: Sequence[Row]) -> int:
    """Above zero where the cells look like values of their columns, below it where they look like names."""
    total = 0
    for place, raw in enumerate(cells):
        values = [record[place].strip() for record in records if place < len(record) and record[place].strip()]
        if raw.strip() and values:
            total += _cell(raw.strip(), values)
    return total


def _cell(cell: str, values: Sequence[str]) -> int:
    counts, shapes = Counter(values), Counter(map(_shape, values))
    shape, often = shapes.most_common(1)[0]
    said = set(re.findall(r"[a-z]+", cell.casefold()))
    named = -2 if said & _FIELDS and len(said) <= 3 and cell not in counts else 0
    if "9" in shape and often >= 0.9 * len(values):
        return named + (2 if _shape(cell) == shape else -2)
    if len(values) >= _FEW_LINES and len(counts) <= len(values) / 2:
        return named + (2 if counts[cell] > 1 else -1)
    words, usual = len(cell.split()), median(len(value.split()) for value in values)
    if usual < _PROSE_WORDS:
        return named + (2 if counts[cell] > 1 else 0)
    if words >= _PROSE_WORDS:
        # A survey's question is as long as its answers.
        return 0 if cell.endswith(("?", ":", "*")) else 2
    return named - (words <= 3)


def _shape(value: str) -> str:
    """Digits and letters as one sign for each run: dates and ids of one kind have one shape."""
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?", value):
        return "9"
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value))
