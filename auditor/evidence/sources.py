"""Source-specific label bias: what one source files unlike all others, seen by leaving the source out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import binom, norm

from auditor.evidence.shown import OTHERS
from auditor.model import SHARED_BY
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import OutOfFold

SOURCE_COLUMNS: Key[tuple[SourceColumn, ...]] = Key("source columns")
SOURCE_BIAS: Key[tuple[LabelBias, ...]] = Key("bias of sources")
PERIOD_BIAS: Key[tuple[LabelBias, ...]] = Key("bias of periods")
RELABELLING_GAIN: Key[float] = Key("gain by relabelling")

FAMILY_ERROR = 0.01
MIN_ROWS = 6
# Of a source that files all its records unlike the others, every cell counts that is more than one slip.
FEW_ROWS = 2
# Such a source is wrong so many times as often as the others would be on its records. Where sources differ by nature,
# it is up to 1.8 times (years of imr_ca, extracts of CFPB), with half of its labels wrong 2.8 and more (house rule).
MIN_TIMES = 2.0
MIN_EXCESS = 3.0
SURE = 0.5
MIN_RATE = 0.15
# A source that files so much under one class, and so many times what the others do, holds other records than they do:
# that is no bias (an extract of one product of CFPB's).
ONE_CLASS, TIMES_OTHERS = 2 / 3, 2.0


@dataclass(frozen=True)
class SourceColumn:
    """A segment or annotator column: ``values`` by falling count, ``codes`` (n,) per row.

    Where ``pooled``, the last value stands for all the rarer ones.
    """

    name: str
    values: tuple[str, ...]
    codes: NDArray[np.int32]
    pooled: bool = False


@dataclass(frozen=True)
class LabelBias:
    """Rows ``rows`` (r,) that ``value`` files under ``given`` where a model without it expects ``expected``.

    ``rate`` is their share of all that the model expects to be ``expected`` there, ``elsewhere`` the same
    rate in the other sources, ``p_value`` the one-sided exact binomial one before correction.
    """

    column: str
    value: str
    given: int
    expected: int
    rows: NDArray[np.int64]
    rate: float
    elsewhere: float
    p_value: float
    repeated_noise_rate: float
    amplification_ratio: float


def source_column(name: str, values: pl.Series, largest: int = 30) -> SourceColumn | None:
    """Codes for the ``largest`` values that enough rows share, the others pooled as one.

    None where only one value is left.
    """
    filled = values.fill_null("(missing)")
    counts = filled.value_counts(sort=True, name="rows").sort(["rows", filled.name], descending=[True, False])
    kept = tuple(counts.filter(pl.col("rows") >= SHARED_BY)[filled.name][:largest].to_list())
    pooled = len(kept) < len(counts)
    if len(kept) + pooled < 2:
        return None
    code_of = {value: code for code, value in enumerate(kept)}
    codes = filled.replace_strict(code_of, default=len(kept), return_dtype=pl.Int32).to_numpy()
    return SourceColumn(name, (*kept, OTHERS) if pooled else kept, codes, pooled)


def wrong_throughout(
    column: SourceColumn, codes: Codes, without_source: OutOfFold, with_source: OutOfFold
) -> NDArray[np.bool_]:
    """Which sources (S,) are filed unlike the others in all that they hold, however few records a class has there.

    The null: what the models expect to be b is filed otherwise at one rate everywhere. A source's count of such rows,
    over all b, is held to what the rates of the others make of it (indirect standardisation). Only rows on which both
    models agree count: texts that are strange to a model without the source are not wrong labels.
    """
    n_sources, n_classes = len(column.values), without_source.probabilities.shape[1]
    expected = without_source.predicted
    clear = (without_source.probabilities.max(axis=1) > SURE) & (with_source.predicted == expected)
    rows, wrong = (_by_source(column, expected, each, n_classes) for each in (clear, clear & (codes != expected)))
    others, others_wrong = (each.sum(axis=1, keepdims=True) - each for each in (rows, wrong))
    usual = others_wrong.sum(axis=0) / np.maximum(others.sum(axis=0), 1)
    rate = (others_wrong + 2 * usual) / (others + 2)
    foreseen, found = (rows * rate).sum(axis=0), wrong.sum(axis=0)
    # The rates of the others are estimates too.
    error = np.sqrt((rows * rate * (1 - rate) * (1 + rows / (others + 2))).sum(axis=0))
    p_values = norm.sf((found - foreseen) / np.maximum(error, 1e-9))
    large = (found >= MIN_TIMES * foreseen) & (found >= MIN_RATE * rows.sum(axis=0))
    return np.asarray((p_values * n_sources < FAMILY_ERROR) & large)


def find_label_bias(
    column: SourceColumn,
    codes: Codes,
    without_source: OutOfFold,
    with_source: OutOfFold,
    throughout: NDArray[np.bool_] | None = None,
) -> tuple[LabelBias, ...]:
    """(source, given → expected) cells that one source owns far beyond its share of the expected class.

    The null: given the expected class b, every source files under a ≠ b at the same rate, so that the rows
    of a cell (s, a, b) are binomial among all rows of (a, b) with the share that s has of the rows
    expected to be b. Bonferroni over all cells of the pairs that occur.
    Only rows of which the model is surer than not count, and no source of which nearly all is of one class. Sources
    that are wrong ``throughout`` (S,) have shown that already, and every cell of theirs is tested by its size alone.
    """
    if throughout is None:
        throughout = np.zeros(len(column.values), bool)
    expected = without_source.predicted
    n_classes = without_source.probabilities.shape[1]
    n_sources = len(column.values)
    sure = without_source.probabilities.max(axis=1) > SURE
    wrong = np.flatnonzero((expected != codes) & sure)
    pair = codes[wrong].astype(np.int64) * n_classes + expected[wrong]
    in_pair = np.bincount(pair, minlength=n_classes**2)
    cell, in_cell = np.unique(pair * n_sources + column.codes[wrong], return_counts=True)
    n_tests = np.count_nonzero(in_pair) * n_sources
    kept = in_cell >= np.where(throughout[cell % n_sources], FEW_ROWS, MIN_ROWS)
    cell, in_cell = cell[kept], in_cell[kept]
    of_expected = _by_source(column, expected, sure, n_classes)
    source, cell_pair = cell % n_sources, cell // n_sources
    target = cell_pair % n_classes
    share = of_expected[target, source] / of_expected[target].sum(axis=1)
    p_values = binom.sf(in_cell - 1, in_pair[cell_pair], share)
    single = of_one_class(column, codes, n_classes)
    biases = []
    for index in np.flatnonzero((p_values * n_tests < FAMILY_ERROR) | throughout[source]):
        given, wanted, at = int(cell_pair[index] // n_classes), int(target[index]), int(source[index])
        others = of_expected[wanted].sum() - of_expected[wanted, at]
        rate = in_cell[index] / of_expected[wanted, at]
        elsewhere = (in_pair[cell_pair[index]] - in_cell[index]) / max(others, 1)
        if rate < MIN_RATE or rate < MIN_EXCESS * elsewhere or single[given, at]:
            continue
        here = (column.codes == at) & (expected == wanted) & sure
        rows = np.flatnonzero(here & (codes == given))
        repeated = with_source.predicted[rows] == given
        biases.append(
            LabelBias(
                column.name,
                column.values[at],
                given,
                wanted,
                rows,
                float(rate),
                float(elsewhere),
                float(p_values[index]),
                float(repeated.mean()),
                float((with_source.predicted[here] == given).sum() / len(rows)),
            )
        )
    return tuple(sorted(biases, key=lambda bias: -len(bias.rows)))


def of_one_class(column: SourceColumn, codes: Codes, n_classes: int) -> NDArray[np.bool_]:
    """Which sources are of one class: (K, sources)."""
    filed = _by_source(column, codes, np.ones(len(codes), bool), n_classes)
    rows = filed.sum(axis=0)
    here = filed / np.maximum(rows, 1)
    elsewhere = (filed.sum(axis=1, keepdims=True) - filed) / np.maximum(filed.sum() - rows, 1)
    return np.asarray((here >= ONE_CLASS) & (here >= TIMES_OTHERS * elsewhere))


def _by_source(column: SourceColumn, codes: Codes, rows: NDArray[np.bool_], n_classes: int) -> NDArray[np.int64]:
    """How many of the ``rows`` (n,) are of each class, by ``codes`` (n,), in each source: (K, sources)."""
    n_sources = len(column.values)
    cell = codes[rows].astype(np.int64) * n_sources + column.codes[rows]
    return np.bincount(cell, minlength=n_classes * n_sources).reshape(n_classes, n_sources)
