"""Source-specific label bias, from counts: what one source files unlike all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom, norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAMILY_ERROR = 0.01
MIN_ROWS = 6
# Of a source that files all its records unlike the others, every cell counts that is more than one slip.
FEW_ROWS = 2
# Such a source is wrong so many times as often as the others would be on its records. Where sources differ by nature,
# it is up to 1.8 times (years of imr_ca, extracts of CFPB), with half of its labels wrong 2.8 and more (house rule).
MIN_TIMES = 2.0
MIN_EXCESS = 3.0
MIN_RATE = 0.15
# A source that files so much under one class, and so many times what the others do, holds other records than they do:
# that is no bias (an extract of one product of CFPB's).
ONE_CLASS, TIMES_OTHERS = 2 / 3, 2.0
# Fewer records of two classes that a model hardly tells apart are no habit (house rule, 2026).
LEAST_ROWS = 10


@dataclass(frozen=True)
class Cell:
    """A ``source`` that files under ``given`` at this ``rate`` what is ``expected`` to be another class, the others at
    the rate ``elsewhere``; ``p_value`` is the one-sided exact binomial one before correction.
    """

    source: int
    given: int
    expected: int
    rate: float
    elsewhere: float
    p_value: float


@dataclass(frozen=True)
class Misfiled:
    """Rows of each of S sources that a model is sure of: those ``expected`` (K, S) to be of each class, and of those
    filed otherwise the rows (C,) of each ``given`` (C,) and ``wanted`` (C,) class and ``source`` (C,).
    """

    expected: NDArray[np.int64]
    given: NDArray[np.int64]
    wanted: NDArray[np.int64]
    source: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Nearer:
    """Pairs of classes, ``given`` (C,) and ``wanted`` (C,): rows of each source ``filed`` (C, S) under the first that
    are nearer to the second, and all that ``look`` (C, S) like the second of the two.
    """

    given: NDArray[np.int64]
    wanted: NDArray[np.int64]
    filed: NDArray[np.int64]
    look: NDArray[np.int64]


def wrong_throughout(rows: NDArray[np.int64], wrong: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sources (S,) are filed unlike the others in all that they hold, however few records a class has there, from
    the ``rows`` (K, S) that are expected to be of each class and those of them filed otherwise, ``wrong`` (K, S).

    The null: what the models expect to be b is filed otherwise at one rate everywhere. A source's count of such rows,
    over all b, is held to what the rates of the others make of it (indirect standardisation).
    """
    others, others_wrong = (each.sum(axis=1, keepdims=True) - each for each in (rows, wrong))
    usual = others_wrong.sum(axis=0) / np.maximum(others.sum(axis=0), 1)
    rate = (others_wrong + 2 * usual) / (others + 2)
    foreseen, found = (rows * rate).sum(axis=0), wrong.sum(axis=0)
    # The rates of the others are estimates too.
    error = np.sqrt((rows * rate * (1 - rate) * (1 + rows / (others + 2))).sum(axis=0))
    p_values = norm.sf((found - foreseen) / np.maximum(error, 1e-9))
    large = (found >= MIN_TIMES * foreseen) & (found >= MIN_RATE * rows.sum(axis=0))
    return np.asarray((p_values * rows.shape[1] < FAMILY_ERROR) & large)


def of_one_class(filed: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sources are of one class, from the rows of each: (K, S)."""
    rows = filed.sum(axis=0)
    here = filed / np.maximum(rows, 1)
    elsewhere = (filed.sum(axis=1, keepdims=True) - filed) / np.maximum(filed.sum() - rows, 1)
    return np.asarray((here >= ONE_CLASS) & (here >= TIMES_OTHERS * elsewhere))


def biased_cells(found: Misfiled, throughout: NDArray[np.bool_], one_class: NDArray[np.bool_]) -> list[Cell]:
    """(source, given → expected) cells that one source owns far beyond its share of the expected class.

    The null: given the expected class b, every source files under a ≠ b at the same rate, so that the rows
    of a cell (s, a, b) are binomial among all rows of (a, b) with the share that s has of the rows
    expected to be b. Bonferroni over all cells of the pairs that occur.
    Nothing counts of a source that is nearly all of ``one_class`` (K, S). Sources that are wrong ``throughout`` (S,)
    have shown that already, and every cell of theirs is tested by its size alone.
    """
    n_classes, n_sources = found.expected.shape
    pair = found.given * n_classes + found.wanted
    in_pair = np.bincount(pair, found.rows, n_classes**2)
    n_tests = np.count_nonzero(in_pair) * n_sources
    share = found.expected[found.wanted, found.source] / found.expected[found.wanted].sum(axis=1)
    p_values = binom.sf(found.rows - 1, in_pair[pair], share)
    kept = found.rows >= np.where(throughout[found.source], FEW_ROWS, MIN_ROWS)
    cells = []
    for at in np.flatnonzero(kept & ((p_values * n_tests < FAMILY_ERROR) | throughout[found.source])):
        given, wanted, source = int(found.given[at]), int(found.wanted[at]), int(found.source[at])
        here = found.expected[wanted, source]
        rate = found.rows[at] / here
        elsewhere = (in_pair[pair[at]] - found.rows[at]) / max(found.expected[wanted].sum() - here, 1)
        if rate >= MIN_RATE and rate >= MIN_EXCESS * elsewhere and not one_class[given, source]:
            cells.append(Cell(source, given, wanted, float(rate), float(elsewhere), float(p_values[at])))
    return cells


def biased_pairs(found: Nearer, one_class: NDArray[np.bool_]) -> list[Cell]:
    """Cells of two classes, the surest first.

    The null: of the records filed under a or b whose text is nearer to b by a model without their source, every source
    files the same share under a. Exact binomial test as in `biased_cells`, Bonferroni over all cells of the pairs that
    occur.
    """
    filed, look = found.filed, found.look
    in_pair, looking = filed.sum(axis=1, keepdims=True), look.sum(axis=1, keepdims=True)
    usual = look / np.maximum(looking, 1)
    p_values = binom.sf(filed - 1, in_pair, usual)
    rate = filed / np.maximum(look, 1)
    elsewhere = (in_pair - filed) / np.maximum(looking - look, 1)
    clear = (p_values * p_values.size < FAMILY_ERROR) & (filed >= LEAST_ROWS) & (rate >= MIN_RATE)
    clear &= (rate >= MIN_EXCESS * elsewhere) & ~one_class[found.given]
    cells = np.argwhere(clear)
    surest = np.argsort(binom.logsf(filed - 1, in_pair, usual)[clear], kind="stable")
    return [
        Cell(
            int(at),
            int(found.given[pair]),
            int(found.wanted[pair]),
            float(rate[pair, at]),
            float(elsewhere[pair, at]),
            float(p_values[pair, at]),
        )
        for pair, at in cells[surest]
    ]
