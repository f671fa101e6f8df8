"""The table of ``rows.parquet``: one line per input row, in input order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import BATCH, ROWS
from auditor.evidence.label_cost import LISTED
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.sources import SOURCE_BIAS
from auditor.results import Key

if TYPE_CHECKING:
    from auditor.batch import Batch
    from auditor.results import Results

ROW_TABLE: Key[pl.DataFrame] = Key("table of rows")

# Why a record is suspect.
HABIT, CONFLICT, MODEL = "habit", "conflict", "model"
AUDITED = {
    "row_id": pl.UInt32,
    "suggested_label": pl.String,
    "label_quality": pl.Float64,
    "is_label_issue": pl.Boolean,
    "systematic": pl.Boolean,
    "listed": pl.Boolean,
    "reason": pl.String,
    "review_rank": pl.Int64,
    "duplicate_group": pl.Int64,
    "fold": pl.Int8,
}


def row_table(results: Results) -> pl.DataFrame:
    """Rows without text or label keep their line, with nulls for all that needs a model.

    ``review_rank`` is 1 for the record whose label is most doubtful. ``reason`` says why a record is suspect:
    ``habit`` (of its source), ``conflict`` (equal text, other label), ``model`` (the models doubt it), or null.
    ``listed`` says which records a repair reads (decision 16); null where that could not be computed.
    ``duplicate_group`` is null for a record that is like no other.
    """
    return _every_row(results[BATCH], _audited(results))


def without_results(batch: Batch) -> pl.DataFrame:
    """The table where a step failed that it takes: all that needs a model is null."""
    return _every_row(batch, pl.DataFrame(schema=AUDITED))


def _every_row(batch: Batch, audited: pl.DataFrame) -> pl.DataFrame:
    return batch.frame.select("row_id", "record_id", "label").join(audited, on="row_id", how="left").sort("row_id")


def _audited(results: Results) -> pl.DataFrame:
    names = np.array(results[CLASSES].names)
    near = results[DUPLICATES].near
    systematic = np.zeros(len(near), bool)
    for bias in results.get(SOURCE_BIAS) or ():
        systematic[bias.rows] = True
    quality = results[LABEL_QUALITY]
    conflict = results[DUPLICATES].conflicting(results[CLASSES].codes)
    flagged = results[LABEL_ISSUES].flagged
    reason = np.select([systematic, conflict, flagged], [HABIT, CONFLICT, MODEL], "")
    listed = results.get(LISTED)
    rank = np.empty(len(near), np.int64)
    rank[np.lexsort((quality.quality, ~systematic))] = np.arange(1, len(near) + 1)
    return pl.DataFrame(
        {
            "row_id": results[ROWS]["row_id"],
            "suggested_label": names[quality.suggested],
            "label_quality": quality.quality,
            "is_label_issue": flagged,
            "systematic": systematic,
            "listed": pl.Series([None] * len(near) if listed is None else listed, dtype=pl.Boolean),
            "reason": pl.Series(reason).replace("", None),
            "review_rank": rank,
            "duplicate_group": pl.Series(near).set(pl.Series(np.bincount(near)[near] == 1), None),
            "fold": results[FOLD_MOMENTS].folds,
        }
    )
