"""Measures a prompted model on a sample of the export's records. The only part that sends record text anywhere."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.errors import ConfigError
from auditor.evidence import Evidence
from auditor.evidence.intervals import share_estimate
from auditor.evidence.retrieval import nearest
from auditor.prompting.answers import AnswerFile
from auditor.prompting.ask import Model, ask_all
from auditor.prompting.budget import Budget, Cap
from auditor.prompting.prompt import Question, system_part, user_part
from auditor.prompting.sample import stratified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from auditor.config import Config
    from auditor.model import Estimate
    from auditor.prompting.answers import Answer

CACHE, TABLE, SUMMARY = "answers.jsonl", "answers.csv", "baseline.json"


@dataclass(frozen=True)
class Plan:
    """What is asked: ``size`` records, ``examples`` retrieved for each, ``repeats`` times, within ``cap``."""

    endpoint: str
    model: str
    key_variable: str
    size: int
    examples: int
    repeats: int
    concurrency: int
    temperature: float
    cap: Cap

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc


@dataclass(frozen=True)
class Measured:
    """What came back. ``agreement`` is the share of records that got the same answer every time, None without repeats.

    Answers outside the taxonomy count as wrong, and as ``invalid``.
    """

    records: int
    answers: int
    missing: int
    invalid: int
    accuracy: Estimate
    agreement: float | None
    input_tokens: int
    output_tokens: int
    cost: float


def measure(config: Config, plan: Plan, out: Path, *, consent: bool, on_stage: Callable[[str], None]) -> Measured:
    """Asks, and writes the answers and a summary to ``out``; answers that are there already are not asked for again.

    Raises:
        ConfigError: no consent, no key, or the endpoint refuses; or ``out`` is something else.
        InputError: the export cannot be read, or the endpoint cannot be reached.

    """
    key = _allowed(plan, consent=consent)
    _own_folder(out)
    batch = load(config)
    evidence = Evidence(batch, config.seed, on_stage)
    classes = evidence.classes
    rows = stratified(classes.codes, plan.size, config.seed)
    definitions = {entry.label: entry.definition for entry in batch.taxonomy or ()}
    with one_blas_thread():
        examples = nearest(evidence.phi, rows, plan.examples) if plan.examples else np.empty((len(rows), 0), np.int64)
    on_stage("Asking the model")
    questions = _questions(evidence.rows["text"], classes.codes, classes.names, definitions, rows, examples, plan)
    out.mkdir(parents=True, exist_ok=True)
    known = AnswerFile(out / CACHE)
    done = 0

    def on_answer() -> None:
        nonlocal done
        done += 1
        if done % max(1, len(questions) // 5) == 0:
            on_stage(f"Asking the model ({done:,} of {len(questions):,})")

    model = Model(plan.endpoint, plan.model, key, plan.temperature)
    budget = Budget(plan.cap, known.used)
    answers = ask_all(questions, classes.names, model, known, budget, plan.concurrency, on_answer)
    table = _table(evidence.rows[rows], [classes.names[code] for code in classes.codes[rows]], questions, answers)
    measured = _measured(table, answers, plan)
    table.write_csv(out / TABLE)
    summary = asdict(replace(plan, endpoint=plan.host)) | {
        "data_fingerprint": batch.source.fingerprint,
        "measured": asdict(measured),
    }
    (out / SUMMARY).write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return measured


def _allowed(plan: Plan, *, consent: bool) -> str:
    """The key, once the person has said that text may leave the machine."""
    if not consent:
        raise ConfigError(
            f"This sends the text of up to {plan.size:,} records, and of {plan.examples} similar ones with each, to "
            f"{plan.host or plan.endpoint}. If they may leave this machine, pass --yes-send-text."
        )
    key = os.environ.get(plan.key_variable)
    if not key:
        raise ConfigError(
            f"The environment variable {plan.key_variable} is not set. It holds the endpoint's key; any word will do "
            "where the endpoint asks for none. Name another variable with --key-variable."
        )
    return key


def _own_folder(out: Path) -> None:
    """Answers are paid for: nothing is overwritten but what an earlier baseline wrote."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"'{out}' is a file; --out must name a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / CACHE).exists():
        raise ConfigError(f"The folder '{out}' holds other files. Choose another one with --out.")


def _questions(
    texts: pl.Series,
    codes: NDArray[np.int32],
    names: Sequence[str],
    definitions: dict[str, str],
    rows: NDArray[np.int64],
    examples: NDArray[np.int64],
    plan: Plan,
) -> list[Question]:
    """All records once, then all again: whatever the budget reaches is a fair sample."""
    system = system_part(names, definitions)
    asked = [
        user_part(texts[int(row)], [(texts[int(each)], names[codes[int(each)]]) for each in near])
        for row, near in zip(rows, examples, strict=True)
    ]
    return [Question(at, run, system, user) for run in range(plan.repeats) for at, user in enumerate(asked)]


def _table(
    rows: pl.DataFrame, labels: Sequence[str], questions: Sequence[Question], answers: Sequence[Answer | None]
) -> pl.DataFrame:
    """One line per answer: who was asked, the given label and the model's. No text."""
    pairs = [(question, answer) for question, answer in zip(questions, answers, strict=True) if answer is not None]
    at = [question.record for question, _ in pairs]
    return rows.select("row_id", "record_id")[at].with_columns(
        run=pl.Series([question.run + 1 for question, _ in pairs], dtype=pl.Int64),
        label=pl.Series([labels[each] for each in at], dtype=pl.String),
        prediction=pl.Series([answer.label for _, answer in pairs], dtype=pl.String),
    )


def _measured(table: pl.DataFrame, answers: Sequence[Answer | None], plan: Plan) -> Measured:
    got = [answer for answer in answers if answer is not None]
    if not got:
        raise ConfigError("The cap leaves room for no answer. Raise --max-tokens or --max-cost.")
    by_record = table.group_by("row_id").agg(
        right=(pl.col("prediction") == pl.col("label")).fill_null(value=False).mean(),
        runs=pl.len(),
        same=pl.col("prediction").fill_null("").n_unique() == 1,
    )
    repeated = by_record.filter(pl.col("runs") > 1)
    records = len(by_record)
    used = sum(answer.input_tokens for answer in got), sum(answer.output_tokens for answer in got)
    return Measured(
        records=records,
        answers=len(got),
        missing=len(answers) - len(got),
        invalid=int(table["prediction"].null_count()),
        accuracy=share_estimate(round(float(by_record["right"].sum())), records, "a prompted model on a sample"),
        agreement=float(repeated["same"].cast(pl.Float64).to_numpy().mean()) if len(repeated) else None,
        input_tokens=used[0],
        output_tokens=used[1],
        cost=plan.cap.cost(*used),
    )
