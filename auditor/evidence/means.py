"""How sure the mean of values of rows is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.interval import error_of_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray


def mean_error(values: NDArray[np.generic], weights: NDArray[np.float64] | None = None) -> float:
    """The standard error of the mean of ``values`` (n,), at the effective sample size of their ``weights`` (Kish 1965).

    That of a share is never under one right and one wrong answer more.
    """
    each, of = values.astype(float), np.ones(len(values)) if weights is None else weights
    size = float(of.sum() ** 2 / (of**2).sum())
    variance = float(np.average((each - np.average(each, weights=of)) ** 2, weights=of))
    return error_of_mean(variance, size)
