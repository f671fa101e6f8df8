"""Additive moments and the proxy that they train: least squares on one-hot labels, or discriminant analysis.

The proxy needs of a set of rows S only ``G(S) = Σ φφᵀ`` and ``B(S) = Σ φ·onehot(y)ᵀ``. Both add and
subtract, so that folds, nested samples, time windows and left-out groups cost one solve each.

Features stand on a `grid` of at most 127 steps to either side, each column on that of a power of two. So the
products of `EXACT_ROWS` rows are whole numbers of steps that float32 holds, their sums ones that float64 holds, and
the moments have the same bits in whatever order and parts the rows come: docs/adr/0019.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features

    Codes = NDArray[np.int32]
    Rows = NDArray[np.int64]
    Part: TypeAlias = Rows | slice
    Share: TypeAlias = Callable[[Callable[[Part], None], Iterable[Part]], object]

# Rows that are worked on at a time: of many columns or classes, all of them fill memory several times.
CHUNK = 2048
# Times LEVELS**2 of the grid it stays under 2**24, up to which float32 holds every whole number.
EXACT_ROWS = 1024
PANEL = 256
HALF_A_ROW, SOME_ROWS = 0.5, 0.5


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of a set of rows: ``gram`` (D, D), ``cross`` (D, K), ``n`` rows.

    G is symmetric: ``gram`` holds its lower triangle, column by column, which is all that BLAS and LAPACK read.
    """

    gram: NDArray[np.float64]
    cross: NDArray[np.float64]
    n: int

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.gram + other.gram, self.cross + other.cross, self.n + other.n)

    def __iadd__(self, other: Moments) -> Moments:
        """Adds in place, for sums that nobody else holds."""
        np.add(self.gram, other.gram, out=self.gram)
        np.add(self.cross, other.cross, out=self.cross)
        return Moments(self.gram, self.cross, self.n + other.n)

    def of_columns(self, width: int) -> Moments:
        """Those of the first columns of the features alone."""
        return Moments(np.asfortranarray(self.gram[:width, :width]), self.cross[:width], self.n)

    def __sub__(self, other: Moments) -> Moments:
        return Moments(self.gram - other.gram, self.cross - other.cross, self.n - other.n)


def empty_moments(width: int, n_classes: int) -> Moments:
    """The neutral element of addition."""
    return Moments(np.zeros((width, width), order="F"), np.zeros((width, n_classes)), 0)


def one_by_one(work: Callable[[Part], None], parts: Iterable[Part]) -> None:
    """Does the ``work`` on each of the ``parts`` in this thread."""
    for part in parts:
        work(part)


def moments_of(phi: Features, codes: Codes, rows: Rows, n_classes: int, share: Share = one_by_one) -> Moments:
    """Moments of ``phi[rows]`` (n, D) with class ``codes[rows]``, read in chunks to keep the sums exact.

    So they are the same in whatever order chunks come, and somebody may ``share`` these among threads.
    """
    width = phi.shape[1]
    sums = empty_moments(width, n_classes)
    adding = Lock()

    def add(part: Part) -> None:
        block = phi[part]
        for start in range(0, width, PANEL):
            # A product of two matrices as numpy has it: scipy's of a triangle keeps other threads from working.
            product = block[:, start : start + PANEL].T @ block[:, start:]
            with adding:
                sums.gram[start:, start : start + PANEL] += product.T
        with adding:
            _add_by_class(sums.cross, block, codes[part])

    share(add, chunks(rows, EXACT_ROWS))
    return Moments(sums.gram, sums.cross, len(rows))


def class_sums(phi: Features, codes: Codes, rows: Rows, n_classes: int) -> NDArray[np.float64]:
    """``B`` (D, K) alone: sums of ``phi[rows]`` by class ``codes[rows]``."""
    sums = np.zeros((phi.shape[1], n_classes))
    for part in chunks(rows, EXACT_ROWS):
        _add_by_class(sums, phi[part], codes[part])
    return sums


def _add_by_class(sums: NDArray[np.float64], block: NDArray[np.float32], codes: Codes) -> None:
    onehot = np.zeros((len(block), sums.shape[1]), np.float32)
    onehot[np.arange(len(block)), codes] = 1
    sums += block.T @ onehot


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
    The first feature is a constant: it gives the rows of each class, and takes the constant of each score.
    """
    if not moments.n:
        return np.zeros_like(moments.cross, np.float32)
    n_of = moments.cross[0] * (moments.n / moments.cross[0].sum())
    held = n_of > SOME_ROWS
    scaled = moments.cross[:, held] / np.sqrt(n_of[held])
    within = dsyrk(-1.0, scaled, beta=1.0, c=moments.gram.copy(order="F"), lower=1, overwrite_c=1)
    overall = moments.cross.sum(axis=1, keepdims=True) / moments.n
    means = (moments.cross + HALF_A_ROW * overall) / (n_of + HALF_A_ROW)
    weights = moments.n * _regularised(within, ridge, means).astype(np.float64)
    weights[0] += (np.log(n_of + HALF_A_ROW) - np.einsum("dk,dk->k", means, weights) / 2) / overall[0]
    return weights.astype(np.float32)


def _regularised(matrix: NDArray[np.float64], ridge: float, right: NDArray[np.float64]) -> NDArray[np.float32]:
    """``(M + ridge·I)⁻¹ R`` for a symmetric M (D, D), of which the lower triangle is read.

    Where float32 rounding leaves M + ridge·I indefinite, the ridge grows tenfold until it factors.
    """
    diagonal = np.diag_indices_from(matrix)
    while True:
        regularised = matrix.astype(np.float32, order="F")
        regularised[diagonal] += np.float32(ridge)
        try:
            factor = cho_factor(regularised, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            ridge *= 10
            continue
        return np.asarray(cho_solve(factor, right.astype(np.float32), check_finite=False), dtype=np.float32)


def score(phi: Features, rows: Rows, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (len(rows), K) of the proxy with ``weights``."""
    out = np.empty((len(rows), weights.shape[1]), np.float32)
    start = 0
    for part in chunks(rows):
        block = phi[part]
        np.matmul(block, weights, out=out[start : start + len(block)])
        start += len(block)
    return out


def blocks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """The first ``n`` places, at most ``size`` at a time."""
    return (slice(start, start + size) for start in range(0, n, size))


def chunks(rows: Rows, size: int = CHUNK) -> Iterator[Rows | slice]:
    """Successive parts of ``rows``, at most ``size`` long; runs of consecutive rows as slices, read in place."""
    for block in blocks(len(rows), size):
        part = rows[block]
        consecutive = (np.diff(part) == 1).all()
        yield slice(int(part[0]), int(part[-1]) + 1) if consecutive else part
