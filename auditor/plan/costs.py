"""What each step costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.results import Key

SECONDS = {
    "tokens": 3.0, "duplicates": 1.0, "word vectors": 2.2, "features": 2.8, "moments by fold": 9.1,
    "out-of-fold predictions": 1.2, "retrieval": 11.2, "naive Bayes": 0.9, "label issues": 0.4,
    "retrieval in order of time": 5.2, "label quality": 2.0, "backtest": 2.5, "learning curve": 6.3,
    "training in order of time": 0.9, "phrases of a class in one source or period": 0.7,
}  # fmt: skip


def cost(key: Key[Any]) -> float:
    return SECONDS.get(key.name, 0.1)
