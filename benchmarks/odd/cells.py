"""Words for nothing, values in disguise, and which column is meant."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from benchmarks.odd import CLASSES, Odd, delimited, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NAMES = frozenset(CLASSES)
MADE = records(400)
MISSING = (
    "\\N",
    "NaN",
    "#N/A",
    "[]",
    "#¡REF!",
    "<NA>",
    "#SPILL!",
    "\u00a0",
    "\u200b",
    "[null]",
    "#NULL!",
    "null\u200b",
)
KEPT = ("None", "NULL", "N/A", "-", "?", "k. A.", "sin dato", "не указано", "(blanks)", "Grand Total", "#", "TBD")


def odd_files() -> Iterator[Odd]:
    """Each file of the module's kinds."""
    for word in MISSING[:-1]:
        body = _with(lambda place, label, word=word: word if place % 20 == 0 else label)
        name = "_".join(f"{ord(sign):x}" for sign in word)
        yield Odd("words for nothing", f"missing_{name}.csv", body, rows=380, classes=NAMES)
    for place, word in enumerate(KEPT):
        body = _with(lambda row, label, word=word: word if row % 20 == 0 else label)
        yield Odd("words for nothing", f"kept_{place}.csv", body, rows=400, classes=NAMES | {word}, said=True)
    yield from _disguised()
    yield from _columns()
    yield from _texts()


def _with(label: Callable[[int, str], str]) -> bytes:
    return delimited(
        ("id", "note", "category"), ((r.id, r.note, label(place, r.label)) for place, r in enumerate(MADE))
    ).encode()


def _disguised() -> Iterator[Odd]:
    codes = {
        "Authorization": "5-10",
        "Coding": "3-4",
        "Duplicate": "18-1",
        "Eligibility": "22-3",
        "Timely Filing": "30-2",
    }
    turned = {"5-10": "05-Oct", "3-4": "03-Apr"}
    body = _with(lambda row, label: turned.get(codes[label], codes[label]) if row % 3 == 0 else codes[label])
    yield Odd("disguise", "codes_turned_dates.csv", body, rows=400, said=True)
    german = {"5-10": "05. Okt", "3-4": "03. Apr"}
    body = _with(lambda row, label: german.get(codes[label], codes[label]) if row % 3 == 0 else codes[label])
    yield Odd("disguise", "codes_turned_german_dates.csv", body, rows=400, said=True)
    powers = {"Authorization": "1E5", "Coding": "2E3", "Duplicate": "A1", "Eligibility": "B7", "Timely Filing": "C2"}
    body = _with(lambda row, label: {"1E5": "1.00E+05"}.get(powers[label], powers[label]) if row % 2 else powers[label])
    yield Odd("disguise", "codes_turned_powers.csv", body, rows=400, said=True)
    body = _with(lambda row, label: label + (" " if row % 2 else ""))
    yield Odd("disguise", "spaces_behind.csv", body, rows=400)
    lists = [{"note": r.note, "category": [r.label] if i % 2 else r.label} for i, r in enumerate(MADE)]
    yield Odd("disguise", "list_or_word.jsonl", _lines(lists), rows=400, classes=NAMES)
    inner = [{"id": r.id, "input": {"note": r.note}, "result": {"category": {"name": r.label}}} for r in MADE]
    yield Odd("disguise", "label_inside.jsonl", _lines(inner), rows=400, classes=NAMES)
    texts = [{"id": r.id, "note": r.note, "category": json.dumps({"name": r.label, "by": "ann"})} for r in MADE]
    yield Odd("disguise", "label_in_a_string.jsonl", _lines(texts), rows=400, classes=NAMES)
    keys = [
        {"note": r.note, "category": r.label} | {f"extra{(i * 7 + k) % 200}": k for k in range(5)}
        for i, r in enumerate(MADE)
    ]
    yield Odd("disguise", "two_hundred_keys.jsonl", _lines(keys), rows=400, classes=NAMES)
    number = [{"note": r.note, "category": i % 2 if i % 3 else str(i % 2)} for i, r in enumerate(MADE)]
    yield Odd("disguise", "number_or_string.jsonl", _lines(number), rows=400, classes=frozenset("01"))
    one = json.dumps({"count": 400, "records": [{"note": r.note, "category": r.label} for r in MADE]}).encode()
    yield Odd("disguise", "records_in_one_object.json", one, rows=400, classes=NAMES)


