"""Additive moments and the proxy that they train: least squares on one-hot labels, or discriminant analysis.

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
HALF_A_ROW, SOME_ROWS = np.float32(0.5), 0.5


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


@dataclass(frozen=True)
class Fit:
    """How weights follow from moments: by least squares or by ``discriminant`` analysis, with an absolute ``ridge``."""

    ridge: float
    discriminant: bool = False

    def weights(self, moments: Moments) -> NDArray[np.float32]:
        """Weights (D, K) of the proxy."""
        return discriminant(moments, self.ridge) if self.discriminant else solve(moments, self.ridge)


def solve(moments: Moments, ridge: float) -> NDArray[np.float32]:
    """Weights (D, K) of the ridge solution ``(G + ridge·I)⁻¹ B``.

    ``ridge`` is absolute: as the ratio of noise to prior variance it does not grow with the sample.
    """
    return _regularised(moments.gram, ridge, moments.cross)


def discriminant(moments: Moments, ridge: float) -> NDArray[np.float32]:
    """Weights (D, K) whose scores are the log posteriors of linear discriminant analysis, up to a constant.

    The scatter within classes, ``G - Σ B_k B_kᵀ / n_k``, is what the moments hold already (Friedman 1989 for the
    ridge). Means and priors count half a record at the mean of all, so that a class without rows has them too.
    The last feature is a constant: it gives the rows of each class, and takes the constant of each score.
    """
    if not moments.n:
        return np.zeros_like(moments.cross)
    n_of = moments.cross[-1] * (moments.n / moments.cross[-1].sum())
    held = n_of > SOME_ROWS
    scaled = moments.cross[:, held] / np.sqrt(n_of[held])
    within = ssyrk(-1.0, scaled, beta=1.0, c=moments.gram.copy(order="F"), lower=1, overwrite_c=1)
    overall = moments.cross.sum(axis=1, keepdims=True) / moments.n
    means = (moments.cross + HALF_A_ROW * overall) / (n_of + HALF_A_ROW)
    weights = moments.n * _regularised(within, ridge, means)
    weights[-1] += (np.log(n_of + HALF_A_ROW) - np.einsum("dk,dk->k", means, weights) / 2) / overall[-1]
    return weights


def _regularised(matrix: NDArray[np.float32], ridge: float, right: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(M + ridge·I)⁻¹ R`` for a symmetric M (D, D), of which the lower triangle is read.

    Where float32 rounding leaves M + ridge·I indefinite, the ridge grows tenfold until it factors.
    """
    diagonal = np.diag_indices_from(matrix)
    while True:
        regularised = matrix.copy(order="F")
        regularised[diagonal] += np.float32(ridge)
        try:
            factor = cho_factor(regularised, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            ridge *= 10
            continue
        return np.asarray(cho_solve(factor, right, check_finite=False), dtype=np.float32)


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
