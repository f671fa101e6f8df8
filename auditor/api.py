"""One call from an export to a result, and one that writes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.actions import actions_for
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config, config_hash, effective
from auditor.content import content_of
from auditor.errors import ConfigError, StepFailed, or_lost
from auditor.evidence import Evidence
from auditor.evidence.examples import examples
from auditor.evidence.facts import facts
from auditor.evidence.over_time import over_time
from auditor.evidence.per_class import class_rows
from auditor.evidence.rows import row_table
from auditor.evidence.segment_doubt import segment_doubt
from auditor.evidence.stability import backtest_matrix, stability
from auditor.folders import new_folder
from auditor.governance import permitted
from auditor.history import remembered
from auditor.judge.gates import judge_gates, speaking_against
from auditor.judge.valuation import NO_ANSWER, judged
from auditor.limits import LIMITS, Limit, with_overrides
from auditor.model import TRAINING, AuditResult, Decision, GateStatus, Notice, RunInfo, Verdict
from auditor.runner import run_checks, validate_codes
from checks import ALL_CHECKS
from reports import OUTPUTS, to_notebook
from reports.pdf import BROWSERS, browser, write_pdf

if TYPE_CHECKING:
    import polars as pl

Listener = Callable[[str], None]
PDF = "report.pdf"

# Notebooks ask an object how it looks; the model itself knows no report.
AuditResult._repr_html_ = to_notebook  # type: ignore[attr-defined]


def audit(config: Config, on_stage: Listener = lambda _: None) -> tuple[AuditResult, pl.DataFrame]:
    """The result, and the table of ``rows.parquet``. ``on_stage`` hears each stage as it starts.

    Raises ConfigError for wrong settings and InputError for an export that cannot be audited.
    """
    validate_codes(ALL_CHECKS, (*config.select, *config.ignore))
    limits = with_overrides(LIMITS, config.limits)
    started = datetime.now(UTC)
    on_stage("Reading the export")
    tolerance = next(limit.passes for limit in limits if limit.measurement == "decay_at_horizon")
    with one_blas_thread():
        evidence = Evidence(load(config), config.seed, on_stage, tolerance)
        result = audit_of(evidence, config, limits, started, on_stage)
        return result, row_table(evidence)


def audit_of(
    evidence: Evidence,
    config: Config,
    limits: tuple[Limit, ...],
    started: datetime,
    on_stage: Listener = lambda _: None,
) -> AuditResult:
    """The result of every check on ``evidence``, of the gates held to ``limits``, and of the policy.

    A step of the evidence that fails costs what hangs on it: those checks, their gates, and the answer where the sum
    rests on it. Without classes there is nothing to report.
    """
    batch = evidence.batch
    # What every check takes: its failure ends the run.
    _ = evidence.classes
    outcomes, estimates = run_checks(ALL_CHECKS, batch, evidence, config.horizon, config.select, config.ignore, limits)
    on_stage("Verdict")
    known = or_lost(lambda: facts(evidence))
    found = judged(known, config.cost, config.seed, permitted=permitted(batch.governance)) if known else NO_ANSWER
    computed = {"probability_training_pays": found.valuation.training_pays} if found.valuation else {}
    gates = judge_gates(outcomes, limits, computed, batch.intake.notices)
    classes = (or_lost(lambda: class_rows(evidence, found.routes)) or ()) if found.routes else ()
    learning_curve = or_lost(lambda: evidence.learning_curve)
    backtest = or_lost(lambda: backtest_matrix(evidence, config.horizon))
    doubtful = or_lost(lambda: examples(evidence, config.include_examples)) or ()
    segments = or_lost(lambda: segment_doubt(evidence)) or ()
    over_the_months = or_lost(lambda: over_time(evidence, config.horizon))
    stable = or_lost(lambda: stability(evidence, config.horizon))
    dates = evidence.rows["time"].dt.date()
    run = RunInfo(
        id=_run_id(config, batch.source.fingerprint, started),
        time=started,
        tool_version=version("auditor"),
        config_hash=config_hash(config),
        data_fingerprint=batch.source.fingerprint,
        source=Path(config.export or "").name,
        intake=replace(batch.intake, notices=(*batch.intake.notices, *_lost(evidence))),
        roles=batch.roles.choices,
        first_date=_day(dates.min()),
        last_date=_day(dates.max()),
        seconds=evidence.seconds,
        content=content_of(batch.frame),
    )
    return AuditResult(
        run=run,
        verdict=Verdict(
            found.decision,
            found.measure_first,
            found.steps,
            found.conditions,
            found.turns,
            speaking_against(gates),
            actions_for(gates, outcomes, {choice.role for choice in run.roles}),
        ),
        gates=gates,
        estimates={**estimates, **found.estimates},
        checks=outcomes,
        classes=classes,
        learning_curve=learning_curve,
        backtest=backtest,
        effective_config=effective(config) | {"limits": {limit.measurement: asdict(limit) for limit in limits}},
        examples=doubtful,
        history=remembered(_folder(config.history), _folder(config.out), run.source, batch.roles.label),
        segments=segments,
        valuation=found.valuation,
        governance=batch.governance,
        benefit_over_time=over_the_months,
        stability=stable,
    )


def _folder(path: str | None) -> Path | None:
    return Path(path) if path else None


def _lost(evidence: Evidence) -> tuple[Notice, ...]:
    """Every failure of a step, once."""
    said = dict.fromkeys(str(failed) for failed in evidence.failures.values() if isinstance(failed, StepFailed))
    return tuple(Notice(f"Something broke inside: {each}. What hangs on it is unknown.") for each in said)


def _run_id(config: Config, fingerprint: str, started: datetime) -> str:
    """The same settings on the same export at the same time are the same run."""
    return hashlib.sha256(f"{config_hash(config)} {fingerprint} {started.isoformat()}".encode()).hexdigest()[:12]


def write(result: AuditResult, rows: pl.DataFrame, out: Path, *, force: bool, pdf: bool = False) -> None:
    """Writes every report and ``rows.parquet`` to ``out``, all or nothing; with ``pdf``, ``report.pdf`` as well.

    Raises ConfigError where ``out`` exists and ``force`` is not given, or where no browser can print the PDF.
    """
    refuse_existing(out, force=force)
    program = browser_for_pdf() if pdf else ""
    with new_folder(out) as work:
        for name, render in OUTPUTS.items():
            (work / name).write_text(render(result), encoding="utf-8")
        rows.write_parquet(work / "rows.parquet")
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
    if not out.exists():
        above = next(path for path in out.absolute().parents if path.exists())
        if not above.is_dir():
            raise ConfigError(f"'{above}' is a file; --out must name a folder.")
        return
    if not out.is_dir():
        raise ConfigError(f"'{out}' is a file; --out must name a folder.")
    if not force:
        raise ConfigError(f"The folder '{out}' exists. Choose another one with --out, or pass --force to replace it.")
    foreign = sorted(path.name for path in out.iterdir() if path.name not in {*OUTPUTS, "rows.parquet", PDF})
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
