"""How a file of delimited text is written: its delimiter, its column names and where its records start."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from auditor.errors import ConfigError, InputError
from auditor.inputs.encoding import HEAD_BYTES, not_utf8, opened
from auditor.inputs.files import extension
from auditor.inputs.header import Place, looks_like_record, place_names, usual_width
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from auditor.config import Read
    from auditor.inputs.header import Row

SPELLED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")
# Signs that may divide columns where no usual delimiter does, and those that no prose holds.
_ODD, _RARE = r"[^\w\s\"'.,;()-]", r"[~^§¦¬¶¤‖]"
_LINE_END = re.compile(r"\r\n|\r|\n")
_EXCEL = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
_HEAD_LINES = 2_000
# A delimiter cuts nearly all lines into as many cells; a mark that texts hold does not.
_ALIKE = 0.8


class Layout(NamedTuple):
    """How a file is written. ``names`` and ``records`` are places in the list of its lines, blank ones included: of the
    column names (None where there are none) and of the first record, once ``skip`` lines are passed over. ``raw`` are
    the names as they are written. ``plain`` says that nothing but blank lines stands around names and records.
    """

    delimiter: str
    columns: tuple[str, ...]
    raw: tuple[str, ...]
    names: int | None
    records: int
    plain: bool
    skip: int = 0
    notices: tuple[Notice, ...] = ()


def layout_of(file: Path, text: Path, read: Read) -> Layout:
    """The layout of ``file``, whose characters stand in ``text``.

    Raises:
        ConfigError: it seems to be divided by a sign that is no usual delimiter.
        InputError: it has no line of column names.

    """
    head = _head(file, text)
    if re.match(r"\s*(\{\s*\"|\[\s*\{\s*\")", head):
        raise InputError(f"'{file}' is JSON, not delimited text. Rename it to .jsonl or .json.")
    if read.header:
        return _as_told(file, head, read.header, read.delimiter)
    excel = _EXCEL.match(head)
    first = 1 if excel else 0
    delimiter = read.delimiter or (str(excel[1]) if excel else _delimiter(head, file))
    starts, lines = _lines(head, delimiter)
    if not any(any(cell.strip() for cell in line) for line in lines[first:]):
        raise InputError(f"The first line of '{file}' is not a header. Export it with column names.")
    if read.header == 0:
        return _nameless(delimiter, lines)
    if len([line for line in lines if line]) == 1 and any(_LINE_END.search(cell) for cell in lines[-1]):
        raise InputError(
            f"Line {starts[-1]} of '{file}' opens a quote that nothing closes. Close it, or name the line of the "
            "column names below it with [read] header."
        )
    place = place_names(lines[first:])
    names, records = place.names + first, place.records + first
    if looks_like_record(lines[names], [line for line in lines[records:] if line]):
        line = "The first line" if names == 0 else f"Line {starts[names]}, the first with so many values,"
        raise InputError(
            f"{line} in '{file}' looks like a record, not like column names. Add a line of names, or set "
            f"[read] header = 0 (the columns are then column1, column2 and so on); header = {starts[names]} says that "
            "these are the names."
        )
    notices = _notices(file, starts, lines[:first], lines, Place(names, records))
    columns = distinct(lines[names])
    blank_above = not any(lines[:names])
    plain = blank_above and records == names + 1
    return Layout(delimiter, columns, tuple(lines[names]), names, records, plain, notices=notices)


def _nameless(delimiter: str, lines: Sequence[Row]) -> Layout:
    first = next(place for place, line in enumerate(lines) if line)
    columns = tuple(f"column{place + 1}" for place in range(usual_width(lines)))
    return Layout(delimiter, columns, (), None, first, plain=False)


def _as_told(file: Path, head: str, header: int, delimiter: str | None) -> Layout:
    """What stands above the names may hold quotes that nothing closes: its lines are passed over unread."""
    below = io.StringIO(head, newline="")
    for _ in range(header - 1):
        if not below.readline():
            break
    rest = below.read()
    delimiter = delimiter or (_delimiter(rest, file) if rest.strip() else ",")
    _, lines = _lines(rest, delimiter)
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise InputError(f"'{file}' has no column names on line {header}, where [read] header says that they are.")
    return Layout(delimiter, distinct(lines[0]), tuple(lines[0]), 0, 1, header == 1, header - 1)


def _notices(
    file: Path, starts: Sequence[int], excel: Sequence[Row], lines: Sequence[Row], place: Place
) -> tuple[Notice, ...]:
    found = []
    names, line = place.names, starts[place.names]
    if above := sum(1 for row in lines[len(excel) : names] if row):
        left = "the line above is" if above == 1 else f"the {above} lines above are"
        found.append(
            f"The column names of '{file.name}' are on line {line}, and {left} left out; [read] header = {line} "
            "confirms it."
        )
    if below := sum(1 for row in lines[names + 1 : place.records] if row):
        some, left = (
            ("One line", "belongs to them and is") if below == 1 else (f"{below} lines", "belong to them and are")
        )
        found.append(
            f"{some} under the column names of '{file.name}' {left} left out; "
            f"[read] header = {line} reads every line below the names as a record."
        )
    return tuple(Notice(text) for text in found)


def _head(file: Path, text: Path) -> str:
    """The first lines, whole ones unless the file has but one."""
    with opened(text) as stream:
        head = stream.read(HEAD_BYTES)
    cut = len(head) == HEAD_BYTES
    if cut and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if cut and error.start >= len(head) - 3:
            return head[: error.start].decode("utf-8-sig")
        raise not_utf8(file) from None


def _lines(head: str, delimiter: str, most: int = _HEAD_LINES) -> tuple[list[int], list[Row]]:
    """The lines as they are read, and the number of the line in the file on which each starts."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    starts, lines, before = [], [], 0
    try:
        for line in islice(reader, most):
            starts.append(before + 1)
            lines.append(line)
            before = reader.line_num
    except csv.Error:
        pass
    return starts, lines


