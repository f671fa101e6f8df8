"""The table of ``rows.parquet``: one line per input row, in input order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable

if TYPE_CHECKING:
    from auditor.evidence import Evidence


def row_table(evidence: Evidence) -> pl.DataFrame:
    """Rows without text or label keep their line, with nulls for all that needs a model.

    ``duplicate_group`` is null for a record that is like no other.
    """
    names = np.array(evidence.classes.names)
    near = evidence.duplicates.near
    systematic = np.zeros(len(near), bool)
    try:
        for habit in evidence.habits:
            systematic[habit.rows] = True
    except NotApplicable:
        pass
    audited = pl.DataFrame(
        {
            "row_id": evidence.rows["row_id"],
            "suggested_label": names[evidence.out_of_fold.predicted],
            "label_quality": evidence.label_issues.quality,
            "is_label_issue": evidence.label_issues.flagged,
            "systematic": systematic,
            "duplicate_group": pl.Series(near).set(pl.Series(np.bincount(near)[near] == 1), None),
            "fold": evidence.fold_moments.folds,
        }
    )
    every_row = evidence.batch.frame.select("row_id", "record_id", "label")
    return every_row.join(audited, on="row_id", how="left").sort("row_id")
