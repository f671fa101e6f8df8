"""The exports of labelling tools, ticket systems and stores, in the shape that each writes."""

from __future__ import annotations

import io
import json
import random
from typing import TYPE_CHECKING

from benchmarks.odd import CLASSES, Odd, Record, delimited, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMES = frozenset(CLASSES)
MADE = records(240, seed=2)
FULL = {"rows": 240, "classes": NAMES}


def odd_files() -> Iterator[Odd]:
    """Each file of the module's kinds."""
    yield from _label_studio()
    yield from _doccano()
    yield from _prodigy()
    yield from _argilla()
    yield from _stores()
    yield from _tickets()
    yield from _workbooks()


def _lines(objects: Sequence[object]) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()


def _annotation(r: Record, label: str, by: int, *, cancelled: bool = False) -> dict[str, object]:
    result = [] if cancelled else [
        {"value": {"choices": [label]}, "from_name": "kind", "to_name": "note", "type": "choices", "id": r.id}
    ]  # fmt: skip
    return {
        "id": by, "completed_by": by, "result": result, "was_cancelled": cancelled, "ground_truth": False,
        "created_at": f"{r.when:%Y-%m-%dT%H:%M:%S}.000000Z", "lead_time": 4.2,
    }  # fmt: skip


def _task(place: int, r: Record, annotations: Sequence[object]) -> dict[str, object]:
    return {
        "id": place, "annotations": annotations, "data": {"text": r.note}, "meta": {}, "project": 3,
        "created_at": f"{r.when:%Y-%m-%dT%H:%M:%S}.000000Z", "predictions": [], "total_annotations": len(annotations),
    }  # fmt: skip


def _label_studio() -> Iterator[Odd]:
    kind = "Label Studio"
    one = [_task(i, r, [_annotation(r, r.label, 1)]) for i, r in enumerate(MADE)]
    yield Odd(kind, "labelstudio_one_person.json", json.dumps(one).encode(), **FULL)
    some = [_task(i, r, [_annotation(r, r.label, 1, cancelled=i % 8 == 0)]) for i, r in enumerate(MADE)]
    yield Odd(kind, "labelstudio_cancelled.json", json.dumps(some).encode(), rows=210, classes=NAMES)
    draw = random.Random(5)
    two = [_task(i, r, [_annotation(r, label, by) for by, label in enumerate((r.label, draw.choice(list(CLASSES))))])
           for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "labelstudio_two_people.json", json.dumps(two).encode(), rows=480, classes=NAMES, said=True)
    least = [{"text": r.note, "id": i, "kind": r.label, "annotator": 1, "annotation_id": i, "lead_time": 3.1,
              "created_at": f"{r.when:%Y-%m-%dT%H:%M:%S}Z"} for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "labelstudio_min.json", json.dumps(least).encode(), **FULL)
    lines = [(i, r.note, json.dumps({"choices": [r.label, "Late"]}) if i % 2 else r.label) for i, r in enumerate(MADE)]
    yield Odd(kind, "labelstudio_choices.csv", delimited(("id", "text", "kind"), lines).encode(), rows=240, said=True)


def _doccano() -> Iterator[Odd]:
    kind = "doccano"
    one = [{"id": i, "text": r.note, "label": [r.label], "Comments": []} for i, r in enumerate(MADE)]
    yield Odd(kind, "doccano_one.jsonl", _lines(one), **FULL)
    some = [{"id": i, "text": r.note, "label": [r.label] if i % 4 else []} for i, r in enumerate(MADE)]
    yield Odd(kind, "doccano_a_quarter_empty.jsonl", _lines(some), rows=180, classes=NAMES)
    spans = [{"id": i, "text": r.note, "label": [[0, 9, "WHO"], [10, 20, "DID"]]} for i, r in enumerate(MADE)]
    yield Odd(kind, "doccano_spans.jsonl", _lines(spans), stop=True)
    lines = [(i, r.note, f"{r.label}#Late" if i % 3 == 0 else r.label) for i, r in enumerate(MADE)]
    yield Odd(kind, "doccano_joined.csv", delimited(("id", "text", "label"), lines).encode(), stop=True)


