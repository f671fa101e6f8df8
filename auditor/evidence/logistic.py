"""Multinomial logistic regression on the features, trained step by step, where that is affordable."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Rows

# Steps are few on purpose: 80 of them, or a third of the penalty, gain less than half a point on BANKING77. The usual
# tolerance would stop some fits after four, as the gradient is small where there are many classes.
INVERSE_PENALTY = 10.0
STEPS = 20
# From the weights of a model that was trained on a part of the same rows: as good, at some 60 % of the time.
MORE_STEPS = 12
TOLERANCE = 1e-6
# Some twenty seconds of one core for a training on all rows.
MAX_CELLS = 10_000_000_000
NEVER = -1000.0


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
    if len(held) > 1:
        # A part of one class has taught nothing.
        steps = STEPS if start is None or not start[1:].any() else MORE_STEPS
        model = LogisticRegression(
            C=INVERSE_PENALTY, max_iter=steps, tol=TOLERANCE, fit_intercept=False, warm_start=True
        )
        # With two classes there is one row of weights, for the second.
        fitted = held if len(held) > 2 else held[1:]
        if start is not None:
            begun = start[:, fitted]
            model.coef_ = np.where(begun == NEVER, 0, begun).T
        # That it did not converge, and that few rows hold many classes.
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            model.fit(phi[rows], codes[rows])
        weights[:, fitted] = model.coef_.T
    return weights
