"""Additive moments and the proxy that they train: regularised least squares on one-hot labels.

The proxy needs of a set of rows S only ``G(S) = Σ φφᵀ`` and ``B(S) = Σ φ·onehot(y)ᵀ``. Both add and
subtract, so that folds, nested samples, time windows and left-out groups cost one solve each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.blas import ssyrk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Features = NDArray[np.float32]
    Codes = NDArray[np.int32]
    Rows = NDArray[np.int64]

CHUNK = 8192


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of a set of rows: ``gram`` (D, D), ``cross`` (D, K), ``n`` rows.

    G is symmetric: ``gram`` holds its lower triangle, column by column, which is all that BLAS and LAPACK read.
    """

    gram: NDArray[np.float32]
    cross: NDArray[np.float32]
    n: int

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.gram + other.gram, self.cross + other.cross, self.n + other.n)

    def __iadd__(self, other: Moments) -> Moments:
        """Adds in place, for sums that nobody else holds."""
        np.add(self.gram, other.gram, out=self.gram)
        np.add(self.cross, other.cross, out=self.cross)
        return Moments(self.gram, self.cross, self.n + other.n)

    def __sub__(self, other: Moments) -> Moments:
        return Moments(self.gram - other.gram, self.cross - other.cross, self.n - other.n)


def empty_moments(width: int, n_classes: int) -> Moments:
    """The neutral element of addition."""
    gram = np.zeros((width, width), np.float32, order="F")
    return Moments(gram, np.zeros((width, n_classes), np.float32), 0)


def moments_of(phi: Features, codes: Codes, rows: Rows, n_classes: int) -> Moments:
    """Moments of ``phi[rows]`` (n, D) with class ``codes[rows]``, read in chunks to bound memory."""
    nothing = empty_moments(phi.shape[1], n_classes)
    gram, cross = nothing.gram, nothing.cross
    for part in chunks(rows):
        block = phi[part]
        # Adds to the lower triangle in place.
        ssyrk(1.0, block.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
        onehot = np.zeros((len(block), n_classes), np.float32)
        onehot[np.arange(len(block)), codes[part]] = 1
        cross += block.T @ onehot
    return Moments(gram, cross, len(rows))


def solve(moments: Moments, ridge: float) -> NDArray[np.float32]:
    """Weights (D, K) of the ridge solution ``(G + ridge·I)⁻¹ B``.

    ``ridge`` is absolute: as the ratio of noise to prior variance it does not grow with the sample.
    Where float32 rounding leaves G + ridge·I indefinite, the ridge grows tenfold until it factors.
    """
    diagonal = np.diag_indices_from(moments.gram)
    while True:
        regularised = moments.gram.copy(order="F")
        regularised[diagonal] += np.float32(ridge)
        try:
            factor = cho_factor(regularised, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            ridge *= 10
            continue
        return np.asarray(cho_solve(factor, moments.cross, check_finite=False), dtype=np.float32)


def score(phi: Features, rows: Rows, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (len(rows), K) of the proxy with ``weights``."""
    out = np.empty((len(rows), weights.shape[1]), np.float32)
    start = 0
    for part in chunks(rows):
        block = phi[part]
        np.matmul(block, weights, out=out[start : start + len(block)])
        start += len(block)
    return out


def chunks(rows: Rows) -> Iterator[Rows | slice]:
    """Successive parts of ``rows``, at most ``CHUNK`` long; runs of consecutive rows as slices, read in place."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        consecutive = (np.diff(part) == 1).all()
        yield slice(int(part[0]), int(part[-1]) + 1) if consecutive else part
