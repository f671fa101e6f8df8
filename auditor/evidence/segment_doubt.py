"""How many labels a model doubts in each payer, site or annotator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.intervals import share_estimate
from auditor.model import SegmentDoubt
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.sources import SourceColumn

SEGMENT_DOUBT: Key[tuple[SegmentDoubt, ...]] = Key("doubt by segment")

FEWEST_ROWS = 30


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
            if rows[code] >= FEWEST_ROWS:
                share = share_estimate(int(doubted[code]), int(rows[code]), "")
                found.append(
                    SegmentDoubt(column.name, value, int(rows[code]), share.value, share.low or 0.0, share.high or 1.0)
                )
    return tuple(sorted(found, key=lambda each: (-each.share, each.column, each.value)))
