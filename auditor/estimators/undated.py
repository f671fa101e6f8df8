"""Whether records without a date come from one source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

EVEN = 0.001


@dataclass(frozen=True)
class Lacking:
    """Rows of each of the ``values`` (V,) of a ``column``: those without a date, and those with one, (V, 2)."""

    column: str
    values: tuple[str, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class UndatedSource:
    """The value of a segment column whose records lack a date most often, where the column has to do with it."""

    column: str
    value: str
    share: float
    of_undated: float


def undated_source(columns: Sequence[Lacking]) -> UndatedSource | None:
    """The column on which a missing date depends most (chi-squared, p under 0.001 after Bonferroni), if any."""
    found: list[tuple[float, UndatedSource]] = []
    for column in columns:
        missing, dated = column.rows.T
        if len(column.values) < 2 or not missing.any() or not dated.any():
            continue
        p = float(stats.chi2_contingency(column.rows).pvalue)
        share = missing / (missing + dated)
        worst = int((missing * share).argmax())
        if p * len(columns) < EVEN:
            of_undated = float(missing[worst] / missing.sum())
            found.append((p, UndatedSource(column.column, column.values[worst], float(share[worst]), of_undated)))
    return min(found, key=lambda each: each[0])[1] if found else None