def _lines(objects: Sequence[object]) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()


def _columns() -> Iterator[Odd]:
    draw = random.Random(3)
    ids = {name: str(40 + place) for place, name in enumerate(CLASSES)}
    lines = [(r.id, r.note, ids[r.label], r.label) for r in MADE]
    yield _of("id_beside_name.csv", ("id", "note", "category_id", "category_name"), lines, classes=NAMES)
    lines = [(r.note, draw.choice(("open", "closed", "new")), r.label, draw.choice("123")) for r in MADE]
    yield _of("status_beside_category.csv", ("note", "status", "category", "priority"), lines, classes=NAMES)
    lines = [(r.note, r.label, "" if draw.random() < 0.5 else draw.choice("abc")) for r in MADE]
    yield _of("half_empty_label.csv", ("note", "reason", "label"), lines, stop=True)
    lines = [(r.note, f"we have looked at {r.id} and {r.note}, so we think {place}") for place, r in enumerate(MADE)]
    yield _of("free_answers.csv", ("prompt", "response"), lines, stop=True)
    lines = [(r.note, r.label if place < 200 else "", "" if place < 200 else r.label) for place, r in enumerate(MADE)]
    yield _of("renamed.csv", ("note", "category", "denial category"), lines, classes=NAMES, said=True)
    lines = [(r.note, r.label, r.label if draw.random() < 0.9 else "Coding") for r in MADE]
    yield _of("two_people.csv", ("note", "anna", "boris"), lines, stop=True)
    lines = [(r.note, r.label, draw.choice(("sms", "web", "call")), draw.choice(("gold", "basic"))) for r in MADE]
    yield _of("unnamed.csv", ("Unnamed: 0", "Unnamed: 1", "Unnamed: 2", "Unnamed: 3"), lines, stop=True)
    lines = [(str(place), r.note, r.label, r.label) for place, r in enumerate(MADE)]
    yield _of("copied_label.csv", ("", "note", "category", "category_final"), lines, classes=NAMES)


def _of(
    file: str, header: Sequence[str], lines: Sequence[Sequence[str]], *, classes: frozenset[str] | None = None,
    said: bool = False, stop: bool = False,
) -> Odd:  # fmt: skip
    return Odd("columns", file, delimited(header, lines).encode(), classes=classes, said=said, stop=stop)


def _texts() -> Iterator[Odd]:
    words = {name: [f"{name[:3].lower()}{i}" for i in range(12)] for name in CLASSES}
    draw = random.Random(4)
    lines = [(draw.choice(words[r.label]), r.label) for r in MADE]
    yield Odd("texts", "one_word.csv", delimited(("query", "category"), lines).encode(), rows=400, classes=NAMES)
    lines = [(" ".join(r.note for _ in range(400)), r.label) for r in MADE[:60]]
    yield Odd("texts", "five_thousand_words.csv", delimited(("note", "category"), lines).encode(), rows=60)
    coded = [(r.payer, f"A{draw.randrange(9)}", f"{draw.randrange(3)}", r.label) for r in MADE]
    body = delimited(("payer", "procedure", "site", "category"), coded).encode()
    yield Odd("texts", "codes_only.csv", body, {"label": "category"}, rows=400, classes=NAMES)
    lines = [(f"{draw.randrange(10**6)}", r.label) for r in MADE]
    yield Odd("texts", "numbers_only.csv", delimited(("note", "category"), lines).encode(), stop=True)
    many = [(r.note, r.label, *(str(draw.randrange(3)) for _ in range(1_998))) for r in MADE[:60]]
    body = delimited(("note", "category", *(f"f{i}" for i in range(1_998))), many).encode()
    yield Odd("texts", "two_thousand_columns.csv", body, {"text": "note", "label": "category"}, rows=60)
    lines = [(f"{r.note} {i}", f"K{i % 900:03}") for i, r in enumerate(records(4_500))]
    yield Odd("texts", "nine_hundred_classes.csv", delimited(("note", "code"), lines).encode(), rows=4_500)
    lines = [(f"{r.note} {i}", f"K{i % 5_000:04}") for i, r in enumerate(records(15_000))]
    yield Odd("texts", "five_thousand_classes.csv", delimited(("note", "code"), lines).encode(), stop=True)
