"""Source-specific label bias: what one source files unlike all others, seen by leaving the source out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators import source_bias
from auditor.estimators.source_bias import LEAST_ROWS, Misfiled
from auditor.evidence.counted import crossed
from auditor.evidence.shown import OTHERS, common
from auditor.evidence.taxonomy import told_apart
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.source_bias import Cell
    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import OutOfFold

SOURCE_COLUMNS: Key[tuple[SourceColumn, ...]] = Key("source columns")
SOURCE_BIAS: Key[tuple[LabelBias, ...]] = Key("bias of sources")
PERIOD_BIAS: Key[tuple[LabelBias, ...]] = Key("bias of periods")
RELABELLING_GAIN: Key[float] = Key("gain by relabelling")

SURE = 0.5
# Of the records of a class so many are filed by other sources (house rule, 2026).
LEAST_ELSEWHERE = 0.1
NOBODY: NDArray[np.int64] = np.empty((0, 0), np.int64)


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


def source_column(
    name: str, values: pl.Series, largest: int = 30, people: NDArray[np.int64] = NOBODY
) -> SourceColumn | None:
    """Codes for the ``largest`` values that enough rows and ``people`` (g, n) share, the others pooled as one.

    None where only one value is left.
    """
    filled = values.fill_null("(missing)")
    kept = common(filled, people)[:largest]
    pooled = len(kept) < filled.n_unique()
    if len(kept) + pooled < 2:
        return None
    code_of = {value: code for code, value in enumerate(kept)}
    codes = filled.replace_strict(code_of, default=len(kept), return_dtype=pl.Int32).to_numpy()
    return SourceColumn(name, (*kept, OTHERS) if pooled else kept, codes, pooled)


def wrong_throughout(
    column: SourceColumn, codes: Codes, without_source: OutOfFold, with_source: OutOfFold
) -> NDArray[np.bool_]:
    """Which sources (S,) are filed unlike the others in all that they hold, see `source_bias.wrong_throughout`.

    Only rows on which both models agree count: texts that are strange to a model without the source are not wrong
    labels.
    """
    n_classes, expected = without_source.probabilities.shape[1], without_source.predicted
    clear = (without_source.probabilities.max(axis=1) > SURE) & (with_source.predicted == expected)
    return source_bias.wrong_throughout(
        *(by_source(column, expected, each, n_classes) for each in (clear, clear & (codes != expected)))
    )


def find_label_bias(
    column: SourceColumn,
    codes: Codes,
    without_source: OutOfFold,
    with_source: OutOfFold,
    throughout: NDArray[np.bool_] | None = None,
) -> tuple[LabelBias, ...]:
    """The rows of (source, given → expected) cells that one source owns, see `source_bias.biased_cells`.

    Only rows of which the model is surer than not count.
    """
    if throughout is None:
        throughout = np.zeros(len(column.values), bool)
    expected, n_classes, n_sources = without_source.predicted, without_source.probabilities.shape[1], len(column.values)
    sure = without_source.probabilities.max(axis=1) > SURE
    wrong = np.flatnonzero((expected != codes) & sure)
    pair = codes[wrong].astype(np.int64) * n_classes + expected[wrong]
    cell, rows = np.unique(pair * n_sources + column.codes[wrong], return_counts=True)
    given, wanted = np.divmod(cell // n_sources, n_classes)
    misfiled = Misfiled(by_source(column, expected, sure, n_classes), given, wanted, cell % n_sources, rows)
    biases = []
    for each in source_bias.biased_cells(misfiled, throughout, of_one_class(column, codes, n_classes)):
        here = (column.codes == each.source) & (expected == each.expected) & sure
        biases.append(bias_of(column, each, np.flatnonzero(here & (codes == each.given)), here, with_source))
    return tuple(sorted(biases, key=lambda bias: -len(bias.rows)))


def bias_of(
    column: SourceColumn, cell: Cell, rows: NDArray[np.int64], here: NDArray[np.bool_], with_source: OutOfFold
) -> LabelBias:
    """The bias of the ``rows`` (r,) of a cell, ``here`` (n,) being all that look like the expected class there."""
    again = with_source.predicted == cell.given
    return LabelBias(
        column.name,
        column.values[cell.source],
        cell.given,
        cell.expected,
        rows,
        cell.rate,
        cell.elsewhere,
        cell.p_value,
        float(again[rows].mean()),
        float(again[here].sum() / len(rows)),
    )


def may_be_a_rule(column: SourceColumn, codes: Codes, with_source: OutOfFold, bias: LabelBias) -> bool:
    """Whether the source may decide the label by right: hardly any other files under the class given, so that a model
    without the source cannot know it; or the text does not tell that class from the one expected.
    """
    sources = column.codes[codes == bias.given]
    others = int((sources != column.values.index(bias.value)).sum())
    its_own = others < max(LEAST_ROWS, LEAST_ELSEWHERE * len(sources))
    return its_own or not told_apart(codes, with_source.probabilities, bias.given, bias.expected)


def of_one_class(column: SourceColumn, codes: Codes, n_classes: int) -> NDArray[np.bool_]:
    """Which sources are of one class: (K, S)."""
    return source_bias.of_one_class(by_source(column, codes, np.ones(len(codes), bool), n_classes))


def by_source(column: SourceColumn, codes: Codes, rows: NDArray[np.bool_], n_classes: int) -> NDArray[np.int64]:
    """How many of the ``rows`` (n,) are of each class, by ``codes`` (n,), in each source: (K, S)."""
    return crossed(codes[rows], column.codes[rows], n_classes, len(column.values))
