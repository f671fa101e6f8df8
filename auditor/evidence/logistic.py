"""Multinomial logistic regression on the features, trained step by step, where that is affordable."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Rows

INVERSE_PENALTY = 10.0
# Stochastic gradients with momentum (Polyak 1964), the rate falling to nothing: as right on BANKING77 as 20 steps of
# L-BFGS, at a third of the time: docs/adr/0028. Features have a length of some 1.5, so that the rate is stable.
BATCH, RATE, MOMENTUM = 64, 8.0, 0.9
EPOCHS = 8
# Few rows need more epochs to come as far.
LEAST_STEPS = 300
# Some twenty seconds of one core for a training on all rows.
MAX_CELLS = 10_000_000_000
NEVER = -1000.0
# Of the order of the rows in each epoch, which is part of the solver and not of the run's draws.
SEED = 0


def affordable(phi: Features, n_classes: int) -> bool:
    """Whether an audit can train it on five folds, along a learning curve and at every cut in time."""
    return bool(math.prod(phi.shape) * n_classes <= MAX_CELLS)


def logistic_weights(
    phi: Features, codes: Codes, rows: Rows, n_classes: int, start: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Weights (D, K) by the classes of ``rows``; the others get scores that no row reaches.

    ``start`` are the weights of a part of ``rows``, if there are any, to go on from.
    The first feature is a constant and takes the place of an intercept.
    """
    held = np.unique(codes[rows])
    weights = np.zeros((phi.shape[1], n_classes), np.float32)
    weights[0] = NEVER
    weights[0, held] = 0
    if len(held) < 2:
        return weights
    begun = weights[:, held] if start is None else np.where(start[:, held] == NEVER, 0, start[:, held])
    weights[:, held] = _descended(phi, rows, np.searchsorted(held, codes[rows]), begun)
    return weights


def _descended(
    phi: Features, rows: Rows, classes: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The ``weights`` (D, K) after some epochs over the ``rows`` (n,) of ``classes`` (n,), which are their columns."""
    weights = np.ascontiguousarray(weights)
    moving = np.zeros_like(weights)
    penalty = np.float32(1 / (INVERSE_PENALTY * len(rows)))
    rng = np.random.default_rng(SEED)
    batches = -(-len(rows) // BATCH)
    epochs = max(EPOCHS, -(-LEAST_STEPS // batches))
    for epoch in range(epochs):
        order = rng.permutation(len(rows))
        for batch in range(batches):
            taken = order[batch * BATCH : (batch + 1) * BATCH]
            block = phi[rows[taken]]
            excess = block @ weights
            excess -= excess.max(axis=1, keepdims=True)
            np.exp(excess, out=excess)
            excess /= excess.sum(axis=1, keepdims=True)
            excess[np.arange(len(taken)), classes[taken]] -= 1
            excess /= len(taken)
            moving *= np.float32(MOMENTUM)
            moving += block.T @ excess
            moving += penalty * weights
            weights -= np.float32(RATE * (1 - (epoch * batches + batch) / (epochs * batches))) * moving
    return weights
