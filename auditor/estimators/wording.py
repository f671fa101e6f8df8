"""Words whose use changed from the earlier half of the records to the later, within the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def mantel_haenszel(
    late: NDArray[np.float64],
    late_texts: NDArray[np.float64],
    early: NDArray[np.float64],
    early_texts: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Signed z (V,) and pooled odds ratio (V,) of late against early use, over class strata (Mantel and Haenszel 1959).

    ``late`` and ``early`` (K, V) are the texts of each class that hold each word, of so many texts (K,).
    """
    a, n_late, c, n_early = late, late_texts[:, None], early, early_texts[:, None]
    b, d = n_late - a, n_early - c
    total = np.maximum(n_late + n_early, 1)
    expected = (a + c) * n_late / total
    variance = (a + c) * (b + d) * n_late * n_early / (total**2 * np.maximum(total - 1, 1))
    z = (a - expected).sum(axis=0) / np.sqrt(np.maximum(variance.sum(axis=0), 1e-9))
    ratio = ((a * d / total).sum(axis=0) + 0.5) / ((b * c / total).sum(axis=0) + 0.5)
    return np.asarray(z, float), np.asarray(ratio, float)
