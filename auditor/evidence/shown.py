"""Which values of the records a report may show: those that so many records share that they tell on nobody.

The threshold rule of statistical disclosure control (Hundepool et al. 2012), with house limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

# A word, a payer, a person: house rule (2026), above the 11 records under which CMS publishes no count.
SHARED_BY = 15
# A class is a word of the organisation, and the rare ones are what a taxonomy is repaired by: house rule (2026).
CLASS_SHARED_BY = 5
OTHERS = "(all others)"
RARE = f"(fewer than {CLASS_SHARED_BY} records)"


def pooled(values: pl.Series) -> pl.Series:
    """``values`` (n,) with those of fewer than ``SHARED_BY`` rows as one, ``OTHERS``."""
    name = pl.col(values.name)
    return values.to_frame().select(pl.when(pl.len().over(name) >= SHARED_BY).then(name).otherwise(pl.lit(OTHERS)))[
        values.name
    ]


def class_names(names: Sequence[str], counts: NDArray[np.int64]) -> tuple[str, ...]:
    """``names`` (K,) of classes with ``counts`` (K,) records, where ``RARE`` stands for those of too few."""
    return tuple(name if rows >= CLASS_SHARED_BY else RARE for name, rows in zip(names, counts, strict=True))
