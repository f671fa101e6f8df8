"""`auditor run`: from an export to the folder of its reports."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.options import (
    Annotator,
    Column,
    ConfigFile,
    Group,
    Label,
    LabelIs,
    LabelLevel,
    LabelTime,
    Query,
    RecordId,
    Segments,
    Table,
    Taxonomy,
    Texts,
    Time,
    settings_of,
)
from auditor.errors import ConfigError
from auditor.output import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.config import Config
    from auditor.history.record import Record
    from auditor.model import AuditResult

USAGE = "auditor run EXPORT"
# The exit code of --fail-on worse.
WORSE = 13


def run(
    export: Annotated[
        str | None,
        typer.Argument(help="A file, folder, glob or database, postgresql:// or s3:// (docs/sources.md)."),
    ] = None,
    table: Table = None,
    query: Query = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    group: Group = None,
    segment: Segments = None,
    annotator: Annotator = None,
    since: Annotated[str | None, typer.Option(help="Only records from this day on, such as 2024-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Only records up to this day, that day included.")] = None,
    window: Annotated[
        str | None, typer.Option(help="Only the last 12m, 90d, 8w or 2y, up to the last date or --until.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="A filled sheet: its folder, or one file in it (CSV, XLSX, Label Studio's JSON).")
    ] = None,
    taxonomy: Taxonomy = None,
    prediction: Annotated[Column, typer.Option(help="Column with the answers of a prompted system.")] = None,
    prediction_run: Annotated[
        list[str] | None, typer.Option(help="Column with its answers when asked again; repeat for more runs.")
    ] = None,
    trained_prediction: Annotated[
        Column, typer.Option(help="Column with the answers of a fine-tuned model on rows that it was not trained on.")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="The answers.csv that `auditor baseline` wrote.")] = None,
    trial: Annotated[str | None, typer.Option(help="The trial.json that `auditor trial` wrote.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the reports (audit-<name>/<UTC time>).")] = None,
    again: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Repeat the audit at DIR with its settings; options here win.")
    ] = None,
    history: Annotated[str | None, typer.Option(help="Folder that keeps a record of every run.")] = None,
    config: ConfigFile = None,
    horizon: Annotated[int | None, typer.Option(help="Months ahead that a model must hold (6).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw (0).")] = None,
    include_examples: Annotated[
        int | None, typer.Option(min=0, help="Show the masked text of so many doubtful records (0).")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf, with the Chromium at hand.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the reports in an existing folder.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print all notices, the ways, the gates and the columns as well.")
    ] = False,
    fail_on: Annotated[
        str | None, typer.Option(help="Exit 10, 11, 12 or 13 on: caution, verdict, inconclusive, worse.")
    ] = None,
) -> None:
    """Audit an export and write report.html, report.json and rows.parquet."""
    given = {
        "export": export, "table": table, "query": query,
        "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id, "group": group,
        "segment": segment, "annotator": annotator, "sheet": sheet,
        "since": since, "until": until, "window": window,
        "prediction": prediction, "prediction_run": prediction_run, "baseline": baseline,
        "trial": trial,
        "trained_prediction": trained_prediction, "taxonomy": taxonomy, "out": out, "history": history,
        "horizon": horizon, "seed": seed, "force": force or None, "fail_on": fail_on,
        "include_examples": include_examples, "pdf": pdf or None,
    }  # fmt: skip
    try:
        code = audit_to_folder(_asked(config, again, given), verbose=verbose)
    except KeyboardInterrupt:
        # Before the audit began, or after its report was written.
        say("Stopped.", error=True)
        code = 130
    raise typer.Exit(code)


def _asked(config: Path | None, again: Path | None, given: Mapping[str, object]) -> Config:
    if again is None:
        return settings_of(config, given, USAGE)
    if config is not None:
        raise ConfigError("--again repeats a run with its own settings. Pass it without --config.")
    from auditor import again as earlier

    return settings_of(None, earlier.settings_of(again, given), USAGE)


def audit_to_folder(settings: Config, *, verbose: bool = False) -> int:
    """Run one audit; gives the exit code. That there is no export is said before anything about folders."""
    from auditor.dated import new_run, point_to_latest, root_of
    from auditor.inputs.files import locate
    from auditor.lock import run_lock

    export = str(settings.export)
    locate(export)
    if settings.out is not None:
        with run_lock(Path(settings.out)):
            return _audit(settings, Path(settings.out), verbose=verbose)
    root = root_of(export)
    with run_lock(root):
        target = new_run(root, datetime.now(UTC))
        code = _audit(replace(settings, out=str(target), force=False), target, verbose=verbose)
        point_to_latest(target)
    return code


def _audit(settings: Config, target: Path, *, verbose: bool) -> int:
    from auditor.api import audit, browser_for_pdf, fail_code, refuse_existing, write
    from auditor.progress import stages
    from reports import print_verdict

    refuse_existing(target, force=settings.force)
    if settings.pdf:
        browser_for_pdf()
    earlier = _earlier(settings)
    try:
        with stages() as (console, on_stage):
            result, rows = audit(settings, on_stage)
            on_stage("Writing the reports")
            write(result, rows, target, force=settings.force, pdf=settings.pdf)
    except KeyboardInterrupt:
        say("Stopped. Nothing was written.", error=True)
        raise typer.Exit(130) from None
    print_verdict(result, console, str(target), verbose=verbose)
    since, worse = _kept(result, target, Path(settings.history), earlier) if settings.history else ("", False)
    if since:
        say(since)
    _summarise(target, since)
    return WORSE if worse and settings.fail_on == "worse" else fail_code(result, settings.fail_on)


def _earlier(settings: Config) -> tuple[Record, ...]:
    """The runs of the history, read before the audit takes its time."""
    if settings.history is None:
        if settings.fail_on == "worse":
            raise ConfigError(
                "--fail-on worse compares with earlier runs. Pass the folder that keeps them: --history DIR."
            )
        return ()
    from auditor.history.store import records

    folder = Path(settings.history)
    return records(folder) if folder.exists() else ()


def _kept(result: AuditResult, run: Path, folder: Path, earlier: tuple[Record, ...]) -> tuple[str, bool]:
    """Keep the ``run`` in the history at ``folder``; gives what changed since the last of the same export, and whether
    that is worse.
    """
    from auditor.dated import REPORT
    from auditor.history.compare import compared
    from auditor.history.record import read, slim
    from auditor.history.store import before, keep
    from auditor.history.words import verdict

    kept = slim(json.loads((run / REPORT).read_text(encoding="utf-8")), result.run.content)
    keep(folder, kept)
    record = read(kept, folder)
    last = before(earlier, record)
    if last is None:
        return f"Since the last audit: nothing to compare, as '{folder}' holds no earlier run of this export.", False
    found = compared(last, record)
    return f"Since the last audit, of {last.time:%Y-%m-%d %H:%M} UTC: {verdict(found)}", found.worse


def _summarise(target: Path, since: str) -> None:
    """Append the short report where GitHub's pages of a run show it."""
    from reports.markdown import safe

    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        report = (target / "report.md").read_text(encoding="utf-8")
        with Path(page).open("a", encoding="utf-8") as stream:
            stream.write(f"{report}\n{safe(since)}\n")
