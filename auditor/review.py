"""Draws the records that a person judges, and writes them for a spreadsheet and for Label Studio."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import polars as pl

from auditor.batch import load
from auditor.config import Config
from auditor.errors import AuditError, ConfigError, InputError
from auditor.evidence.classes import fold_labels
from auditor.evidence.review import draw
from auditor.inputs.review_file import defused, read_review
from auditor.inputs.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALLEST = 30
TABLE, TASKS, INTERFACE = "review.csv", "review_tasks.json", "review_config.xml"
FILES = (TABLE, TASKS, INTERFACE)
# The settings that say how the export is read; the others keep their defaults.
_READS = ("export", *ROLES)


def draw_review(folder: Path, size: int, seed: int, *, force: bool) -> int:
    """Writes the three files to the audit's ``folder`` and says how many records they hold.

    Raises:
        ConfigError: the size is too small, or files of a review would be lost.
        InputError: the folder holds no audit, or the export is not the one that was audited.

    """
    if size < SMALLEST:
        raise ConfigError(f"--size must be {SMALLEST} or more: fewer verdicts say next to nothing about all labels.")
    config, fingerprint = _audited(folder)
    _refuse_loss(folder, force=force)
    try:
        batch = load(config)
    except AuditError as error:
        raise InputError(f"The export of the audit in '{folder}' cannot be read again: {error}") from None
    if batch.source.fingerprint != fingerprint:
        raise InputError(
            f"'{config.export}' has changed since it was audited to '{folder}'. Audit it again, then draw the review."
        )
    rows = batch.usable_frame.select("row_id", "record_id", "text", "label").join(
        _qualities(folder), on="row_id", maintain_order="left"
    )
    sample = draw(rows["label_quality"].to_numpy(), size, seed)
    drawn = rows[sample.rows].with_columns(
        label_quality=pl.col("label_quality").round(4),
        stratum=pl.Series(sample.stratum + 1),
        inclusion_probability=pl.Series(sample.probability),
        stratum_rows=pl.Series(sample.sizes[sample.stratum]),
    )
    records = drawn.select(
        "row_id", "record_id", "text", "label", "suggested_label", "label_quality", "stratum",
        "inclusion_probability", "stratum_rows",
    ).to_dicts()  # fmt: skip
    labels = fold_labels(rows["label"]).names
    contents = {TABLE: _as_csv(records), TASKS: _as_tasks(records), INTERFACE: _interface(labels)}
    for name, content in contents.items():
        part = folder / f".{name}.part"
        part.write_text(content, encoding="utf-8", newline="")
        part.chmod(0o600)
        os.replace(part, folder / name)  # noqa: PTH105
    return len(records)


def _audited(folder: Path) -> tuple[Config, str]:
    """The settings that the audit in ``folder`` read its export with, and the export's fingerprint."""
    if not (folder / "report.json").is_file() or not (folder / "rows.parquet").is_file():
        raise InputError(f"'{folder}' holds no audit. Pass the folder that `auditor run --out` wrote.")
    try:
        report: Mapping[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        given, fingerprint = report["effective_config"], report["run"]["data_fingerprint"]
        settings: dict[str, Any] = {name: given[name] for name in _READS}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"'{folder / 'report.json'}' is not a report of this version. Audit the export again."
        ) from None
    lists = {field.name for field in fields(Config) if field.default == ()}
    settings |= {name: tuple(settings[name]) for name in lists & set(settings)}
    return Config(**settings), fingerprint


def _qualities(folder: Path) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(folder / "rows.parquet", columns=["row_id", "suggested_label", "label_quality"])
    except (pl.exceptions.PolarsError, OSError):
        raise InputError(f"'{folder / 'rows.parquet'}' cannot be read. Audit the export again.") from None
    return rows.drop_nulls("label_quality")


def _refuse_loss(folder: Path, *, force: bool) -> None:
    """A drawn review is replaced on request, one that somebody has begun to fill never."""
    table = folder / TABLE
    if not any((folder / name).exists() for name in FILES):
        return
    if not force:
        raise ConfigError(f"'{folder}' already holds a review. Fill '{table}', or pass --force to draw another one.")
    if table.exists() and _is_filled(table):
        raise ConfigError(f"'{table}' holds verdicts that somebody gave; --force does not replace it. Move it first.")


def _is_filled(table: Path) -> bool:
    try:
        return any(line.verdict or line.correct_label for line in read_review(str(table)))
    except InputError:
        return True


def _as_csv(records: list[dict[str, Any]]) -> str:
    """With a byte order mark, so that Excel reads UTF-8, and with no cell that a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*records[0], "verdict", "correct_label"])
    for record in records:
        cells = (defused(value) if isinstance(value, str) else value for value in record.values())
        writer.writerow([*cells, "", ""])
    return "\ufeff" + out.getvalue()


def _as_tasks(records: list[dict[str, Any]]) -> str:
    """Label Studio's basic JSON: a list of tasks, each with its ``data``."""
    return json.dumps([{"data": record} for record in records], ensure_ascii=False, indent=1)


def _interface(labels: tuple[str, ...]) -> str:
    """Label Studio's labelling interface; the names of its controls are the columns of the CSV."""
    choices = "\n".join(f"    <Choice value={quoteattr(_printable(label))}/>" for label in labels)
    return f"""<View>
  <Text name="text" value="$text"/>
  <Header value="Label given" size="4"/>
  <Text name="given" value="$label"/>
  <Choices name="verdict" toName="text" choice="single-radio" showInline="true" required="true">
    <Choice value="right"/>
    <Choice value="wrong"/>
    <Choice value="unsure"/>
  </Choices>
  <Header value="Correct label" size="4"/>
  <Choices name="correct_label" toName="text" choice="single-radio" layout="select" visibleWhen="choice-selected" \
whenTagName="verdict" whenChoiceValue="wrong">
{choices}
  </Choices>
</View>
"""


def _printable(label: str) -> str:
    """XML has no control characters."""
    return "".join(letter for letter in label if letter.isprintable())
