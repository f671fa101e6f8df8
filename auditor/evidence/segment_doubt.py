"""How many labels a model doubts in each payer, site, annotator or language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.intervals import share_estimate
from auditor.evidence.languages import beyond_english, names
from auditor.evidence.sources import SourceColumn, source_column
from auditor.model import SEGMENT_FROM, SegmentDoubt
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray


SEGMENT_DOUBT: Key[tuple[SegmentDoubt, ...]] = Key("doubt by segment")

LANGUAGE = "language"


def segment_doubt(columns: tuple[SourceColumn, ...], flagged: NDArray[np.bool_]) -> tuple[SegmentDoubt, ...]:
    """Each value of the ``columns`` with at least 30 rows and how many of these are ``flagged`` (n,), the most doubted
    first; pooled values are left out.
    """
    found = []
    for column in columns:
        rows = np.bincount(column.codes, minlength=len(column.values))
        doubted = np.bincount(column.codes[flagged], minlength=len(column.values))
        named = column.values[:-1] if column.pooled else column.values
        for code, value in enumerate(named):
            if rows[code] >= SEGMENT_FROM:
                share = share_estimate(int(doubted[code]), int(rows[code]), "")
                found.append(
                    SegmentDoubt(column.name, value, int(rows[code]), share.value, share.low or 0.0, share.high or 1.0)
                )
    return tuple(sorted(found, key=lambda each: (-each.share, each.column, each.value)))


def with_language(columns: tuple[SourceColumn, ...], languages: NDArray[np.int32]) -> tuple[SourceColumn, ...]:
    """The ``columns`` and, where there is more than English, the language of the text (n,) as one more."""
    if LANGUAGE in {column.name for column in columns} or not beyond_english(languages):
        return columns
    told = source_column(LANGUAGE, names(languages))
    return columns if told is None else (*columns, told)
