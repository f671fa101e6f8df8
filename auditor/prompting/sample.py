"""Which records a prompted model is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.keys import Lots


def stratified(codes: NDArray[np.int32], size: int, lots: Lots) -> NDArray[np.int64]:
    """Rows (at most ``size``) in random order: a systematic draw over the rows sorted by class.

    Every row is equally likely, and every class is drawn in proportion, to one row (Cochran 1977, chapter 8).
    """
    shuffled = lots.order("asked of a class")
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    size = min(size, len(codes))
    steps = (np.arange(size) + np.random.default_rng(lots.seed).random()) * len(codes) / size
    asked = by_class[steps.astype(np.int64)]
    return np.asarray(asked[lots[asked].order("asked")])
