"""One call from an export to a result, and one that writes it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from auditor.actions import HOURS
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config, config_hash, effective
from auditor.costs import CHARACTERS_PER_TOKEN, cost
from auditor.errors import ConfigError, NotApplicable
from auditor.evidence import Evidence
from auditor.evidence.examples import examples
from auditor.evidence.merging import after_merging
from auditor.evidence.over_time import over_time
from auditor.evidence.per_class import class_facts
from auditor.evidence.rows import row_table
from auditor.evidence.segment_doubt import segment_doubt
from auditor.evidence.stability import backtest_matrix, stability
from auditor.history import earlier
from auditor.limits import LIMITS, Limit, with_overrides
from auditor.model import (
    TRAINING,
    Action,
    AuditResult,
    CheckOutcome,
    ClassRow,
    Decision,
    Estimate,
    GateId,
    GateStatus,
    RunInfo,
)
from auditor.policy import decide, judge_gates, route
from auditor.review import FILES as REVIEW_FILES
from auditor.runner import run_checks, validate_codes
from auditor.whatif import Repair, benefit_range, beside_prompt, confidence, counterfactuals, repairs, turning_points
from checks import ALL_CHECKS
from checks.patterns import CLASS_RECALL
from reports import OUTPUTS, to_notebook
from reports.pdf import BROWSERS, browser, write_pdf

if TYPE_CHECKING:
    import polars as pl

Listener = Callable[[str], None]
T = TypeVar("T")
PDF = "report.pdf"
MERGED_NAMED = 3

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
    """The result of every check on ``evidence``, of the gates held to ``limits``, and of the policy."""
    batch = evidence.batch
    outcomes, estimates = run_checks(ALL_CHECKS, batch, evidence, config.horizon, config.select, config.ignore)
    on_stage("Verdict")
    gates = judge_gates(outcomes, limits)
    classes = beside_prompt(outcomes, _class_rows(evidence))
    benefit = benefit_range(outcomes, classes, limits)
    possible = (*repairs(outcomes, classes, limits), *_merging(evidence, outcomes))
    dates = evidence.rows["time"].dt.date()
    costs = cost(config.cost, _quantities(evidence))
    if costs and costs.break_even_months is not None:
        method = "prices and quantities of [cost], see its assumptions"
        estimates["break_even_months"] = Estimate(costs.break_even_months, None, None, "months", method)
    run = RunInfo(
        id=_run_id(config, batch.source.fingerprint, started),
        time=started,
        tool_version=version("auditor"),
        config_hash=config_hash(config),
        data_fingerprint=batch.source.fingerprint,
        source=Path(config.export or "").name,
        intake=batch.intake,
        roles=batch.roles.choices,
        first_date=_day(dates.min()),
        last_date=_day(dates.max()),
        seconds=evidence.seconds,
    )
    return AuditResult(
        run=run,
        verdict=decide(gates, classes, outcomes, benefit, batch.governance, costs),
        gates=gates,
        estimates=estimates,
        checks=outcomes,
        classes=classes,
        learning_curve=_or_none(lambda: evidence.learning_curve),
        backtest=_or_none(lambda: backtest_matrix(evidence, config.horizon)),
        effective_config=effective(config) | {"limits": {limit.measurement: asdict(limit) for limit in limits}},
        examples=examples(evidence, config.include_examples),
        history=earlier(Path(config.out) if config.out else None, batch.roles.label),
        segments=_or_none(lambda: segment_doubt(evidence)) or (),
        benefit=benefit,
        governance=batch.governance,
        cost=costs,
        benefit_over_time=_or_none(lambda: over_time(evidence, config.horizon)),
        counterfactuals=counterfactuals(outcomes, classes, possible, limits),
        turning_points=turning_points(outcomes, classes, limits),
        confidence=confidence(outcomes, classes, estimates, limits, config.seed),
        stability=_or_none(lambda: stability(evidence, config.horizon)),
    )


def _run_id(config: Config, fingerprint: str, started: datetime) -> str:
    """The same settings on the same export at the same time are the same run."""
    return hashlib.sha256(f"{config_hash(config)} {fingerprint} {started.isoformat()}".encode()).hexdigest()[:12]


def write(result: AuditResult, rows: pl.DataFrame, out: Path, *, force: bool, pdf: bool = False) -> None:
    """Writes every report and ``rows.parquet`` to ``out``, all or nothing; with ``pdf``, ``report.pdf`` as well.

    Raises ConfigError where ``out`` exists and ``force`` is not given, or where no browser can print the PDF.
    """
    refuse_existing(out, force=force)
    program = browser_for_pdf() if pdf else ""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name, render in OUTPUTS.items():
            (work / name).write_text(render(result), encoding="utf-8")
        rows.write_parquet(work / "rows.parquet")
        if pdf:
            write_pdf(program, work / "report.html", work / PDF)
        work.chmod(0o755)
        if out.exists():
            old = out.with_name(f".{out.name}-{uuid.uuid4().hex[:8]}")
            out.rename(old)
            work.rename(out)
            shutil.rmtree(old)
        else:
            work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


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
    review = [name for name in REVIEW_FILES if (out / name).exists()]
    if review:
        raise ConfigError(
            f"The folder '{out}' holds '{review[0]}', which a person may have filled; --force does not delete it. "
            "Choose another folder with --out, or move the review elsewhere first."
        )
    foreign = sorted(path.name for path in out.iterdir() if path.name not in {*OUTPUTS, "rows.parquet", PDF})
    if foreign:
        raise ConfigError(
            f"The folder '{out}' holds '{foreign[0]}', which no audit wrote; --force does not delete it. "
            "Choose another folder with --out."
        )


def _class_rows(evidence: Evidence) -> tuple[ClassRow, ...]:
    dated = _or_none(lambda: evidence.class_events) is not None
    with_habits = _or_none(lambda: evidence.habits) is not None
    rows = []
    for facts in class_facts(evidence, dated=dated, with_habits=with_habits):
        target, why = route(facts)
        rows.append(ClassRow(**asdict(facts), route=target, why=why))
    return tuple(rows)


def _quantities(evidence: Evidence) -> dict[str, float]:
    """What the export says of the figures that costs rest on."""
    profile, retraining = evidence.profile, _or_none(lambda: evidence.retraining)
    every = retraining.every_months if retraining else None
    written = [*evidence.classes.names, *(each.definition for each in evidence.batch.taxonomy or ())]
    found = {
        "monthly_volume": profile.monthly_volume,
        "tokens_per_record": profile.mean_characters / CHARACTERS_PER_TOKEN,
        "taxonomy_tokens": sum(map(len, written)) / CHARACTERS_PER_TOKEN,
        "training_rows": float(profile.rows),
        "retraining_every_months": None if every is None else max(every, 1.0),
        "labels_each": float(retraining.labels_each) if retraining and retraining.labels_each else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _merging(evidence: Evidence, outcomes: tuple[CheckOutcome, ...]) -> tuple[Repair, ...]:
    """The step that merges the classes which the text does not tell apart, with the figures after it."""
    pairs = [
        (first, second)
        for outcome in outcomes
        for finding in outcome.findings
        if finding.evidence.get("kind") == "twin"
        for first, second in [finding.subject.names]
    ]
    if not pairs:
        return ()
    starved = next(each.value for each in CLASS_RECALL.parameters if each.name == "recall")
    after = after_merging(evidence, pairs, starved)
    named = "; ".join(f"'{first}' and '{second}'" for first, second in pairs[:MERGED_NAMED])
    more = f" and {len(pairs) - MERGED_NAMED} more pairs" if len(pairs) > MERGED_NAMED else ""
    step = Action(
        f"Merge the classes that the text does not tell apart: {named}{more}",
        GateId.PATTERNS,
        None,
        f"{100 * after.starved_volume_share:.1f} % of the volume in classes that a model misses more often than not",
        HOURS["starved_volume_share"],
    )
    figures = {
        "gain_over_retrieval": after.gain_over_retrieval,
        "gain_over_ceiling": after.gain_over_ceiling,
        "starved_volume_share": after.starved_volume_share,
    }
    classes = {
        name: {"recall": after.recall[name], "retrieval_recall": after.retrieval_recall.get(name)}
        for name in after.recall
    }
    return (Repair(step, figures, classes),)


def _or_none(compute: Callable[[], T]) -> T | None:
    try:
        return compute()
    except NotApplicable:
        return None


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
