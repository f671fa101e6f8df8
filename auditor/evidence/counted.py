"""Rows counted by two codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def crossed(first: NDArray[np.integer], second: NDArray[np.integer], n_first: int, n_second: int) -> NDArray[np.int64]:
    """Rows (n_first, n_second) of each pair of the codes ``first`` (n,) and ``second`` (n,)."""
    cell = first.astype(np.int64) * n_second + second
    return np.bincount(cell, minlength=n_first * n_second).reshape(n_first, n_second)
