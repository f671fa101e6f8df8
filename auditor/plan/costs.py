"""What an audit takes in time and memory, from the size of its export, before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.evidence.features import FeatureShares
from auditor.evidence.given import BATCH, ROWS
from auditor.evidence.logistic import MAX_CELLS
from auditor.evidence.narrow import WIDTH
from auditor.evidence.periods import choose_periods

if TYPE_CHECKING:
    from auditor.results import Key, Results

SECONDS = {
    "tokens": 3.0, "duplicates": 1.0, "word vectors": 2.2, "features": 2.8, "moments by fold": 9.1,
    "out-of-fold predictions": 1.2, "retrieval": 11.2, "naive Bayes": 0.9, "label issues": 0.4,
    "retrieval in order of time": 5.2, "label quality": 2.0, "backtest": 2.5, "learning curve": 6.3,
    "training in order of time": 0.9, "phrases of a class in one source or period": 0.7,
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """Of an export: ``rows`` read, those ``modelled``, the ``letters`` of their texts in bytes, their ``classes``, the
    columns of ``segments``, and the ``periods`` of the dates, 0 without.
    """

    rows: int
    modelled: int
    letters: int
    classes: int
    segments: int
    periods: int

    @property
    def width(self) -> int:
        """Columns of the features, those of the word vectors' mean among them."""
        return FeatureShares().width(self.modelled) + 257


def size_of(given: Results) -> Size:
    """Of what is ``given`` before anything is computed."""
    batch, rows = given[BATCH], given[ROWS]
    periods = choose_periods(rows["time"], batch.time_granularity)
    return Size(
        rows=len(batch.frame),
        modelled=len(rows),
        letters=int(rows["text"].str.len_bytes().sum()),
        classes=rows["label"].n_unique(),
        segments=len(batch.roles.segment),
        periods=0 if periods is None else len(periods.names),
    )


def cost(key: Key[Any]) -> float:
    return SECONDS.get(key.name, 0.1)
