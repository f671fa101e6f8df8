"""How many labels a model doubts in each payer, site, annotator or language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.estimators.intervals import share_estimate
from auditor.model import SEGMENT_FROM, SegmentDoubt
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

SEGMENT_DOUBT: Key[tuple[SegmentDoubt, ...]] = Key("doubt by segment")


@dataclass(frozen=True)
class Doubted:
    """Of each of the ``values`` (V,) of a ``column``, the ``rows`` (V,) and those ``doubted`` (V,)."""

    column: str
    values: tuple[str, ...]
    rows: NDArray[np.int64]
    doubted: NDArray[np.int64]


def segment_doubt(columns: Sequence[Doubted]) -> tuple[SegmentDoubt, ...]:
    """Each value with at least 30 rows, the most doubted first."""
    found = []
    for column in columns:
        for value, rows, doubted in zip(column.values, column.rows, column.doubted, strict=True):
            if rows >= SEGMENT_FROM:
                share = share_estimate(int(doubted), int(rows), "")
                low, high = share.low or 0.0, share.high or 1.0
                found.append(SegmentDoubt(column.column, value, int(rows), share.value, low, high))
    return tuple(sorted(found, key=lambda each: (-each.share, each.column, each.value)))
