"""Labels that are more than one word: several in a cell, a level of a tree, codes."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from benchmarks.odd import CLASSES, Odd, delimited, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = list(CLASSES)
MADE = records(600, seed=7)
PARENT = {
    "Authorization": "Front",
    "Eligibility": "Front",
    "Coding": "Back",
    "Duplicate": "Back",
    "Timely Filing": "Back",
}
CODES = {"Authorization": "F32", "Eligibility": "F32", "Coding": "J45", "Duplicate": "J45", "Timely Filing": "M54"}


def odd_files() -> Iterator[Odd]:
    """Each file of the module's kinds."""
    yield from _several()
    yield from _trees()


def _of(file: str, cells: list[str], **right: object) -> Odd:
    lines = ((r.note, cell) for r, cell in zip(MADE, cells, strict=True))
    kind = "hierarchy" if file.startswith("tree") else "several labels"
    return Odd(kind, file, delimited(("note", "category"), lines).encode(), **right)  # type: ignore[arg-type]


def _several() -> Iterator[Odd]:
    draw = random.Random(8)
    free = [[r.label, *draw.sample(NAMES, draw.randrange(3))] for r in MADE]
    free = [list(dict.fromkeys(labels)) for labels in free]
    spelled: dict[str, Callable[[list[str]], str]] = {
        "semicolons": "; ".join,
        "bars": "|".join,
        "commas": ", ".join,
        "hashes": lambda labels: " ".join(f"#{label.replace(' ', '_')}" for label in labels),
        "json": json.dumps,
        "python": repr,
        "postgres": lambda labels: "{" + ",".join(f'"{label}"' for label in labels) + "}",
        "numpy": lambda labels: "[" + " ".join(f"'{label}'" for label in labels) + "]",
        "slashes": " / ".join,
        "pluses": " + ".join,
        "line_ends": "\n".join,
        "and_words": " and ".join,
    }
    for name, spell in spelled.items():
        yield _of(f"several_{name}.csv", [spell(labels) for labels in free], stop=True)
    few = [f"{r.label};Duplicate" if r.label == "Coding" and i % 2 else r.label for i, r in enumerate(MADE)]
    yield _of("few_sets.csv", few, rows=600, said=True)
    flags = [(r.note, *(str(int(name in labels)) for name in NAMES)) for r, labels in zip(MADE, free, strict=True)]
    yield Odd("several labels", "one_hot.csv", delimited(("note", *NAMES), flags).encode(), stop=True)
    one = [(r.note, *(str(int(name == r.label)) for name in NAMES)) for r in MADE]
    yield Odd("several labels", "one_hot_single.csv", delimited(("note", *NAMES), one).encode(), rows=600,
              classes=frozenset(NAMES))  # fmt: skip


def _trees() -> Iterator[Odd]:
    for name, mark in {"arrows": " > ", "slashes": "/", "colons": "::", "bars": " | ", "backslashes": "\\"}.items():
        cells = [f"Denial{mark}{PARENT[r.label]}{mark}{r.label}" for r in MADE]
        yield _of(f"tree_{name}.csv", cells, rows=600, said=True)
    numbers = {name: f"{CODES[name]}.{place}" for place, name in enumerate(NAMES)}
    yield _of("tree_icd.csv", [numbers[r.label] for r in MADE], rows=600, said=True)
    lines = [(r.note, PARENT[r.label], r.label) for r in MADE]
    body = delimited(("note", "category", "subcategory"), lines).encode()
    yield Odd("hierarchy", "tree_columns.csv", body, rows=600, said=True)
