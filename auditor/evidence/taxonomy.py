"""What the classes lose to each other by the out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from auditor.estimators.taxonomy import CHANCE, separation
from auditor.evidence.counted import crossed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes


def lost(codes: Codes, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean probability (K, K) that the rows of each class give to each other class."""
    n_classes = probabilities.shape[1]
    found = np.zeros((n_classes, n_classes))
    for code in np.unique(codes):
        found[code] = probabilities[codes == code].mean(axis=0, dtype=np.float64)
    np.fill_diagonal(found, 0)
    return found


def ranks(codes: Codes, probabilities: NDArray[np.float32], a: int, b: int) -> float:
    """Of the rows of both classes by how much more they read like the first: the sum of the ranks of the first's."""
    parts = probabilities[codes == a], probabilities[codes == b]
    leaning = np.concatenate([part[:, a].astype(float) / (part[:, a] + part[:, b] + 1e-30) for part in parts])
    return float(rankdata(leaning)[: len(parts[0])].sum())


def told_apart(codes: Codes, probabilities: NDArray[np.float32], a: int, b: int, least: float = CHANCE) -> bool:
    """Whether the model surely tells records of the two classes from each other more often than ``least``; no where
    one has none.
    """
    rows = int((codes == a).sum()), int((codes == b).sum())
    return min(rows) > 0 and separation((a, b), rows, ranks(codes, probabilities, a, b)).low > least


def fitting(codes: Codes, probabilities: NDArray[np.float32], confidence: float) -> NDArray[np.int64]:
    """Rows of each class (K, K) that fit another with more than this ``confidence``."""
    n_classes = probabilities.shape[1]
    said = probabilities.argmax(axis=1)
    misfit = (probabilities.max(axis=1) > confidence) & (said != codes)
    return crossed(codes[misfit], said[misfit], n_classes, n_classes)
