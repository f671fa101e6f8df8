"""A finished audit beside the export that it read, row by row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from auditor.again import settings_of
from auditor.batch import load
from auditor.config import load_config
from auditor.content import content_of
from auditor.dated import ROW_FILE, report_at
from auditor.errors import InputError
from auditor.history.store import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.batch import Batch

# What models and people answered beside the records is no part of what is handed over.
_LEFT = ("sheet", "baseline", "trial", "history", "junit", "pdf", "include_examples", "fail_on")
_OF_ROWS = ("suggested_label", "label_quality", "systematic", "listed", "reason", "duplicate_group")


@dataclass(frozen=True, eq=False)
class Finished:
    """``report`` is report.json; ``frame`` every row of the export as the batch holds it, with the columns of
    rows.parquet that say what is doubted; ``corrections`` the file of those that the audit rested on.
    """

    report: Mapping[str, Any]
    batch: Batch
    frame: pl.DataFrame
    seed: int
    corrections: str | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """By name, those of a taxonomy without a record among them."""
        used = self.frame.filter("usable")["label"].unique().to_list()
        return tuple(sorted({*used, *(entry.label for entry in self.batch.taxonomy or ())}, key=str.casefold))


def finished(run: Path, export: str | None) -> Finished:
    """The audit at ``run`` and its export, which is looked for by its last name where no ``export`` is given.

    Raises:
        InputError: there is no audit, or the export is not the one that it read.
        ConfigError: the export is found nowhere.

    """
    place = report_at(run)
    settings = load_config(None, settings_of(run, {"export": export}, _LEFT), "audit.toml")
    read_file(place)
    report: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    try:
        rows = pl.read_parquet(place.parent / ROW_FILE)
    except (OSError, pl.exceptions.PolarsError):
        raise InputError(f"'{place.parent}' lacks {ROW_FILE}, which the audit wrote beside its report.") from None
    batch = load(settings)
    same = content_of(batch.frame).fingerprint == report["run"]["content_fingerprint"]
    same_bytes = batch.source.fingerprint == report["run"]["data_fingerprint"]
    if "listed" not in rows.columns or (same_bytes and not same):
        raise InputError(f"The audit at '{run}' is of an older version of auditor. Audit the export again.")
    if not same_bytes:
        how = "its records are the same, but stand in another file" if same else "its records differ"
        raise InputError(f"'{settings.export}' is not the export of the audit at '{run}': {how}. Audit it again.")
    frame = batch.frame.join(rows.select("row_id", *_OF_ROWS), on="row_id", how="left", maintain_order="left")
    return Finished(report, batch, frame, settings.seed, settings.corrections)
