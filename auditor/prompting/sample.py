"""Which records a prompted model is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def stratified(codes: NDArray[np.int32], size: int, seed: int) -> NDArray[np.int64]:
    """Rows (at most ``size``) in random order: a systematic draw over the rows sorted by class.

    Every row is equally likely, and every class is drawn in proportion, to one row (Cochran 1977, chapter 8).
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    size = min(size, len(codes))
    steps = (np.arange(size) + rng.random()) * len(codes) / size
    return np.asarray(rng.permutation(by_class[steps.astype(np.int64)]))
