"""What `auditor trial` wrote, beside the records that it asked about."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from auditor.cells import all_plain
from auditor.errors import InputError
from auditor.inputs.answers import of_these_records
from auditor.model import Tried, Tuning

ANSWERS = "answers.csv"
PART, TUNED, ORDINARY = "part", "tuned", "ordinary"
# The frame's columns: answers of the fine-tuned model and of the ordinary classifier of the same rows, and whether the
# row was drawn at random.
TRAINED, BESIDE, DRAWN = "trained_prediction", "ordinary_prediction", "trained_drawn"
COLUMNS = {
    "row_id": pl.UInt32,
    "record_id": pl.String,
    "record": pl.String,
    PART: pl.String,
    TUNED: pl.String,
    ORDINARY: pl.String,
}
# Which part of the rows asked a row is of; others are those that somebody named.
LATEST, RANDOM, OTHERS = "latest", "random", "other"
# How a trial ends.
PROBE, PLANNED, MINUTES, INTERRUPTED = "probe", "planned", "minutes", "interrupted"
# With fewer rows to learn from, a trial says nothing of one on more.
LEAST = 100
# No encoder has more weights.
MOST_WEIGHTS = 10**12


def tuning_of(ended: str, epoch: int) -> Tuning | None:
    """What came of a trial that ``ended`` so and kept the weights of that ``epoch``, 0 for those at the start.

    None: its answers are those of a linear probe, and nobody knows what fine-tuning would have come to.
    """
    if ended == PLANNED:
        return Tuning.WHOLE if epoch else Tuning.PROBE
    return Tuning.CUT if epoch and ended != PROBE else None


def with_trial(frame: pl.DataFrame, path: str, fingerprint: str) -> tuple[pl.DataFrame, Tried]:
    """``frame`` with the three columns, null where nobody asked, and what is known of the model.

    Raises:
        InputError: the files cannot be read, are about another export, or hold the answers of a probe only.

    """
    tried = _tried(path, fingerprint, len(frame))
    answers = _answers(path)
    if answers["row_id"].is_duplicated().any():
        raise InputError(f"The answers beside '{path}' hold a record twice. Take the file as auditor trial wrote it.")
    if not of_these_records(answers, frame).all():
        raise InputError(
            f"The answers beside '{path}' are about other records, or about this export read in another way. Name the "
            "same --text, --label and --id as for auditor trial, or run it again."
        )
    answers = answers.select(
        "row_id",
        pl.col(TUNED).fill_null("").alias(TRAINED),
        pl.col(ORDINARY).fill_null("").alias(BESIDE),
        (pl.col(PART) != OTHERS).alias(DRAWN),
    )
    return frame.join(answers, on="row_id", how="left", maintain_order="left"), tried


def _tried(path: str, fingerprint: str, rows: int) -> Tried:
    """What ``path`` says of a trial on an export of so many ``rows``."""
    try:
        summary = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _no_trial(path) from None
    match summary:
        case {
            "data_fingerprint": str() as of,
            "rows": int() as learnt,
            "encoder_weights": int() as weights,
            "ended": str() as ended,
            "epoch": int() as epoch,
        } if ended in {PROBE, PLANNED, MINUTES, INTERRUPTED}:
            pass
        case _:
            raise _no_trial(path)
    if of != fingerprint:
        raise InputError(
            f"The trial in '{path}' is of another export, or this one has changed since. Run auditor trial on it again."
        )
    tuning = tuning_of(ended, epoch)
    if tuning is None:
        instead = "Run it without --probe." if ended == PROBE else "It was stopped too early: give it more --minutes."
        raise InputError(f"The trial in '{path}' is a linear probe, not fine-tuned. {instead}")
    if not (LEAST <= learnt < rows and 0 < weights <= MOST_WEIGHTS and epoch >= 0):
        raise InputError(f"The figures in '{path}' are those of no trial. Take the file as auditor trial wrote it.")
    return Tried(learnt, weights, tuning)


def _answers(path: str) -> pl.DataFrame:
    try:
        answers = all_plain(pl.read_csv(Path(path).with_name(ANSWERS), schema_overrides=COLUMNS).select(list(COLUMNS)))
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError):
        raise _no_trial(path) from None
    drawn = answers[PART].is_in([LATEST, RANDOM])
    if not drawn.any() or not (drawn | (answers[PART] == OTHERS)).fill_null(value=False).all():
        raise _no_trial(path)
    return answers


def _no_trial(path: str) -> InputError:
    return InputError(f"'{path}' is no trial.json of auditor trial with its {ANSWERS} beside it.")
