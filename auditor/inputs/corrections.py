"""The corrections that `auditor apply` wrote, laid over the labels of an export: the export itself is never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from auditor.errors import InputError
from auditor.inputs.copies import usable
from auditor.inputs.labels import record_digest
from auditor.model import Corrections, Estimate, Level, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
# The frame's columns where there are corrections: the labels as the export files them, and whether people read it.
FILED, READ = "filed_label", "read_again"


@dataclass(frozen=True)
class Corrected:
    """The record ``record_id`` ("" where the export has no ids) whose text and filed label have this digest carries
    ``label``.
    """

    record_id: str
    record: str
    label: str


@dataclass(frozen=True)
class Overlay:
    """The ``records`` that people read, and what the audit said from which they came (`Corrections`)."""

    run: str
    time: datetime
    listed: int
    before: Mapping[str, Estimate]
    forecast: Level | None
    records: tuple[Corrected, ...]

    def as_json(self) -> str:
        kept = {
            "version": VERSION,
            "run": self.run,
            "time": self.time.isoformat(),
            "listed": self.listed,
            "before": {
                name: {"value": each.value, "low": each.low, "high": each.high, "unit": each.unit}
                for name, each in sorted(self.before.items())
            },
            "forecast": None
            if self.forecast is None
            else {"value": self.forecast.value, "low": self.forecast.low, "high": self.forecast.high},
            "records": [[each.record_id, each.record, each.label] for each in self.records],
        }
        return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def read_overlay(path: str) -> Overlay:
    """Raises InputError where ``path`` is not what `auditor apply` wrote."""
    try:
        kept: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        if kept["version"] != VERSION:
            raise _foreign(path)
        span = kept["forecast"]
        return Overlay(
            str(kept["run"]),
            datetime.fromisoformat(kept["time"]),
            int(kept["listed"]),
            {
                str(name): Estimate(float(each["value"]), _end(each["low"]), _end(each["high"]), str(each["unit"]), "")
                for name, each in kept["before"].items()
            },
            None if span is None else Level(float(span["value"]), float(span["low"]), float(span["high"])),
            tuple(Corrected(str(record_id), str(record), str(label)) for record_id, record, label in kept["records"]),
        )
    except OSError as error:
        raise InputError(f"The corrections at '{path}' cannot be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _foreign(path) from None


def _end(value: object) -> float | None:
    return None if value is None else float(str(value))


def _foreign(path: str) -> InputError:
    return InputError(
        f"'{path}' holds no corrections of auditor apply. Turn a filled queue into them: auditor apply '{path}' RUN."
    )


def with_corrections(frame: pl.DataFrame, path: str) -> tuple[pl.DataFrame, Corrections]:
    """``frame`` with the corrected labels, those of the export beside them as `FILED`, and what was done.

    A record is found by its id, text and filed label, wherever it stands; without ids by text and label, so that its
    exact copies are corrected with it. A label that was missing makes its record usable.

    Raises:
        InputError: the file cannot be read, or is about no record of this export.

    """
    overlay = read_overlay(path)
    by_record = {(each.record_id, each.record): each.label for each in overlay.records}
    with_ids = any(each.record_id for each in overlay.records)
    named = [each.record_id for each in overlay.records]
    about = frame.filter(frame["record_id"].is_in(named)) if with_ids else frame
    found: dict[int, str] = {}
    met = set()
    for row_id, record_id, text, label in about.select("row_id", "record_id", "text", "label").iter_rows():
        key = (record_id if with_ids else "", record_digest(text, label or ""))
        if key in by_record:
            found[row_id] = by_record[key]
            met.add(key)
    if by_record and not met:
        raise InputError(
            f"The corrections in '{path}' are about another export, or this one is read in another way. Name the same "
            "--text, --label and --id as for the audit that they came from."
        )
    said = pl.DataFrame(
        {"row_id": list(found), "corrected": list(found.values())},
        schema={"row_id": frame.schema["row_id"], "corrected": pl.String},
    )
    joined = frame.join(said, on="row_id", how="left", maintain_order="left")
    label = pl.coalesce("corrected", "label")
    changed = int((joined["corrected"].is_not_null() & joined["corrected"].ne_missing(joined["label"])).sum())
    laid = joined.with_columns(
        label.alias("label"),
        pl.col("label").alias(FILED),
        pl.col("corrected").is_not_null().alias(READ),
        usable(label),
    ).drop("corrected")
    return laid, Corrections(
        overlay.run,
        overlay.time,
        changed,
        len(found) - changed,
        len(by_record) - len(met),
        overlay.listed,
        overlay.before,
        overlay.forecast,
    )


def said_of(corrections: Corrections) -> Notice:
    """What was laid over the labels, in a sentence."""
    labels = "label is" if corrections.changed == 1 else "labels are"
    gone = (
        f" {corrections.gone:,} more corrections are about records that are gone, or have another text or label by now."
        if corrections.gone
        else ""
    )
    return Notice(f"{corrections.changed:,} {labels} corrected here and not in the export.{gone}")
