"""Corrections taken back: a filled queue held against the audit that it came from, as an overlay of the export."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.errors import ConfigError, InputError
from auditor.folders import refuse_unwritable
from auditor.handover.finished import finished
from auditor.inputs.corrections import FILED, Corrected, Overlay, read_overlay
from auditor.inputs.labels import record_digest
from auditor.model import Estimate, Level
from auditor.sheets.read import read_lines
from auditor.sheets.words import ANSWER, Choices, row_number, same_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from auditor.handover.finished import Finished
    from auditor.sheets.read import Line

# The estimates that a reader holds against those of the next audit.
COMPARED = ("label_noise_rate", "accuracy_given_labels", "accuracy_true_labels")
# What is longer than a class's name may be a record's text.
SHOWN = 40


def take_back(corrections: Path, run: Path, export: str | None, out: Path) -> str:
    """Write what ``corrections`` say of the audit at ``run`` to the new file ``out``; gives what a person is told.

    Corrections that this audit itself rested on are kept, where nobody corrected the record anew.

    Raises:
        ConfigError: ``out`` exists, or cannot be written.
        InputError: the file cannot be read, a line of it names no record or no class, or nobody has filled it.

    """
    refuse_unwritable(out, "--out")
    if out.exists():
        raise ConfigError(f"'{out}' exists, and is not replaced. Choose another file with --out.")
    if not corrections.exists():
        raise InputError(f"There is no file '{corrections}'.")
    lines = [line for line in read_lines(corrections) if line.answer]
    if not lines:
        raise InputError(f"Nobody has filled '{corrections}' yet. Choose classes in column '{ANSWER}'.")
    audit = finished(run, export)
    said, unsure, split = answers(lines, audit)
    records = {(each.record_id, each.record): each for each in _earlier(audit)}
    changed = 0
    for each, label in _records(audit, said):
        records[each.record_id, each.record] = each
        changed += each.label != label
    overlay = Overlay(
        audit.report["run"]["id"],
        datetime.fromisoformat(audit.report["run"]["time"]),
        int(audit.frame["listed"].sum()),
        _before(audit.report),
        _forecast(audit.report),
        tuple(records.values()),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("x", encoding="utf-8") as stream:
        stream.write(overlay.as_json())
    told = [f"{changed:,} labels corrected and {len(said) - changed:,} confirmed: {out}"]
    if unsure:
        told.append(f"{unsure:,} records stay as filed, as nobody could tell.")
    if split:
        told.append(f"{split:,} records stay as filed, as two people differ.")
    return "\n".join(told)


def answers(lines: Sequence[Line], audit: Finished) -> tuple[dict[int, str], int, int]:
    """The class of each row that people agree on, by row id; how many they are unsure of, and how many they differ on.

    Raises InputError with the place of the first line that names no record, another text, or no class.
    """
    texts = dict(audit.frame.filter("usable").select("row_id", "text").iter_rows())
    choices = Choices(audit.classes)
    found: dict[int, dict[int, tuple[str | None, str]]] = {}
    for line in lines:
        row_id = row_number(line.row_id)
        if row_id not in texts:
            raise InputError(
                f"{line.place}: '{line.row_id[:SHOWN]}' is no row of the audit. Take the queue's own lines."
            )
        if line.text and not same_text(line.text, texts[row_id]):
            raise InputError(
                f"{line.place}: the text is not that of row {row_id}. Lines were moved apart, or the queue is of "
                "another audit."
            )
        try:
            answer = choices.read(line.answer)
        except KeyError:
            shown = f"'{line.answer}'" if len(line.answer) <= SHOWN else "the answer"
            raise InputError(
                f"{line.place} (row {row_id}): {shown} is none of the classes.{choices.near(line.answer)}"
            ) from None
        before, place = found.setdefault(row_id, {}).setdefault(line.person, (answer, line.place))
        if before != answer:
            raise InputError(f"Row {row_id} has two different answers: {place}, and {line.place}. Decide it once.")
    said: dict[int, str] = {}
    unsure = split = 0
    for row_id, people in found.items():
        labels = {label for label, _ in people.values()}
        label = labels.pop()
        if labels:
            split += 1
        elif label is None:
            unsure += 1
        else:
            said[row_id] = label
    return said, unsure, split


def _records(audit: Finished, said: Mapping[int, str]) -> list[tuple[Corrected, str]]:
    """The overlay's line of each answered row, with its label in the audit.

    Raises InputError where the export has no ids and exact copies are corrected in two ways.
    """
    filed = FILED if FILED in audit.frame.columns else "label"
    rows = audit.frame.filter(audit.frame["row_id"].is_in(list(said)))
    named = audit.batch.roles.id is not None
    lines: dict[tuple[str, str], tuple[Corrected, str, int]] = {}
    for row_id, record_id, text, label, as_filed in rows.select(
        "row_id", "record_id", "text", "label", filed_=filed
    ).iter_rows():
        each = Corrected(record_id if named else "", record_digest(text, as_filed or ""), said[row_id])
        before = lines.setdefault((each.record_id, each.record), (each, label, row_id))
        if before[0].label != each.label:
            raise InputError(
                f"Rows {before[2]} and {row_id} have the same text and label, and no id tells them apart, but they are "
                "corrected in two ways. Decide on one, or audit the export with --id."
            )
    return [(each, label) for each, label, _ in lines.values()]


def _earlier(audit: Finished) -> tuple[Corrected, ...]:
    return read_overlay(audit.corrections).records if audit.corrections else ()


def _before(report: Mapping[str, Any]) -> dict[str, Estimate]:
    known = report["estimates"]
    return {
        name: Estimate(known[name]["value"], known[name]["low"], known[name]["high"], known[name]["unit"], "")
        for name in COMPARED
        if name in known
    }


def _forecast(report: Mapping[str, Any]) -> Level | None:
    repair = report["valuation"] and report["valuation"]["repair"]
    return Level(**repair["after"]) if repair else None
