"""Measures a prompted model on a sample of the export's records. The only part that sends record text anywhere."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.cells import all_defused
from auditor.errors import ConfigError
from auditor.estimators.intervals import weighted_share
from auditor.evidence.classes import CLASSES
from auditor.evidence.features import FEATURES
from auditor.evidence.given import LOTS, ROWS
from auditor.evidence.groups import KIN
from auditor.evidence.retrieval import nearest
from auditor.folders import refuse_foreign
from auditor.inputs.labels import digests
from auditor.plan import steps_for
from auditor.prompting.answers import AnswerFile, Outcome
from auditor.prompting.ask import Model, ask_all, request_body
from auditor.prompting.asked import Asked, refuse_others
from auditor.prompting.budget import Budget, Cap
from auditor.prompting.endpoint import Endpoint, checked_key
from auditor.prompting.forecast import Forecast
from auditor.prompting.prompt import Question, system_part, user_part
from auditor.prompting.sample import stratified
from auditor.script_tokens import tokens_in
from auditor.sheets import Sheet, found_rows, read_sheet, stands_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.config import Config
    from auditor.evidence.classes import Classes
    from auditor.model import Estimate
    from auditor.plan.resolver import Resolver
    from auditor.prompting.answers import Answer

CACHE, TABLE, SUMMARY = "answers.jsonl", "answers.csv", "baseline.json"


@dataclass(frozen=True)
class Plan:
    """What is asked: ``size`` records, ``examples`` retrieved for each, ``repeats`` times, within ``cap``."""

    endpoint: Endpoint
    model: str
    key_variable: str
    size: int
    examples: int
    repeats: int
    concurrency: int
    temperature: float
    cap: Cap


@dataclass(frozen=True)
class Measured:
    """What came back. ``agreement`` is the share of records that got the same answer every time, None without repeats.

    ``accuracy`` is that of all records that those asked stand for. Answers outside the taxonomy count as wrong, and as
    ``invalid``; so do records that the endpoint ``refused`` as too long or for their content. ``damaged`` lines of
    earlier answers could not be read. Tokens and cost are those of all requests in the folder, failed ones too.
    """

    records: int
    answers: int
    missing: int
    invalid: int
    refused: int
    damaged: int
    accuracy: Estimate
    agreement: float | None
    input_tokens: int
    output_tokens: int
    cost: float


def measure(
    config: Config,
    plan: Plan,
    out: Path,
    *,
    consent: bool,
    on_stage: Callable[[str], None],
    on_forecast: Callable[[Forecast], None],
) -> Measured:
    """Asks about a draw, or about the records of the sheet that ``config`` names, and writes the answers and a summary
    to ``out``; answers that are there already are not asked for again.

    ``on_forecast`` hears what it will take before anything is sent.

    Raises:
        ConfigError: no consent, no key, or the endpoint refuses; or ``out`` is something else.
        InputError: the export or the sheet cannot be read, or the endpoint cannot be reached.

    """
    key = _key(plan) if consent else ""
    # Answers are paid for.
    refuse_foreign(out, CACHE)
    on_stage("Reading the export")
    # What a person and other models answered has no part in the question.
    batch = load(replace(config, sheet=None, baseline=None, prediction=None, prediction_run=()))
    drawn = None if config.sheet is None else read_sheet(config.sheet)
    asked_with = _asked(config, plan, batch, drawn)
    refuse_others(out / SUMMARY, out / TABLE, asked_with)
    steps = steps_for(batch, config.seed, on_stage)
    classes = steps[CLASSES]
    rows, examples, weights = _drawn(steps, plan, drawn)
    definitions = {entry.label: entry.definition for entry in batch.taxonomy or ()}
    questions = _questions(steps[ROWS]["text"], classes, definitions, rows, examples, plan)
    known = AnswerFile(out / CACHE)
    model = Model(plan.endpoint, plan.model, key, plan.temperature)
    forecast = _forecast(questions, classes.names, model, known, plan)
    on_forecast(forecast)
    if not consent:
        raise ConfigError("Nothing was sent. If these texts may leave this machine, pass --yes-send-text.")
    on_stage("Asking the model")
    out.mkdir(parents=True, exist_ok=True)
    done = forecast.answered

    def on_answer() -> None:
        nonlocal done
        done += 1
        if done % max(1, len(questions) // 5) == 0:
            on_stage(f"Asking the model ({done:,} of {len(questions):,})")

    answers = ask_all(questions, classes.names, model, known, Budget(plan.cap, known.used), plan.concurrency, on_answer)
    labels = [classes.names[code] for code in classes.codes[rows]]
    asked = steps[ROWS][rows].with_columns(stands_for=weights)
    table = _table(asked, labels, questions, answers, batch.source.fingerprint)
    measured = _measured(table, answers, known, plan)
    # The summary first: answers without it could be anybody's.
    kept = _summary(asked_with, plan.cap, config.sheet, batch.source.fingerprint, measured)
    (out / SUMMARY).write_text(kept, encoding="utf-8")
    all_defused(table).write_csv(out / TABLE)
    return measured


def _asked(config: Config, plan: Plan, batch: Batch, drawn: Sheet | None) -> Asked:
    return Asked(
        endpoint=plan.endpoint.host,
        model=plan.model,
        drawn=None if drawn is None else drawn.digest,
        size=plan.size if drawn is None else None,
        seed=config.seed if drawn is None else None,
        examples=plan.examples,
        repeats=plan.repeats,
        temperature=plan.temperature,
        text=batch.roles.text,
        label=batch.roles.label,
        id=batch.roles.id,
        group=batch.roles.group,
        taxonomy=config.taxonomy and Path(config.taxonomy).name,
    )


def _key(plan: Plan) -> str:
    key = os.environ.get(plan.key_variable)
    if not key:
        raise ConfigError(
            f"The environment variable {plan.key_variable} is not set. It holds the endpoint's key; any word will do "
            "where the endpoint asks for none. Name another variable with --key-variable."
        )
    return checked_key(key, plan.key_variable)


def _drawn(
    steps: Resolver, plan: Plan, sheet: Sheet | None
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]], NDArray[np.float64]]:
    """Which rows are asked about, of each the rows that its prompt shows as examples, and how many it stands for.

    No prompt shows its own record, a near duplicate, another row of its record id or group, or anything that hangs
    together with the sheet.
    """
    frame = steps[ROWS]
    kin = steps[KIN]
    unseen = np.zeros(len(frame), bool)
    if sheet is None:
        rows = stratified(steps[CLASSES].codes, plan.size, steps[LOTS])
        weights = np.ones(len(rows))
    else:
        found = found_rows(sheet, frame)
        drawn, standing = tuple(found.values()), stands_for(sheet, found)
        at = {row_id: at for at, row_id in enumerate(frame["row_id"])}
        rows = np.array([at[row_id] for row_id in drawn])
        weights = np.array([standing[row_id] for row_id in drawn])
        unseen = kin.of(rows)
    if not plan.examples:
        return rows, [np.empty(0, np.int64)] * len(rows), weights
    with one_blas_thread():
        return rows, nearest(steps[FEATURES], rows, plan.examples, kin.groups, unseen), weights


def _questions(
    texts: pl.Series,
    classes: Classes,
    definitions: Mapping[str, str],
    rows: NDArray[np.int64],
    examples: Sequence[NDArray[np.int64]],
    plan: Plan,
) -> list[Question]:
    """All records once, then all again: whatever the budget reaches is a fair sample."""
    system = system_part(classes.names, definitions)
    asked = [
        user_part(texts[int(row)], [(texts[int(each)], classes.names[classes.codes[each]]) for each in near])
        for row, near in zip(rows, examples, strict=True)
    ]
    return [Question(at, run, system, user) for run in range(plan.repeats) for at, user in enumerate(asked)]


def _forecast(
    questions: Sequence[Question], labels: Sequence[str], model: Model, known: AnswerFile, plan: Plan
) -> Forecast:
    to_ask = [question for question in questions if known.get(model.key_of(question)) is None]
    return Forecast(
        records=len({question.record for question in to_ask}),
        examples=plan.examples,
        requests=len(to_ask),
        answered=len(questions) - len(to_ask),
        input_tokens=sum(tokens_in(request_body(question, model, labels).decode()) for question in to_ask),
        cap=plan.cap,
        where=plan.endpoint.words,
    )


def _table(
    rows: pl.DataFrame,
    labels: Sequence[str],
    questions: Sequence[Question],
    answers: Sequence[Answer | None],
    fingerprint: str,
) -> pl.DataFrame:
    """One line per answer: who was asked, the given label and the model's, and what tells a changed record. No text."""
    pairs = [(question, answer) for question, answer in zip(questions, answers, strict=True) if answer is not None]
    at = [question.record for question, _ in pairs]
    marks = digests(rows)
    return rows.select("row_id", "record_id", "stands_for")[at].with_columns(
        run=pl.Series([question.run + 1 for question, _ in pairs], dtype=pl.Int64),
        label=pl.Series([labels[each] for each in at], dtype=pl.String),
        prediction=pl.Series([answer.label for _, answer in pairs], dtype=pl.String),
        record=pl.Series([marks[each] for each in at], dtype=pl.String),
        export=pl.lit(fingerprint),
    )


