"""Delimited text whose quotes, marks or ruled lines are not those of RFC 4180, written anew as it has them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from auditor.inputs.encoding import HEAD_BYTES, not_utf8, opened
from auditor.model import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LINES = 2_000
_MOSTLY = 0.95
_USUAL, _NOT_DRAWN = ",;\t|", ",;\t"
# Spark, Hive and MySQL write \" for a quote inside quotes and \\ for a backslash.
_ESCAPED = re.compile(r'\\(["\\])')
_ESCAPED_QUOTE = re.compile(r'\\"[^\r\n"]')
_RULE = re.compile(r"[-+|=:\s]*-{3,}[-+|=:\s]*")
_SINGLE = re.compile(r"'.*'([,;\t|]\s*'.*')+")
_SEVERAL = re.compile(r"[^\w\s\"'.,;()-]{2,3}")
_UNIT = "\x1f"


class _Way(NamedTuple):
    """How each line is written anew, and what is said of it."""

    line: Callable[[str], str]
    said: str


def usual(file: Path, text: Path, copy: Path) -> tuple[Path, tuple[Notice, ...]]:
    """The ``text`` of ``file`` itself where its values are quoted as usual, else at ``copy`` as RFC 4180 has it.

    Lines keep their numbers.

    Raises:
        InputError: the text is not UTF-8.

    """
    way = _way(_head(text))
    if way is None:
        return text, ()
    copy.parent.mkdir(parents=True, exist_ok=True)
    with opened(text) as stream, copy.open("w", encoding="utf-8", newline="") as out:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            out.writelines(way.line(line) for line in lines)
        except UnicodeDecodeError:
            raise not_utf8(file) from None
    return copy, (Notice(way.said.format(file.name)),)


def _way(head: str) -> _Way | None:
    lines = [line for line in head.splitlines()[:_LINES] if line.strip()]
    if len(lines) < 2:
        return None
    if _ruled(lines) and not _reads(head, _NOT_DRAWN):
        return _Way(_without_rules, "The table in '{}' is drawn with lines, which are left out.")
    if _share(lines, lambda line: _SINGLE.fullmatch(line) is not None) and _SINGLE.fullmatch(lines[0]):
        return _Way(_from_single, "The values of '{}' stand between single quotes, which are left out.")
    if _ESCAPED_QUOTE.search(head) and not _reads(head) and _reads(_ESCAPED.sub(_standard, head)):
        return _Way(lambda line: _ESCAPED.sub(_standard, line), "Quotes inside the values of '{}' are written as \\\".")
    tabs = lines[0].count("\t")
    if tabs and '"' in head and not _reads(head) and all(line.count("\t") == tabs for line in lines):
        return _Way(_all_quoted, "The values of '{}' are not quoted: a quote in them is read as it stands.")
    if (mark := _several_signs(lines)) and ("|" in mark or not _reads(head)):
        return _Way(lambda line: line.replace(mark, _UNIT), f"The columns of '{{}}' are divided by '{mark}'.")
    return None


def _head(text: Path) -> str:
    with opened(text) as stream:
        head = stream.read(HEAD_BYTES)
    cut = head[: head.rindex(b"\n") + 1] if len(head) == HEAD_BYTES and b"\n" in head else head
    # What is no UTF-8 is refused where the layout is read.
    return cut.decode("utf-8-sig", errors="replace")


def _share(lines: Iterable[str], found: Callable[[str], bool]) -> bool:
    kept = [found(line) for line in lines]
    return sum(kept) >= _MOSTLY * len(kept)


def _reads(head: str, marks: str = _USUAL) -> bool:
    """Whether one of the ``marks`` cuts nearly all lines, the first too, into as many values, without a stray quote."""
    return any(_alike(head, mark) for mark in marks)


def _alike(head: str, mark: str) -> bool:
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=mark, strict=True)
    widths: list[int] = []
    try:
        widths = [len(row) for row, _ in zip(rows, range(_LINES), strict=False) if row]
    except csv.Error as error:
        # A value of several lines may be cut at the end of the head.
        if "unexpected end of data" not in str(error):
            return False
    return bool(widths) and widths[0] > 1 and widths.count(widths[0]) >= _MOSTLY * len(widths)


def _ruled(lines: list[str]) -> bool:
    """Tables as psql, sqlcmd, MySQL, SAP and Markdown draw them: bars between the cells, a rule under the names."""
    rest = [line for line in lines if not _RULE.fullmatch(line)]
    return (
        any(map(_RULE.fullmatch, lines[:3])) and len(rest) > 1 and _share(rest[:-2] or rest, lambda line: "|" in line)
    )


def _without_rules(line: str) -> str:
    inner = line.strip()
    if _RULE.fullmatch(inner):
        return "\n"
    if "|" not in inner:
        return line
    inner = inner.removeprefix("|").removesuffix("|")
    return _written(cell.strip() for cell in inner.split("|"))


def _from_single(line: str) -> str:
    if not line.strip():
        return line
    mark = next((mark for mark in _USUAL if f"'{mark}" in line), ",")
    return _written(next(csv.reader([line], delimiter=mark, quotechar="'", skipinitialspace=True)))


def _standard(found: re.Match[str]) -> str:
    return '""' if found[1] == '"' else "\\"


def _all_quoted(line: str) -> str:
    text = line.rstrip("\r\n")
    return _written(text.split("\t"), "\t") if text else line


def _written(cells: Iterable[str], mark: str = ",") -> str:
    return mark.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _several_signs(lines: list[str]) -> str | None:
    """A mark of several signs, such as ``~|~``, that stands in each line as often."""
    counts: Iterator[Counter[str]] = (Counter(_SEVERAL.findall(line)) for line in lines)
    first = next(counts)
    rest = list(counts)
    for mark, often in first.most_common():
        if sum(count[mark] == often for count in rest) >= _MOSTLY * len(rest):
            return mark
    return None
