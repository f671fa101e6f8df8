"""Odd files, written as the tools that people export from write them; every word in them is made up."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CLASSES = {
    "Authorization": (
        "no approval was on file before the visit",
        "the approval had run out",
        "approval was asked late",
    ),
    "Coding": ("the code does not fit the visit", "a modifier is missing on the bill", "two codes exclude each other"),
    "Duplicate": ("the same bill came in twice", "this was paid under another number", "it repeats an older bill"),
    "Eligibility": ("the policy had lapsed by then", "the member left the plan", "cover began after the visit"),
    "Timely Filing": (
        "the bill came after the filing limit",
        "it was sent ninety days late",
        "the deadline had passed",
    ),
}
_WHO = ("the clinic", "the surgeon", "our desk", "the lab", "the night ward", "a locum", "the scanner team", "physio")
_THEN = ("asked for a review", "sent it back", "called twice", "wrote to the plan", "left it open", "closed the case")
PAYERS = ("Acorn", "Birch", "Cedar")


@dataclass(frozen=True)
class Record:
    """One made-up denial."""

    id: str
    note: str
    label: str
    when: datetime
    payer: str


@dataclass(frozen=True)
class Odd:
    """A file and its right outcome: an audit of so many ``rows`` with these ``classes`` and ``dates`` (by row), where
    they are given, with a notice where ``said``; or, where ``stop``, a question or a refusal.
    """

    kind: str
    file: str
    body: bytes
    options: Mapping[str, object] = field(default_factory=dict)
    rows: int | None = None
    classes: frozenset[str] | None = None
    dates: tuple[datetime, ...] | None = None
    said: bool = False
    stop: bool = False


def records(count: int = 240, seed: int = 1) -> list[Record]:
    """Notes of five classes over the two years 2023 and 2024, by time."""
    draw = random.Random(seed)
    names = list(CLASSES)
    start, step = datetime(2023, 1, 2, 8, 5), timedelta(days=727) / count
    return [
        Record(
            f"D{100_000 + place}",
            f"{draw.choice(_WHO)} {draw.choice(_THEN)}: {draw.choice(CLASSES[label])}, bill {draw.randrange(10**5)}",
            label,
            (start + place * step).replace(second=draw.randrange(60), microsecond=0),
            draw.choice(PAYERS),
        )
        for place in range(count)
        for label in (draw.choice(names),)
    ]


def delimited(header: Sequence[str], lines: Iterable[Sequence[str]], mark: str = ",", end: str = "\n") -> str:
    """Delimited text as Python, pandas and databases write it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator=end)
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()


def plain(made: Sequence[Record]) -> str:
    """Notes and categories, and nothing odd."""
    return delimited(("note", "category"), ((each.note, each.label) for each in made))