def _measured(table: pl.DataFrame, answers: Sequence[Answer | None], known: AnswerFile, plan: Plan) -> Measured:
    got = [answer for answer in answers if answer is not None]
    if not got:
        raise ConfigError("The cap leaves room for no answer. Raise --max-tokens or --max-cost.")
    refused = sum(answer.outcome is Outcome.REFUSED for answer in got)
    if refused == len(got):
        raise ConfigError(
            f"'{plan.endpoint.host}' refuses every record as too long or for its content. Pass fewer --examples, or a "
            "model that reads longer prompts."
        )
    by_record = table.group_by("row_id").agg(
        right=(pl.col("prediction") == pl.col("label")).fill_null(value=False).mean(),
        weight=pl.first("stands_for"),
        runs=pl.len(),
        same=pl.col("prediction").fill_null("").n_unique() == 1,
    )
    repeated = by_record.filter(pl.col("runs") > 1)
    method = "a prompted model on a sample, by how many records each of it stands for"
    return Measured(
        records=len(by_record),
        answers=len(got),
        missing=len(answers) - len(got),
        invalid=int(table["prediction"].null_count()) - refused,
        refused=refused,
        damaged=known.damaged,
        accuracy=weighted_share(by_record["right"].to_numpy(), by_record["weight"].to_numpy(), method),
        agreement=float(repeated["same"].cast(pl.Float64).to_numpy().mean()) if len(repeated) else None,
        input_tokens=known.used[0],
        output_tokens=known.used[1],
        cost=plan.cap.cost(*known.used),
    )


def _summary(with_: Asked, cap: Cap, sheet: str | None, fingerprint: str, measured: Measured) -> str:
    asked = asdict(with_) | {
        "sheet": sheet and Path(sheet).name,
        "cap": asdict(cap),
        "data_fingerprint": fingerprint,
        "measured": asdict(measured),
    }
    return json.dumps(asked, indent=1, ensure_ascii=False) + "\n"
