"""Odd exports at random, for hypothesis: tables of odd names and values, the files they are written as, and damage."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.exports import vocabulary

# No error may quote it, wherever it stands.
CANARY = "zebrafish"
WORDS = vocabulary(60)
MOST_ROWS = 40

ODD_TEXTS = (
    "", " ", "\t", "a", "0", "null", "NaN", "inf", "-", "'", '"', '""', ",", ";", "|", "\n", "\r\n", "\r", "\\", "\\N",
    "👍🏽", "🏳️‍🌈", "שלום עולם", "مرحبا \u202eabc", "e\u0301", "\ufeff", "\u200b", "\x00", "\x1b[31m", "\ud800",
    "ß", "İ", "ﬁ", "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "[/bold]", "{{ 7*7 }}", "'; DROP TABLE export; --",
    "%s", "{0}", "1e999", "-0", "١٢٣", "½", "a" * 5000, "word " * 500, "{}", "[]", '["a", "b"]', '{"a": 1}', "true",
    "A;B", "A, B", "A > B", "2024-02-30", "0000-00-00", "31.12.2024 24:00",
)  # fmt: skip
NAMES = (
    "text", "note", "label", "category", "time", "date", "id", "select", "from", "export", "row_id", "key", "usable",
    "records", "item", "count(*)", "a b", "a.b", "a'b", 'a"b', "a`b", "", " ", "a" * 300, "日本", "عمود", "👍",
    "\u202ex", "x\ny", "x\ty", "\x1b[31mred", "[/bold]", "<b>", "1", "-", "text:0", "segment:a", "numeric:b",
    "prediction", "NULL", "None", "rowid", "Label", "LABEL", "split", "weight", "=1", "%", "$c0", "?", "\ud800",
    "\x00", "ı", "İ",
)  # fmt: skip
SPELLINGS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%Y-%m-%dT%H:%M:%SZ",
    "%Y/%m/%d %H:%M:%S",
)  # fmt: skip
ENCODINGS = (
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1252",
    "shift_jis",
    "gb18030",
    "koi8-r",
)
EXTENSIONS = ("csv", "csv", "csv", "tsv", "txt", "jsonl", "json", "parquet", "parquet", "arrow", "xlsx", "db", "csv.gz")

# What XML cannot hold.
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Export:
    """A file to be, and the options of its audit."""

    name: str
    body: bytes
    options: Mapping[str, Any]

    def at(self, folder: Path) -> Path:
        """The file in ``folder``."""
        path = folder / self.name
        path.write_bytes(self.body)
        return path

    def __repr__(self) -> str:
        return f"Export({self.name!r}, {self.body[:2000]!r}, {dict(self.options)!r})"


odd_texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=20))
numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from([0, 1, float("inf"), float("-inf"), float("nan"), 1e308, 2**63, 45000, 1_700_000_000, 20240131]),
)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2026, 1, 1)) | st.datetimes()
values = st.one_of(
    odd_texts,
    numbers,
    st.booleans(),
    st.none(),
    moments,
    st.lists(odd_texts, max_size=3),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(NAMES), odd_texts | st.integers(), max_size=3),
)
# One seed stands for many plain values, so that hypothesis spends its choices on the odd ones.
chances = st.randoms(use_true_random=True)


def sentences(chance: Random, rows: int) -> list[Any]:
    return [" ".join([*chance.choices(WORDS, k=chance.randint(3, 12)), CANARY]) for _ in range(rows)]


@st.composite
def columns(draw: st.DrawFn, rows: int) -> list[Any]:
    """The values of a column: of one kind, with up to three odd ones among them."""
    chance = draw(chances)
    match draw(st.sampled_from(["few", "prose", "dates", "ids", "numbers", "moments", "few", "nested", "mixed"])):
        case "prose":
            made = sentences(chance, rows)
        case "dates":
            spelling, step = draw(st.sampled_from(SPELLINGS)), draw(st.integers(0, 40))
            made = [(date(2021, 1, 1) + timedelta(days=step * row)).strftime(spelling) for row in range(rows)]
        case "ids":
            made = [f"C{number:05}" for number in chance.sample(range(9 * rows + 9), rows)]
        case "numbers":
            few = draw(st.lists(numbers, min_size=1, max_size=3))
            made = [chance.choice([*few, chance.random(), chance.randint(0, 99)]) for _ in range(rows)]
        case "moments":
            first = draw(moments)
            made = [
                first.replace(year=max(1, min(9999, first.year + chance.randint(-2, 2))), day=1) for _ in range(rows)
            ]
        case "nested":
            kind = draw(st.sampled_from(["list", "object"]))
            few = draw(st.lists(odd_texts, min_size=1, max_size=3))
            made = [
                chance.choices(few, k=chance.randint(0, 3)) if kind == "list" else {"a": chance.choice(few), "b": row}
                for row in range(rows)
            ]
        case "mixed":
            made = chance.choices(draw(st.lists(values, min_size=1, max_size=6)), k=rows)
        case _:
            made = chance.choices(draw(st.lists(odd_texts, min_size=1, max_size=4)), k=rows)
    for place in draw(st.lists(st.integers(0, max(rows - 1, 0)), max_size=3 if rows else 0)):
        made[place] = draw(values)
    return made


@st.composite
def tables(draw: st.DrawFn, most_rows: int) -> tuple[list[str], list[list[Any]], dict[str, Any]]:
    """Names, columns and options: nearly always a text and a label among them, named or not."""
    rows = draw(st.sampled_from([*[most_rows] * 9, 12, 3, 2, 1, 0]))
    chance = draw(chances)
    names = draw(st.lists(st.sampled_from(NAMES) | st.text(max_size=6), max_size=4))
    columns_of = [draw(columns(rows)) for _ in names]
    options: dict[str, Any] = {}
    if draw(st.integers(0, 9)) < 9:
        text, label = draw(st.permutations(NAMES))[:2]
        match draw(st.sampled_from(["three", "three", "odd", "one", "all"])):
            case "three":
                labels: list[Any] = chance.choices(["billing", "coverage", "records"], k=rows)
            case "odd":
                labels = chance.choices(draw(st.lists(odd_texts, min_size=2, max_size=4)), k=rows)
            case "one":
                labels = ["billing"] * rows
            case _:
                labels = [f"class {row}" for row in range(rows)]
        words = sentences(chance, rows)
        for column in (labels, words):
            for place in draw(st.lists(st.integers(0, max(rows - 1, 0)), max_size=2 if rows else 0)):
                column[place] = draw(values)
        names, columns_of = [*names, text, label], [*columns_of, words, labels]
        if draw(st.integers(0, 3)) < 3:
            options = {"text": (text,), "label": label}
            roles = draw(
                st.sets(st.sampled_from(["time", "id", "group", "annotator", "prediction", "split"]), max_size=2)
            )
            for role in sorted(roles):
                options[role] = draw(st.sampled_from(names))
            if draw(st.booleans()):
                options["segment"] = (draw(st.sampled_from(names)),)
    return names, columns_of, options


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)


@st.composite
def delimited(draw: st.DrawFn, names: list[str], values: list[list[Any]]) -> bytes:
    stream = io.StringIO()
    lines = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    mark = draw(st.sampled_from([",", ",", ";", "\t", "|", "^"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE]))
    writer = csv.writer(stream, delimiter=mark, lineterminator=lines, quoting=max(quoting % 3, 0))
    rows = [names, *([_plain(each[row]) for each in values] for row in range(len(values[0]) if values else 0))]
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        if draw(st.booleans()):
            row.append(draw(odd_texts))
        elif row:
            row.pop()
    if quoting == csv.QUOTE_NONE:
        stream.write("".join(mark.join(row) + lines for row in rows))
    else:
        writer.writerows(rows)
    text = (
        draw(st.sampled_from(["", "", "", "", "", "", "", "\n", "Report of claims\n\n", "sep=;\n", "#"]))
        + stream.getvalue()
    )
    return text.encode(draw(st.sampled_from(ENCODINGS)), "replace")


def _records(names: list[str], values: list[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def json_of(names: list[str], values: list[list[Any]], *, lines: bool, ascii_only: bool) -> bytes:
    records = _records(names, values)
    written = [json.dumps(each, ensure_ascii=ascii_only, default=str) for each in records]
    text = "\n".join(written) if lines else f"[{', '.join(written)}]"
    return text.encode("utf-8", "surrogatepass")


def _spelled(value: Any) -> str:
    """As UTF-8 can hold it."""
    return _plain(value).encode("utf-8", "replace").decode()


def frame_of(names: list[str], values: list[list[Any]]) -> pl.DataFrame:
    """Typed columns where the values have one type, else text."""
    made = {}
    for name, column in zip(names, values, strict=True):
        safe = _spelled(name).replace("\0", "")
        whole = [_spelled(each) if isinstance(each, str) else each for each in column]
        try:
            made[safe] = pl.Series(safe, whole)
            made[safe].to_frame().write_parquet(io.BytesIO())
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            made[safe] = pl.Series(safe, [None if each is None else _spelled(each) for each in column], dtype=pl.String)
    return pl.DataFrame(made)


def workbook_of(names: list[str], values: list[list[Any]]) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    clean = [[_cell(each) for each in row] for row in (names, *zip(*values, strict=True))]
    for row in clean:
        sheet.append(row)
    book.save(stream)
    return stream.getvalue()


def _cell(value: Any) -> Any:
    """What a workbook can hold of a value."""
    if isinstance(value, bool | datetime) or value is None:
        return value if not isinstance(value, datetime) or value.year >= 1900 else str(value)
    if isinstance(value, int | float):
        return value if abs(value) < 1e300 else str(value)
    return _NO_XML.sub("", _plain(value))[:30_000]


def sqlite_of(names: list[str], values: list[list[Any]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        con = sqlite3.connect(path)
        seen = []
        for name in names:
            safe = name.encode("utf-8", "replace").decode().replace("\0", "") or "empty"
            while safe.casefold() in map(str.casefold, seen):
                safe += "_"
            seen.append(safe)
        if seen:
            quoted = ", ".join('"' + each.replace('"', '""') + '"' for each in seen)
            con.execute(f"CREATE TABLE records ({quoted})")
            for row in zip(*values, strict=True):
                cells = [
                    each if isinstance(each, float | bool | None) or (isinstance(each, int) and abs(each) < 2**63)
                    else _plain(each).encode("utf-8", "replace").decode() for each in row
                ]  # fmt: skip
                con.execute(f"INSERT INTO records VALUES ({', '.join('?' * len(cells))})", cells)
        con.commit()
        con.close()
        return path.read_bytes() if path.exists() else b""


def written(draw: st.DrawFn, kind: str, names: list[str], values: list[list[Any]]) -> bytes:
    stream = io.BytesIO()
    match kind:
        case "jsonl" | "json":
            return json_of(names, values, lines=kind == "jsonl" or draw(st.booleans()), ascii_only=draw(st.booleans()))
        case "parquet":
            frame_of(names, values).write_parquet(stream)
        case "arrow":
            frame = frame_of(names, values)
            frame.write_ipc(stream) if draw(st.booleans()) else frame.write_ipc_stream(stream)
        case "xlsx":
            return workbook_of(names, values)
        case "db":
            return sqlite_of(names, values)
        case "csv.gz":
            return gzip.compress(draw(delimited(names, values)), mtime=0)
        case _:
            return draw(delimited(names, values))
    return stream.getvalue()


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """Cut off, some bytes turned, two stretches swapped, or what another program wrote in front or behind.

    Half of it near the end, where footers lie. Drawn before there are bytes: workbooks hold the time they were made.
    """
    kind = draw(st.sampled_from(["cut", "turn", "turn", "swap", "behind", "front", "hole"]))
    places = tuple(draw(st.lists(st.floats(0.01, 1), min_size=2, max_size=6)))
    return Damage(kind, places, draw(st.booleans()), draw(st.binary(min_size=6, max_size=30)))


@dataclass(frozen=True)
class Damage:
    """``places`` are shares of the length, from its start or, ``late``, of its last 64 bytes."""

    kind: str
    places: tuple[float, ...]
    late: bool
    bytes_: bytes

    def of(self, body: bytes) -> bytes:
        """What is left of ``body``."""
        start = max(len(body) - 64, 0) if self.late else 0
        places = [start + int(each * max(len(body) - start - 1, 0)) for each in self.places]
        first, last = sorted(places[:2])
        match self.kind:
            case "cut":
                return body[: places[0]]
            case "turn":
                turned = bytearray(body)
                for place, byte in zip(places, self.bytes_, strict=False):
                    turned[place : place + 1] = bytes([byte])
                return bytes(turned)
            case "swap":
                return body[last:] + body[first:last] + body[:first]
            case "behind":
                return body + self.bytes_
            case "front":
                return self.bytes_ + body
            case _:
                return body[:first] + body[last:]


@st.composite
def exports(draw: st.DrawFn, most_rows: int = MOST_ROWS) -> Export:
    """A table, written as a file of some kind, one in three damaged; or bytes that are nothing."""
    kind = draw(st.sampled_from(EXTENSIONS))
    names, values, options = draw(tables(most_rows))
    if draw(st.integers(0, 29)) == 29:
        return Export(f"export.{kind}", draw(st.binary(max_size=300)), options)
    body = written(draw, kind, names, values)
    if draw(st.integers(0, 3)) == 3:
        body = draw(damages()).of(body)
    return Export(f"export.{kind}", body, options)
