"""The answers that `auditor baseline` wrote, beside the records that it asked about."""

from __future__ import annotations

import numpy as np
import polars as pl

from auditor.cells import all_plain
from auditor.errors import InputError
from auditor.inputs.labels import record_digest

# The frame's column: how many records each one that was asked stands for, as the rows of a sheet are drawn unevenly.
STANDS_FOR = "stands_for"
COLUMNS = {
    "row_id": pl.UInt32,
    "record_id": pl.String,
    STANDS_FOR: pl.Float64,
    "run": pl.Int64,
    "prediction": pl.String,
    "record": pl.String,
    "export": pl.String,
}


def with_answers(frame: pl.DataFrame, path: str, fingerprint: str) -> pl.DataFrame:
    """``frame`` with a column of answers for each run: null where nobody asked, "" where no class was answered; and how
    many records each row stands for.

    ``fingerprint`` is the export's. One that only gained rows behind those that were asked about is the same.

    Raises:
        InputError: the file cannot be read, or is about another export or records that changed since.

    """
    try:
        answers = all_plain(pl.read_csv(path, schema_overrides=COLUMNS).select(list(COLUMNS)))
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError):
        raise InputError(f"'{path}' is no answers.csv of auditor baseline.") from None
    if answers.is_empty():
        raise InputError(f"'{path}' holds no answers. Run auditor baseline again.")
    if not answers[STANDS_FOR].is_between(0, np.inf, closed="none").fill_null(value=False).all():
        raise InputError(f"'{path}' is no answers.csv of auditor baseline.")
    same = of_these_records(answers, frame)
    if not same.all():
        changed = answers.filter(~same)["row_id"].n_unique()
        raise InputError(_foreign(path, changed, answers["row_id"].n_unique(), set(answers["export"]) == {fingerprint}))
    if answers.select("row_id", "run").is_duplicated().any():
        raise InputError(f"'{path}' answers a record twice in one run. Take the file as auditor baseline wrote it.")
    frame = frame.join(
        answers.group_by("row_id").agg(pl.first(STANDS_FOR)), on="row_id", how="left", maintain_order="left"
    )
    for number, run in enumerate(sorted(answers["run"].unique())):
        name = "prediction" if not number else f"prediction:{run}"
        of_run = answers.filter(pl.col("run") == run).select("row_id", pl.col("prediction").fill_null("").alias(name))
        frame = frame.join(of_run, on="row_id", how="left", maintain_order="left")
    return frame


def of_these_records(answers: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Which lines of ``answers`` (row_id, record_id, record) are about a row of ``frame`` as it is now."""
    known = frame.select("row_id", "text", "label", here="record_id")
    asked = answers.join(known, on="row_id", how="left", maintain_order="left")
    same = (
        record_id == here and text is not None and label is not None and record == record_digest(text, label)
        for record_id, here, text, label, record in asked.select(
            "record_id", "here", "text", "label", "record"
        ).iter_rows()
    )
    return pl.Series(same, dtype=pl.Boolean)


def _foreign(path: str, changed: int, asked: int, same_file: bool) -> str:
    if same_file:
        return (
            f"The answers in '{path}' are about this export read in another way. Name the same --text, --label and "
            "--id as for auditor baseline."
        )
    if changed == asked:
        return f"The answers in '{path}' are about another export. Run auditor baseline on this one."
    return (
        f"The answers in '{path}' are about an export in which {changed:,} of the {asked:,} records asked about were "
        "another text or label, or stood in another place. Run auditor baseline again: only what changed is asked."
    )
