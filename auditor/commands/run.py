"""`auditor run`: from an export to the folder of its reports."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.options import (
    Annotator,
    AtATime,
    Column,
    ConfigFile,
    Group,
    Label,
    LabelIs,
    LabelLevel,
    LabelTime,
    MaxMemory,
    Query,
    RecordId,
    Segments,
    Table,
    Taxonomy,
    Texts,
    Time,
    settings_of,
)
from auditor.errors import AuditError, ConfigError
from auditor.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.config import Config
    from auditor.history.record import Record
    from auditor.model import AuditResult, Since

USAGE = "auditor run EXPORT"
# The exit code of --fail-on worse.
WORSE = 13


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


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
    corrections: Annotated[str | None, typer.Option(help="The corrections.json that `auditor apply` wrote.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the reports (audit-<name>/<UTC time>).")] = None,
    again: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Repeat the audit at DIR with its settings; options here win.")
    ] = None,
    history: Annotated[str | None, typer.Option(help="Folder that keeps a record of every run.")] = None,
    config: ConfigFile = None,
    horizon: Annotated[int | None, typer.Option(help="Months ahead that a model must hold (6).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw (0).")] = None,
    threads: AtATime = None,
    max_memory: MaxMemory = None,
    engine: Annotated[str | None, typer.Option(help="Who reads the export: dask, in shards (docs/cluster.md).")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of its scheduler (workers of this machine).")] = None,
    work: Annotated[str | None, typer.Option(help="Folder for parts of the export that every worker reaches.")] = None,
    include_examples: Annotated[
        int | None, typer.Option(min=0, help="Show the masked text of so many doubtful records (0).")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf, with the Chromium at hand.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the reports in an existing folder.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print all notices, the ways, the gates and the columns as well.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the answer and where the report is, alone.")] = False,
    junit: Annotated[str | None, typer.Option(help="Also write the gates to this file, as JUnit's test cases.")] = None,
    log_format: Annotated[
        LogFormat, typer.Option(help="Progress, answer and errors in words, or as lines of JSON.")
    ] = (LogFormat.TEXT),
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
        "trial": trial, "corrections": corrections,
        "trained_prediction": trained_prediction, "taxonomy": taxonomy, "out": out, "history": history,
        "horizon": horizon, "seed": seed, "force": force or None, "fail_on": fail_on,
        "threads": threads, "max_memory": max_memory, "engine": engine, "scheduler": scheduler, "work": work,
        "include_examples": include_examples, "pdf": pdf or None, "junit": junit,
    }  # fmt: skip
    if quiet and (verbose or log_format is LogFormat.JSON):
        raise ConfigError("--quiet prints two lines. Pass it without --verbose and --log-format json.")
    try:
        if log_format is LogFormat.TEXT:
            code = audit_to_folder(_asked(config, again, given), verbose=verbose, quiet=quiet)
        else:
            code = _logged(config, again, given)
    except KeyboardInterrupt:
        # Before the audit began, or after its report was written.
        say("Stopped.", error=True)
        code = 130
    raise typer.Exit(code)


def _logged(config: Path | None, again: Path | None, given: Mapping[str, object]) -> int:
    """The exit code; a complaint is a line of the log too."""
    from auditor.failures import is_interrupt, told
    from auditor.progress import log

    try:
        return audit_to_folder(_asked(config, again, given), as_json=True)
    except AuditError as error:
        log("error", message=str(error), exit_code=error.exit_code)
        return error.exit_code
    except (KeyboardInterrupt, SystemExit, typer.Exit):
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        log("error", message=told(error), exit_code=1)
        return 1


def _asked(config: Path | None, again: Path | None, given: Mapping[str, object]) -> Config:
    if again is None:
        return settings_of(config, given, USAGE)
    if config is not None:
        raise ConfigError("--again repeats a run with its own settings. Pass it without --config.")
    from auditor import again as earlier

    return settings_of(None, earlier.settings_of(again, given), USAGE)


def audit_to_folder(settings: Config, *, verbose: bool = False, quiet: bool = False, as_json: bool = False) -> int:
    """Run one audit; gives the exit code. That there is no export is said before anything about folders."""
    from auditor.dated import new_run, point_to_latest, root_of
    from auditor.folders import refuse_unwritable
    from auditor.inputs.files import locate
    from auditor.lock import run_lock

    export = str(settings.export)
    locate(export)
    _refuse_places(settings)
    if settings.out is not None:
        with run_lock(Path(settings.out)):
            return _audit(settings, Path(settings.out), verbose=verbose, quiet=quiet, as_json=as_json)
    root = root_of(export)
    refuse_unwritable(root / "run", "--out")
    with run_lock(root):
        target = new_run(root, datetime.now(UTC))
        anew = replace(settings, out=str(target), force=False)
        code = _audit(anew, target, verbose=verbose, quiet=quiet, as_json=as_json)
        point_to_latest(target)
    return code


def _refuse_places(settings: Config) -> None:
    """Raises ConfigError where what is asked for cannot be written or drawn, before the audit takes its time."""
    from auditor.folders import refuse_to_replace, refuse_unwritable
    from auditor.memory import refuse_few_addresses

    refuse_few_addresses()
    if settings.out is not None:
        refuse_unwritable(Path(settings.out), "--out")
    if settings.junit is not None:
        from reports.junit import DECLARATION

        refuse_to_replace(Path(settings.junit), "--junit", DECLARATION)
    if settings.history is not None:
        refuse_unwritable(Path(settings.history) / "record", "--history")


def _audit(settings: Config, target: Path, *, verbose: bool, quiet: bool, as_json: bool) -> int:
    from auditor.api import browser_for_pdf, fail_code, refuse_existing
    from auditor.progress import json_stages, log, stages
    from reports import print_answer, print_verdict
    from reports.annotations import annotate
    from reports.short import to_short

    refuse_existing(target, force=settings.force)
    if settings.pdf:
        browser_for_pdf()
    earlier = _earlier(settings)
    try:
        if as_json:
            with json_stages() as on_stage:
                result = _written(settings, target, earlier, on_stage)
        else:
            with stages(told=True, quiet=quiet) as (console, shown):
                result = _written(settings, target, earlier, shown, shown.ended)
    except KeyboardInterrupt:
        say("Stopped. Nothing was written.", error=True)
        raise typer.Exit(130) from None
    worse = result.since is not None and result.since.worse
    code = WORSE if worse and settings.fail_on == "worse" else fail_code(result, settings.fail_on)
    since = _said_since(result.since, settings.history)
    if as_json:
        log("audited", **to_short(result), folder=str(target), exit_code=code)
    else:
        if quiet:
            print_answer(result, console, str(target))
        else:
            print_verdict(result, console, str(target), verbose=verbose)
            if since:
                say(since)
        annotate(result)
    _summarise(target, since)
    return code


def _written(
    settings: Config,
    target: Path,
    earlier: tuple[Record, ...],
    on_stage: Callable[[str], None],
    on_end: Callable[[str, float], None] = lambda *_: None,
) -> AuditResult:
    """Audit, and write the reports to ``target``, the test cases and the record of the history where they are asked."""
    from auditor.api import audit, write
    from auditor.history.since import since_last

    result, rows = audit(settings, on_stage, on_end=on_end)
    result = replace(result, since=since_last(result, earlier))
    on_stage("Writing the reports")
    write(result, rows, target, force=settings.force, pdf=settings.pdf)
    if settings.junit:
        from auditor.folders import whole_file
        from reports.junit import to_junit

        whole_file(Path(settings.junit), to_junit(result))
    if settings.history:
        _keep(result, target, Path(settings.history))
    return result


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


def _said_since(since: Since | None, history: str | None) -> str:
    if since is not None:
        return f"Since the last audit, of {since.time:%Y-%m-%d %H:%M} UTC: {since.said}"
    if history is None:
        return ""
    name = Path(history).absolute().name
    return f"Since the last audit: nothing to compare, as '{name}' holds no earlier run of this export."


def _keep(result: AuditResult, run: Path, folder: Path) -> None:
    """Add the ``run`` to the history at ``folder``."""
    import json

    from auditor.dated import REPORT
    from auditor.history.record import slim
    from auditor.history.store import keep

    keep(folder, slim(json.loads((run / REPORT).read_text(encoding="utf-8")), result.run.content))


def _summarise(target: Path, since: str) -> None:
    """Append the short report where GitHub's pages of a run show it."""
    from reports.markdown import safe

    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        report = (target / "report.md").read_text(encoding="utf-8")
        try:
            with Path(page).open("a", encoding="utf-8") as stream:
                stream.write(f"{report}\n{safe(since)}\n")
        except OSError as error:
            say(f"The summary of the step cannot be written: {error.strerror}. The report is.", error=True)