def _delimiter(head: str, file: Path) -> str:
    """The candidate that cuts most lines into as many cells, the more the better."""
    text = head.strip("\r\n")
    first = _LINE_END.split(text, maxsplit=1)[0]
    if extension(file) == ".tsv" and "\t" in first:
        return "\t"
    marks: list[str] = [*SPELLED, *sorted(set(_CONTROL.findall(first)))]
    best = max(marks, key=lambda mark: _fit(text, mark))
    _, cuts_names, width = _fit(text, best)
    odd = _odd_mark(text, _ODD if width == 1 else _RARE) if width == 1 or not cuts_names else None
    if odd:
        raise ConfigError(
            f"'{file}' has one column by the usual delimiters; '{odd}' (U+{ord(odd):04X}) stands equally often in its "
            f'lines. If it divides the columns, set [read] delimiter = "{odd}"; if not, set [read] delimiter = ",".'
        )
    return best


def _fit(text: str, mark: str) -> tuple[bool, bool, int]:
    """Whether ``mark`` cuts most lines into as many cells, whether the first line too, and how many."""
    lines = [line for line in _lines(text, mark, 200)[1] if line]
    width = usual_width(lines) if lines else 1
    alike = sum(len(line) == width for line in lines)
    if width > 1 and alike >= _ALIKE * len(lines):
        return True, len(lines[0]) == width, width
    return False, False, len(lines[0]) if lines else 1


def _odd_mark(text: str, signs: str) -> str | None:
    """One of the ``signs`` that stands in every line, as often in each."""
    lines = [line for line in _LINE_END.split(text, maxsplit=50)[:50] if line.strip()]
    counts: list[Counter[str]] = [Counter(re.findall(signs, line)) for line in lines]
    for mark, often in counts[0].most_common() if len(lines) > 1 else ():
        if sum(count[mark] == often for count in counts) >= _ALIKE * len(lines):
            return mark
    return None


def distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks or repeats; DuckDB takes names that differ in case for repeats."""
    names: list[str] = []
    seen: set[str] = set()
    for position, raw in enumerate(header):
        stem = raw.strip().replace("\r\n", "\n") or f"column{position}"
        name, again = stem, 0
        while name.casefold() in seen:
            again += 1
            name = f"{stem}_{again}"
        seen.add(name.casefold())
        names.append(name)
    return tuple(names)
