"""Draws a sheet of recent records from an export and writes it to a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.errors import ConfigError
from auditor.estimators.sheet_rates import LEAST
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import LOTS, ROWS
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.sheet import draw
from auditor.folders import new_folder, refuse_unwritable
from auditor.inputs.labels import folded, record_digest
from auditor.plan import steps_for
from auditor.sheets.sheet import KEPT, DrawnRow, Sheet, text_digest
from auditor.sheets.words import ROW, TEXT
from auditor.sheets.write import save, write_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.batch import Batch
    from auditor.config import Config

# Recent are the last twelve months, or the latest fifth where those hold fewer than five times the rows asked for
# (house rule, 2026: a sheet is for what a model will meet, and a fifth of its rows leaves the strata something to do).
MONTHS, SHARE, TIMES = 12, 0.2, 5


@dataclass(frozen=True)
class Drawn:
    """A sheet of ``rows`` out of ``recent`` ones between two dates; ``second`` rows for two. Where too few records have
    a date, or none is ``dated``, ``recent`` are all of them.
    """

    rows: int
    second: int
    recent: int
    since: datetime | None
    until: datetime | None
    dated: bool

    def __str__(self) -> str:
        when = f", from {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}" if self.since and self.until else ""
        undated = f"{self.recent:,} records, as {'too few have' if self.dated else 'none has'} a date"
        whole = f"{self.recent:,} recent records" if when else undated
        all_of_them = "; there are no more" if self.rows == self.recent else ""
        return f"{self.rows:,} records drawn from {whole}{when}{all_of_them}."


def draw_sheet(config: Config, rows: int, second: int, out: Path, on_stage: Callable[[str], None]) -> Drawn:
    """Writes the sheet's files to the new folder ``out``.

    Raises:
        ConfigError: too few rows are asked for, or ``out`` exists or lies inside an audit.
        InputError: the export cannot be read.

    """
    if rows < LEAST:
        raise ConfigError(f"--rows must be {LEAST} or more: fewer labels say next to nothing about all records.")
    _refuse(out)
    on_stage("Reading the export")
    # What people and models answered earlier has no part in the draw.
    batch = load(replace(config, sheet=None, baseline=None))
    with one_blas_thread():
        steps = steps_for(batch, config.seed, on_stage)
        good = steps[LABEL_QUALITY].quality
    on_stage("Drawing the records")
    since, until = recent(steps[ROWS]["time"], rows)
    sheet = Sheet(Path(config.export or "").name, batch.source.fingerprint, config.seed, since, until, (), (), (), ())
    pool = np.flatnonzero(sheet.recent(steps[ROWS]["time"]))
    drawn = draw(good[pool], rows, steps[LOTS][pool])
    table = steps[ROWS][pool[drawn.rows]]
    sheet = replace(
        sheet,
        stratum_rows=tuple(drawn.sizes.tolist()),
        classes=_classes(batch, steps[CLASSES].names),
        second=tuple(table["row_id"][:second].to_list()),
        rows=tuple(
            DrawnRow(row_id, stratum, text_digest(text), record_digest(text, label))
            for (row_id, text, label), stratum in zip(
                table.select("row_id", "text", "label").rows(), drawn.stratum.tolist(), strict=True
            )
        ),
    )
    _save(out, sheet, _records(batch, table), batch)
    dated = steps[ROWS]["time"].null_count() < len(steps[ROWS])
    return Drawn(len(sheet.rows), len(sheet.second), len(pool), since, until, dated)


def recent(times: pl.Series, rows: int) -> tuple[datetime | None, datetime | None]:
    """The first and the last of the ``times`` (n,) that records are drawn from for a sheet of so many ``rows``.

    Where the last twelve months are too few, the latest fifth, or so many rows, whichever is most. None for all
    records: where fewer than ``rows`` have a date.
    """
    dated = times.drop_nulls().sort()
    if len(dated) < rows:
        return None, None
    until = dated[-1]
    year = dated.filter(dated > pl.select(pl.lit(until).dt.offset_by(f"-{MONTHS}mo")).item())
    least = max(rows, int(np.ceil(SHARE * len(dated))))
    return (year[0] if len(year) >= min(TIMES * rows, least) else dated[len(dated) - least]), until


def _classes(batch: Batch, names: tuple[str, ...]) -> tuple[str, ...]:
    """By name, as their order in the export says how common they are; a taxonomy may know classes without records."""
    known = {folded(name) for name in names}
    added = {entry.label for entry in batch.taxonomy or () if entry.folded not in known}
    return tuple(sorted({*names, *added}, key=str.casefold))


def _records(batch: Batch, table: pl.DataFrame) -> list[dict[str, str]]:
    """What a person sees of each record: no label, given or suggested."""
    shown = [pl.col("row_id").cast(pl.String).alias(ROW)]
    if batch.roles.id:
        shown.append(pl.col("record_id"))
    if batch.roles.time:
        shown.append(pl.col("time").dt.date().cast(pl.String).fill_null("").alias("date"))
    return table.select(*shown, pl.col("text").alias(TEXT)).to_dicts()


def _refuse(out: Path) -> None:
    refuse_unwritable(out, "--out")
    if out.exists():
        raise ConfigError(
            f"'{out}' exists, and no sheet is replaced: somebody may have filled it. Choose another folder with --out, "
            "or move that one."
        )
    for above in out.absolute().parents:
        if (above / "report.json").exists():
            raise ConfigError(
                f"'{out}' would lie inside the audit '{above}', which --force replaces. Choose a folder beside it."
            )


def _save(out: Path, sheet: Sheet, records: list[dict[str, str]], batch: Batch) -> None:
    """All files or none."""
    with new_folder(out, replace=False) as work:
        # It holds records' texts, whatever the umask.
        work.chmod(0o700)
        definitions = {entry.folded: entry.definition for entry in batch.taxonomy or ()}
        write_files(work, records, len(sheet.second), sheet.classes, definitions)
        save(work / KEPT, sheet.as_json())
