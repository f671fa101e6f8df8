"""One call from an export to a result, and one that writes it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.addresses import last_name
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config, config_hash, effective
from auditor.content import content_of
from auditor.dated import ROW_FILE
from auditor.engine import shards_of
from auditor.errors import ConfigError
from auditor.estimators.backtest import BACKTEST_MATRIX
from auditor.estimators.curve import LEARNING_CURVE
from auditor.estimators.over_time import BENEFIT_OVER_TIME
from auditor.estimators.per_class import CLASS_ROWS
from auditor.estimators.segment_doubt import SEGMENT_DOUBT
from auditor.estimators.stability import STABILITY
from auditor.evidence import sampling
from auditor.evidence.classes import CLASSES
from auditor.evidence.examples import EXAMPLES
from auditor.evidence.facts import FACTS
from auditor.evidence.given import BATCH, ROWS, TIMES
from auditor.evidence.rows import ROW_TABLE, without_results
from auditor.evidence.sources import SOURCE_COLUMNS, SourceColumn
from auditor.folders import new_folder, refuse_unwritable
from auditor.gate_limits import GATE_LIMITS
from auditor.history import remembered
from auditor.judge.ignored import ignores_of, notices
from auditor.limits import Limit, with_overrides
from auditor.memory import held_to, refuse_few_addresses
from auditor.model import TRAINING, AuditResult, Decision, GateStatus, Notice, RunInfo
from auditor.plan import steps_for
from auditor.plan.costs import pace, seconds, size_of, threads_within
from auditor.runner import codes_in, read_by, run_checks, validate_codes
from auditor.threads import Threads, usual
from auditor.verdict import NOT_JUDGED, with_verdict
from checks import ALL_CHECKS
from reports import OUTPUTS
from reports.pdf import BROWSERS, browser, write_pdf

if TYPE_CHECKING:
    import polars as pl

    from auditor.batch import Batch
    from auditor.model import Content, Facts
    from auditor.plan.resolver import Resolver
    from auditor.results import Key, Results

Listener = Callable[[str], None]
Ended = Callable[[str, float], None]
PDF = "report.pdf"
# What the result and its table take beside the checks.
ASSEMBLED: frozenset[Key[Any]] = frozenset(
    {
        ROWS,
        TIMES,
        CLASSES,
        FACTS,
        ROW_TABLE,
        LEARNING_CURVE,
        BACKTEST_MATRIX,
        EXAMPLES,
        SEGMENT_DOUBT,
        BENEFIT_OVER_TIME,
        STABILITY,
        CLASS_ROWS,
        SOURCE_COLUMNS,
    }
)


def audit(
    config: Config, on_stage: Listener = lambda _: None, frame: object = None, on_end: Ended = lambda *_: None
) -> tuple[AuditResult, pl.DataFrame]:
    """The result, and the table of ``rows.parquet``. ``on_stage`` hears each stage as it starts, ``on_end`` as it ends,
    with the seconds that are left; several may be under way.

    A ``frame`` is read in place of the file that ``config`` names.

    Raises ConfigError for wrong settings and InputError for an export that cannot be audited.
    """
    validate_codes(ALL_CHECKS, codes_in(config))
    limits = with_overrides(GATE_LIMITS, config.limits)
    started = datetime.now(UTC)
    on_stage("Reading the export")
    hear = held_to(config.max_memory, on_stage)
    with one_blas_thread(), ExitStack() as reading:
        if frame is not None and config.engine is not None:
            raise ConfigError("A frame in memory is read here, and no engine reads it. Leave 'engine' out.")
        shards = reading.enter_context(shards_of(config, hear))
        # No name here holds the texts of all records longer than they are read.
        return _audited(config, load(config, frame, shards), limits, started, hear, on_end, reading.close)


def _audited(
    config: Config,
    batch: Batch,
    limits: tuple[Limit, ...],
    started: datetime,
    on_stage: Listener,
    on_end: Ended,
    read: Callable[[], None],
) -> tuple[AuditResult, pl.DataFrame]:
    size, content = size_of(batch), content_of(batch.frame)
    cost = seconds(size, pace())
    n = threads_within(size, config.threads or usual(), config.max_memory)
    on_end("Reading the export", sum(cost.values()) / n)
    with Threads(n) as threads:
        steps = steps_for(
            batch,
            config.seed,
            on_stage,
            on_end=on_end,
            horizon=config.horizon,
            limits=limits,
            examples=config.include_examples,
            threads=threads,
            cost=cost,
            forget_texts=True,
        )
        read()
        batch = steps[BATCH]
        results = steps.run(read_by(ALL_CHECKS, batch, config.select) | ASSEMBLED)
        on_stage("Verdict")
        result = result_of(results, steps, config, limits, started, content)
        on_end("Verdict", 0.0)
        table = results.unless_lost(ROW_TABLE)
        return result, without_results(batch) if table is None else table


def result_of(
    results: Results,
    steps: Resolver,
    config: Config,
    limits: tuple[Limit, ...],
    started: datetime,
    content: Content,
) -> AuditResult:
    """Of every check on the ``results`` of the ``steps``, of the gates held to ``limits``, and of the decision.

    A step that failed costs what hangs on it: those checks, their gates, and the answer where the sum rests on it.
    Without classes there is nothing to report: raises StepFailed.
    """
    batch, rows, classes = results[BATCH], results[ROWS], results[CLASSES]
    outcomes, estimates = run_checks(ALL_CHECKS, results, config.select)
    dates = results[TIMES].dt.date()
    sampled = sampling.said(len(rows), batch.intake.rows_used)
    settings = effective(config)
    unheld = notices(
        ignores_of(settings), started.date(), classes.shown, _columns(batch, results.unless_lost(SOURCE_COLUMNS))
    )
    run = RunInfo(
        id=_run_id(config, batch.source.fingerprint, started),
        time=started,
        tool_version=version("auditor"),
        config_hash=config_hash(config),
        data_fingerprint=batch.source.fingerprint,
        source=last_name(config.export or "", config.table),
        intake=replace(batch.intake, notices=(*batch.intake.notices, *sampled, *unheld, *_lost(steps))),
        roles=batch.roles.choices,
        first_date=_day(dates.min()),
        last_date=_day(dates.max()),
        seconds=dict(steps.seconds),
        content=content,
    )
    measured = AuditResult(
        run=run,
        verdict=NOT_JUDGED,
        gates=(),
        estimates=estimates,
        checks=outcomes,
        classes=results.unless_lost(CLASS_ROWS) or (),
        learning_curve=results.unless_lost(LEARNING_CURVE),
        backtest=results.unless_lost(BACKTEST_MATRIX),
        effective_config=settings,
        examples=results.unless_lost(EXAMPLES) or (),
        history=remembered(_folder(config.history), _folder(config.out), run.source, batch.roles.label),
        segments=results.unless_lost(SEGMENT_DOUBT) or (),
        governance=batch.governance,
        benefit_over_time=results.unless_lost(BENEFIT_OVER_TIME),
        stability=results.unless_lost(STABILITY),
        facts=_named(results.unless_lost(FACTS), classes.shown),
        corrections=batch.corrections,
    )
    return with_verdict(measured, limits, config.cost, config.seed)


def _named(facts: Facts | None, shown: Sequence[str]) -> Facts | None:
    """With the classes as a report may name them (K,)."""
    if facts is None:
        return None
    by_class = (replace(each, label=name) for each, name in zip(facts.by_class, shown, strict=True))
    return replace(facts, by_class=tuple(by_class))


def _columns(batch: Batch, sources: tuple[SourceColumn, ...] | None) -> dict[str, tuple[str, ...]]:
    """Every column of the export, with those values of the ``sources`` that a report may name."""
    return {name: () for name, _ in batch.source.columns} | {each.name: each.values for each in sources or ()}


def _folder(path: str | None) -> Path | None:
    return Path(path) if path else None


def _lost(steps: Resolver) -> tuple[Notice, ...]:
    """Every failure of a step, once."""
    said = dict.fromkeys(map(str, steps.failures))
    return tuple(Notice(f"Something broke inside: {each}. What hangs on it is unknown.") for each in said)


def _run_id(config: Config, fingerprint: str, started: datetime) -> str:
    """The same settings on the same export at the same time are the same run."""
    return hashlib.sha256(f"{config_hash(config)} {fingerprint} {started.isoformat()}".encode()).hexdigest()[:12]


def write(result: AuditResult, rows: pl.DataFrame | Path, out: Path, *, force: bool, pdf: bool = False) -> None:
    """Writes every report and ``rows.parquet`` to ``out``, all or nothing; with ``pdf``, ``report.pdf`` as well.

    ``rows`` is the table, or the file of an earlier run that holds it, where it is still there.

    Raises ConfigError where ``out`` exists and ``force`` is not given, where no browser can print the PDF, or where
    addresses are too few to draw in.
    """
    refuse_few_addresses()
    refuse_existing(out, force=force)
    program = browser_for_pdf() if pdf else ""
    with new_folder(out) as work:
        for name, render in OUTPUTS.items():
            (work / name).write_text(render(result), encoding="utf-8")
        if not isinstance(rows, Path):
            rows.write_parquet(work / ROW_FILE)
        elif rows.exists():
            shutil.copyfile(rows, work / ROW_FILE)
        if pdf:
            write_pdf(program, work / "report.html", work / PDF)


def browser_for_pdf() -> str:
    """The program that prints the page. Raises ConfigError where there is none."""
    program = browser()
    if program is None:
        raise ConfigError(
            f"--pdf needs a browser that can print, and none of {', '.join(BROWSERS)} is on the PATH. "
            "Install Chromium, or open report.html and print it."
        )
    return program


def refuse_existing(out: Path, *, force: bool) -> None:
    """Raises ConfigError where writing to ``out`` would lose something."""
    refuse_unwritable(out, "--out")
    if not out.exists():
        return
    if not out.is_dir():
        raise ConfigError(f"'{out}' is a file; --out must name a folder.")
    if not force:
        raise ConfigError(f"The folder '{out}' exists. Choose another one with --out, or pass --force to replace it.")
    foreign = sorted(path.name for path in out.iterdir() if path.name not in {*OUTPUTS, ROW_FILE, PDF})
    if foreign:
        raise ConfigError(
            f"The folder '{out}' holds '{foreign[0]}', which no audit wrote; --force does not delete it. "
            "Choose another folder with --out."
        )


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def fail_code(result: AuditResult, fail_on: str | None) -> int:
    """The exit code that ``--fail-on`` asks for; 0 where it asks for nothing that happened."""
    inconclusive = result.verdict.decision is Decision.INCONCLUSIVE
    trains = result.verdict.decision in TRAINING
    match fail_on:
        case "inconclusive":
            return 12 if inconclusive else 0
        case "verdict":
            return 12 if inconclusive else 0 if trains else 11
        case "caution":
            cautious = any(gate.status is not GateStatus.PASS for gate in result.gates)
            return 12 if inconclusive else 11 if not trains else 10 if cautious else 0
        case _:
            return 0