def _prodigy() -> Iterator[Odd]:
    kind = "Prodigy"
    extra = {"_input_hash": 11, "_task_hash": 12, "_session_id": "news-ann", "_view_id": "classification"}
    answers = ("accept", "accept", "reject", "ignore")
    one = [{"text": r.note, "label": r.label, "answer": answers[i % 4], "_timestamp": int(r.when.timestamp())} | extra
           for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "prodigy_textcat.jsonl", _lines(one), rows=120, classes=NAMES, said=True)
    options = [{"id": name, "text": name} for name in CLASSES]
    chosen = [{"text": r.note, "options": options, "accept": [r.label], "answer": "accept"} | extra for r in MADE]
    yield Odd(kind, "prodigy_choice.jsonl", _lines(chosen), **FULL)
    cats = [{"text": r.note, "cats": {name: float(name == r.label) for name in CLASSES}} for r in MADE]
    yield Odd(kind, "prodigy_cats.jsonl", _lines(cats), **FULL)
    binary = [
        {"text": r.note, "label": "Coding", "answer": "accept" if r.label == "Coding" else "reject"} for r in MADE
    ]
    yield Odd(kind, "prodigy_binary.jsonl", _lines(binary), stop=True)


def _argilla() -> Iterator[Odd]:
    kind = "Argilla"
    status = ("submitted", "submitted", "discarded", "draft")
    flat = [{"id": r.id, "status": "completed", "text": r.note, "kind.responses": [r.label],
             "kind.responses.users": ["u1"], "kind.responses.status": [status[i % 4]]}
            for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "argilla_hub.jsonl", _lines(flat), rows=120, classes=NAMES, said=True)
    older = [{"text": r.note, "inputs": {"text": r.note}, "prediction": None, "annotation": r.label,
              "annotation_agent": "ann", "status": "Validated" if i % 4 else "Discarded", "id": r.id,
              "event_timestamp": f"{r.when:%Y-%m-%dT%H:%M:%S}"} for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "argilla_one.jsonl", _lines(older), rows=180, classes=NAMES, said=True)
    inner = [{"fields": {"text": r.note}, "metadata": {}, "id": r.id,
              "responses": [{"user_id": "u1", "status": "submitted", "values": {"kind": {"value": r.label}}}]}
             for r in MADE]  # fmt: skip
    yield Odd(kind, "argilla_feedback.jsonl", _lines(inner), **FULL)


def _stores() -> Iterator[Odd]:
    kind = "other tools"
    meta = {"class-name": "", "confidence": 0.9, "type": "groundtruth/text-classification", "job-name": "j",
            "human-annotated": "yes", "creation-date": "2024-01-01T00:00:00"}  # fmt: skip
    names = list(CLASSES)
    truth = [{"source": r.note, "kind": names.index(r.label), "kind-metadata": meta | {"class-name": r.label}}
             for r in MADE]  # fmt: skip
    yield Odd(kind, "groundtruth.jsonl", _lines(truth), **FULL)
    chat = [{"messages": [{"role": "system", "content": "Name the kind."}, {"role": "user", "content": r.note},
                          {"role": "assistant", "content": r.label}]} for r in MADE]  # fmt: skip
    yield Odd(kind, "chat_messages.jsonl", _lines(chat), **FULL)
    pairs = [{"prompt": f"{r.note}\n\n###\n\n", "completion": f" {r.label}"} for r in MADE]
    yield Odd(kind, "prompt_completion.jsonl", _lines(pairs), **FULL)
    alpaca = [{"instruction": "Name the kind of this denial.", "input": r.note, "output": r.label} for r in MADE]
    yield Odd(kind, "alpaca.json", json.dumps(alpaca).encode(), **FULL)
    fasttext = "".join(f"__label__{r.label.replace(' ', '_')} {r.note}\n" for r in MADE).encode()
    yield Odd(kind, "fasttext.txt", fasttext, stop=True)
    columns = {
        "note": {str(i): r.note for i, r in enumerate(MADE)},
        "category": {str(i): r.label for i, r in enumerate(MADE)},
    }
    yield Odd(kind, "pandas_to_json.json", json.dumps(columns).encode(), stop=True)
    split = {"columns": ["note", "category"], "index": list(range(240)), "data": [[r.note, r.label] for r in MADE]}
    yield Odd(kind, "pandas_split.json", json.dumps(split).encode(), stop=True)


