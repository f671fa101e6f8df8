"""The table of ``rows.parquet``: one line per input row, in input order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import or_lost, or_none

if TYPE_CHECKING:
    from auditor.evidence import Evidence

AUDITED = {
    "row_id": pl.UInt32,
    "suggested_label": pl.String,
    "label_quality": pl.Float64,
    "is_label_issue": pl.Boolean,
    "systematic": pl.Boolean,
    "reason": pl.String,
    "review_rank": pl.Int64,
    "duplicate_group": pl.Int64,
    "fold": pl.Int8,
}


def row_table(evidence: Evidence) -> pl.DataFrame:
    """Rows without text or label keep their line, with nulls for all that needs a model.

    ``review_rank`` is 1 for the record whose label is most doubtful. ``reason`` says why a record is suspect:
    ``habit`` (of its source), ``conflict`` (equal text, other label), ``model`` (the models doubt it), or null.
    ``duplicate_group`` is null for a record that is like no other. Where a step failed that it takes, all is null.
    """
    every_row = evidence.batch.frame.select("row_id", "record_id", "label")
    audited = or_lost(lambda: _audited(evidence))
    if audited is None:
        audited = pl.DataFrame(schema=AUDITED)
    return every_row.join(audited, on="row_id", how="left").sort("row_id")


def _audited(evidence: Evidence) -> pl.DataFrame:
    names = np.array(evidence.classes.names)
    near = evidence.duplicates.near
    systematic = np.zeros(len(near), bool)
    for habit in or_none(lambda: evidence.habits) or ():
        systematic[habit.rows] = True
    quality = evidence.label_quality
    conflict = evidence.duplicates.conflicting(evidence.codes)
    flagged = evidence.label_issues.flagged
    reason = np.select([systematic, conflict, flagged], ["habit", "conflict", "model"], "")
    rank = np.empty(len(near), np.int64)
    rank[np.lexsort((quality.quality, ~systematic))] = np.arange(1, len(near) + 1)
    return pl.DataFrame(
        {
            "row_id": evidence.rows["row_id"],
            "suggested_label": names[quality.suggested],
            "label_quality": quality.quality,
            "is_label_issue": flagged,
            "systematic": systematic,
            "reason": pl.Series(reason).replace("", None),
            "review_rank": rank,
            "duplicate_group": pl.Series(near).set(pl.Series(np.bincount(near)[near] == 1), None),
            "fold": evidence.fold_moments.folds,
        }
    )
