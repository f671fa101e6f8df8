"""The table of ``rows.parquet``: one line per input row, in input order."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable

if TYPE_CHECKING:
    from auditor.evidence import Evidence


def row_table(evidence: Evidence) -> pl.DataFrame:
    """Rows without text or label keep their line, with nulls for all that needs a model.

    ``review_rank`` is 1 for the record whose label is most doubtful. ``reason`` says why a record is suspect:
    ``habit`` (of its source), ``conflict`` (equal text, other label), ``model`` (the models doubt it), or null.
    ``duplicate_group`` is null for a record that is like no other.
    """
    names = np.array(evidence.classes.names)
    near = evidence.duplicates.near
    systematic = np.zeros(len(near), bool)
    with suppress(NotApplicable):
        for habit in evidence.habits:
            systematic[habit.rows] = True
    quality = evidence.label_quality
    conflict = evidence.duplicates.conflicting(evidence.codes)
    flagged = evidence.label_issues.flagged
    reason = np.select([systematic, conflict, flagged], ["habit", "conflict", "model"], "")
    rank = np.empty(len(near), np.int64)
    rank[np.lexsort((quality.quality, ~systematic))] = np.arange(1, len(near) + 1)
    audited = pl.DataFrame(
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
    every_row = evidence.batch.frame.select("row_id", "record_id", "label")
    return every_row.join(audited, on="row_id", how="left").sort("row_id")