def _tickets() -> Iterator[Odd]:
    kind = "tickets"
    draw = random.Random(6)
    names = ("Summary", "Issue key", "Issue Type", "Status", "Priority", "Reporter", "Created", "Updated", "Labels",
             "Labels", "Description", "Comment", "Comment")  # fmt: skip
    lines = [(f"Bill {r.id[1:]}", f"CLM-{i}", r.label, draw.choice(("Open", "Done")), draw.choice(("High", "Low")),
              draw.choice("abcd"), f"{r.when:%d/%b/%y %I:%M %p}", f"{r.when:%d/%b/%y %I:%M %p}",
              draw.choice(("", "net", "old")), draw.choice(("", "", "net")), r.note, f"seen {i}", "")
             for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "jira.csv", delimited(names, lines).encode(), **FULL)
    names = ("ID", "Subject", "Description", "Status", "Type", "Priority", "Tags", "Requester", "Assignee", "Group",
             "Created at", "Updated at", "Solved at", "Denial kind [list]")  # fmt: skip
    lines = [(i, f"Bill {r.id[1:]}", r.note, draw.choice(("Open", "Solved")), draw.choice(("Incident", "Question")),
              draw.choice(("High", "Normal")), draw.choice(("vip web", "web", "email")), f"user {i}",
              draw.choice(("Ann", "Bob")), draw.choice(("Tier 1", "Tier 2")), f"{r.when:%Y-%m-%d %H:%M}",
              f"{r.when:%Y-%m-%d %H:%M}", "", r.label) for i, r in enumerate(MADE)]  # fmt: skip
    named = {"text": "Description", "label": "Denial kind [list]"}
    yield Odd(kind, "zendesk.csv", delimited(names, lines).encode(), named, **FULL)
    tickets = [{"id": i, "subject": f"Bill {r.id[1:]}", "description": r.note, "type": "question", "status": "open",
                "tags": ["web", r.payer.lower()], "custom_fields": [{"id": 77, "value": r.label}],
                "via": {"channel": "web"}, "created_at": f"{r.when:%Y-%m-%dT%H:%M:%SZ}"}
               for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "zendesk_tickets.json", json.dumps({"tickets": tickets, "count": 240}).encode(), **FULL)
    issues = [{"number": i, "title": f"Bill {r.id[1:]}", "body": r.note, "state": "open",
               "labels": [{"id": 5, "name": r.label, "color": "ededed"}]} for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "github_issues.json", json.dumps(issues).encode(), **FULL)
    keyed = {f"-N{r.id}": {"note": r.note, "category": r.label} for r in MADE}
    yield Odd(kind, "firebase.json", json.dumps(keyed).encode(), **FULL)
    yield Odd(kind, "zendesk_tickets.jsonl", _lines(tickets), **FULL)
    grid = [{"number": f"INC{i:07}", "sys_created_on": f"{r.when:%Y-%m-%d %H:%M:%S}", "short_description": r.note[:40],
             "description": r.note, "category": r.label, "state": "6", "close_notes": ""}
            for i, r in enumerate(MADE)]  # fmt: skip
    yield Odd(kind, "servicenow.json", json.dumps({"records": grid}).encode(), **FULL)


def _workbooks() -> Iterator[Odd]:
    kind = "Excel"
    names = ("id", "denied on", "note", "category")
    lines: list[tuple[object, ...]] = [(r.id, r.when, r.note, r.label) for r in MADE]
    days = tuple(r.when for r in MADE)
    yield Odd(kind, "plain.xlsx", _book({"Export": [names, *lines]}), dates=days, **FULL)
    titles: list[tuple[object, ...]] = [("Denials by payer",), ("Run on", MADE[-1].when), ()]
    total = ("Total", None, None, 240)
    sheets = {"About": [("Who", "our desk")], "Data": [*titles, names, *lines, (), total]}
    yield Odd(kind, "report.xlsx", _book(sheets), said=True)
    errors = [(r.id, r.when, r.note, "#N/A" if i % 20 == 0 else r.label) for i, r in enumerate(MADE)]
    yield Odd(kind, "errors.xlsx", _book({"Export": [names, *errors]}), rows=228, classes=NAMES)
    numbers = [(i, r.when.date(), r.note, float(list(CLASSES).index(r.label))) for i, r in enumerate(MADE)]
    classes = frozenset("01234")
    yield Odd(kind, "numbers.xlsx", _book({"Export": [names, *numbers]}), rows=240, classes=classes)


def _book(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
