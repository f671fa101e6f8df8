"""The answers that `auditor baseline` wrote, beside the records that it asked about."""

from __future__ import annotations

import polars as pl

from auditor.errors import InputError

COLUMNS = {"row_id": pl.UInt32, "record_id": pl.String, "run": pl.Int64, "prediction": pl.String}


def with_answers(frame: pl.DataFrame, path: str) -> pl.DataFrame:
    """``frame`` with a column of answers for each run: null where nobody asked, "" where no class was answered.

    Raises:
        InputError: the file cannot be read, or is about another export.

    """
    try:
        answers = pl.read_csv(path, schema_overrides=COLUMNS).select(list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError):
        raise InputError(f"'{path}' is no answers.csv of auditor baseline.") from None
    known = frame.select("row_id", here="record_id")
    strange = answers.join(known, on="row_id", how="left").filter(~pl.col("record_id").eq_missing(pl.col("here")))
    if len(strange) or answers.is_empty():
        raise InputError(
            f"The answers in '{path}' are not about the records of this export. Run auditor baseline on it."
        )
    for number, run in enumerate(sorted(answers["run"].unique())):
        name = "prediction" if not number else f"prediction:{run}"
        of_run = answers.filter(pl.col("run") == run).select("row_id", pl.col("prediction").fill_null("").alias(name))
        frame = frame.join(of_run, on="row_id", how="left", maintain_order="left")
    return frame
