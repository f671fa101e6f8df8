"""How many labels a model doubts in each payer, site, annotator or language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import or_none
from auditor.evidence.intervals import share_estimate
from auditor.evidence.languages import beyond_english, names
from auditor.evidence.sources import SourceColumn, source_column
from auditor.model import SegmentDoubt

if TYPE_CHECKING:
    from auditor.evidence import Evidence

FEWEST_ROWS = 30
LANGUAGE = "language"


def segment_doubt(evidence: Evidence) -> tuple[SegmentDoubt, ...]:
    """Each value of each segment column with at least 30 rows, the most doubted first; pooled values are left out.

    The language of the text is a column too where there is more than English.

    Raises NotApplicable without segment columns.
    """
    flagged = evidence.label_issues.flagged
    found = []
    for column in _columns(evidence):
        rows = np.bincount(column.codes, minlength=len(column.values))
        doubted = np.bincount(column.codes[flagged], minlength=len(column.values))
        named = column.values[:-1] if column.pooled else column.values
        for code, value in enumerate(named):
            if rows[code] >= FEWEST_ROWS:
                share = share_estimate(int(doubted[code]), int(rows[code]), "")
                found.append(
                    SegmentDoubt(column.name, value, int(rows[code]), share.value, share.low or 0.0, share.high or 1.0)
                )
    return tuple(sorted(found, key=lambda each: (-each.share, each.column, each.value)))


def _columns(evidence: Evidence) -> tuple[SourceColumn, ...]:
    columns = or_none(lambda: evidence.source_columns) or ()
    if beyond_english(evidence.languages) and LANGUAGE not in evidence.batch.roles.segment:
        told = source_column(LANGUAGE, names(evidence.languages))
        columns = columns if told is None else (*columns, told)
    return columns or evidence.source_columns
