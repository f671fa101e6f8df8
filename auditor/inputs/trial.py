"""What `auditor trial` wrote, beside the records that it asked about."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from auditor.errors import InputError
from auditor.model import Tried, Tuning

ANSWERS = "answers.csv"
PART, TUNED, ORDINARY = "part", "tuned", "ordinary"
# The frame's columns: answers of the fine-tuned model and of the ordinary classifier of the same rows, and whether the
# row was drawn at random.
TRAINED, BESIDE, DRAWN = "trained_prediction", "ordinary_prediction", "trained_drawn"
# The part of the answers to rows that somebody named.
OTHERS = "other"
PROBE, PLANNED = "probe", "planned"


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
    again = "Run auditor trial on it again."
    try:
        summary = json.loads(Path(path).read_text(encoding="utf-8"))
        rows, weights = int(summary["rows"]), int(summary["encoder_weights"])
        tuning, probed = tuning_of(summary["ended"], int(summary["epoch"])), summary["ended"] == PROBE
        of = summary["data_fingerprint"]
        types = dict.fromkeys(("record_id", PART, TUNED, ORDINARY), pl.String) | {"row_id": pl.UInt32}
        answers = pl.read_csv(Path(path).with_name(ANSWERS), schema_overrides=types)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        raise InputError(f"'{path}' is no trial.json of auditor trial with its {ANSWERS} beside it.") from None
    if of != fingerprint:
        raise InputError(f"The trial in '{path}' is of another export, or this one has changed since. {again}")
    if tuning is None:
        instead = "Run it without --probe." if probed else "It was stopped too early: run it with more --minutes."
        raise InputError(f"The trial in '{path}' is a linear probe, not fine-tuned. {instead}")
    if not set(types) <= set(answers.columns) or answers.is_empty():
        raise InputError(f"'{path}' is no trial.json of auditor trial with its {ANSWERS} beside it.")
    known = frame.select("row_id", here="record_id")
    strange = answers.join(known, on="row_id", how="left").filter(~pl.col("record_id").eq_missing(pl.col("here")))
    if len(strange):
        raise InputError(f"The answers beside '{path}' are not about the records of this export. {again}")
    answers = answers.select(
        "row_id",
        pl.col(TUNED).fill_null("").alias(TRAINED),
        pl.col(ORDINARY).fill_null("").alias(BESIDE),
        (pl.col(PART) != OTHERS).alias(DRAWN),
    )
    return frame.join(answers, on="row_id", how="left", maintain_order="left"), Tried(rows, weights, tuning)
