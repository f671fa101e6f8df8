"""Where the column names of delimited text stand, judged by how the lines below them look. Pure."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = list[str]
# Fewer lines than these do not show what a column holds.
_FEW_LINES = 10
_PROSE_WORDS = 8
_FEW_WORDS = 3
_MOSTLY = 0.9
# A cell that is no date, number or id in a column of them; in two columns it is no slip.
_OTHER_KIND = -2
_OTHER_KINDS = 2
_MOST_MORE_LINES = 3
# What columns are called: where no such word is a value below it, it is a name.
_FIELDS = {
    "text", "label", "labels", "category", "class", "type", "intent", "topic", "reason", "note", "notes",
    "description", "comment", "comments", "message", "body", "subject", "title", "summary", "content", "date", "time",
    "timestamp", "created", "updated", "id", "key", "number", "name", "status", "code", "group", "queue", "priority",
    "response", "answer", "question", "agent", "user",
}  # fmt: skip
# Stands for nothing, in a record as among names: it tells neither.
_NOTHING = {"-", "--", "[]", "{}", "null", "none", "nan", "n/a"}
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
    above = [place for place in filled if place < names and len(lines[place]) == width]
    records = [lines[place] for place in filled if place > names]
    if above and looks_like_record(lines[names], records):
        # Names of which most are left out; a record may lack as much.
        names = next((place for place in reversed(above) if not looks_like_record(lines[place], records)), above[0])
    below = [place for place in filled if place > names]
    return Place(names, _first_record(lines, below, names))


def usual_width(lines: Sequence[Row]) -> int:
    """The number of cells that most lines have, blank lines aside."""
    widths = Counter(len(line) for line in lines if line)
    return max(widths, key=lambda width: (widths[width], width))


def looks_like_record(names: Row, records: Sequence[Row]) -> bool:
    """Whether the line of names holds what the lines below it hold: a class among theirs, a date, an id, prose."""
    # Lines that repeat the names are no records.
    records = [record for record in records if record != names]
    numbered = [str(place) for place in range(len(names))]
    if names in (numbered, ["", *numbered[:-1]], [str(place + 1) for place in range(len(names))]):
        return False
    return sum(_cell(cell, values) + _named(cell, values) for cell, values in _over(names, records)) > 0


def _is_above(line: Row, width: int) -> bool:
    if width < 2:
        return False
    if line[0].startswith("#") and len(line) != width:
        return True
    filled = sum(bool(cell.strip()) for cell in line)
    return len(line) <= width / 2 or (width > 2 and filled <= width / 2)


def _first_record(lines: Sequence[Row], below: Sequence[int], names: int) -> int:
    """Where the lines end that are no records although they stand below the names."""
    after = names + 1
    records = [lines[place] for place in below[_MOST_MORE_LINES:]]
    for place in below[:_MOST_MORE_LINES]:
        cells = [cell.strip() for cell in lines[place] if cell.strip()]
        if all(cell.startswith('{"ImportId"') for cell in cells) or all(re.fullmatch(r"[-=+:\s]+", c) for c in cells):
            after = place + 1
    for place in below[:_MOST_MORE_LINES]:
        if place == after and (_survey(lines[place], records) or _unlike(lines[place], records)):
            after = place + 1
    return after


def _survey(line: Row, records: Sequence[Row]) -> bool:
    """Whether a survey tool says here which part of a question a column holds."""
    return not _SURVEY_PARTS.isdisjoint(cell.strip().casefold() for cell in line) and line not in records


def _unlike(line: Row, records: Sequence[Row]) -> bool:
    """Whether no cell fits its column, and columns of dates, numbers or ids hold a word here."""
    scores = [_cell(cell, values) for cell, values in _over(line, records)]
    return len(records) >= _FEW_LINES and max(scores, default=0) <= 0 and scores.count(_OTHER_KIND) >= _OTHER_KINDS


def _over(line: Row, records: Sequence[Row]) -> Iterator[tuple[str, list[str]]]:
    """The cells of a line that hold something, each with the filled cells of its column."""
    for place, raw in enumerate(line):
        values = [record[place].strip() for record in records if place < len(record) and record[place].strip()]
        if raw.strip() and raw.strip().casefold() not in _NOTHING and values:
            yield raw.strip(), values


def _named(cell: str, values: Sequence[str]) -> int:
    said = set(re.findall(r"[a-z]+", cell.casefold()))
    return -2 if said & _FIELDS and len(said) <= _FEW_WORDS and cell not in values else 0


def _cell(cell: str, values: Sequence[str]) -> int:
    """Above zero where a cell looks like the values of its column, below it where it looks like a name."""
    counts, shapes = Counter(values), Counter(map(_shape, values))
    shape, often = shapes.most_common(1)[0]
    if "9" in shape and often >= _MOSTLY * len(values):
        return 2 if _shape(cell) == shape else _OTHER_KIND
    if len(values) >= _FEW_LINES and len(counts) <= len(values) / 2:
        return 2 if counts[cell] > 1 else -1
    words, usual = len(cell.split()), median(len(value.split()) for value in values)
    if usual < _PROSE_WORDS:
        return 2 if counts[cell] > 1 else 0
    if words >= _PROSE_WORDS:
        # A survey's question is as long as its answers.
        return 0 if cell.endswith(("?", ":", "*")) else 2
    return -1 if words <= _FEW_WORDS else 0


def _shape(value: str) -> str:
    """Digits and letters as one sign for each run: dates and ids of one kind have one shape."""
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?", value):
        return "9"
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value))
