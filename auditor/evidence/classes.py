"""The taxonomy as the labels spell it; spellings that `auditor.inputs.labels.folded` makes one are one class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.shown import RARE, class_names
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CLASSES: Key[Classes] = Key("classes")


@dataclass(frozen=True)
class Classes:
    """``names`` in code order (by falling count), ``codes`` (n,) and, per name, its ``spellings`` with counts."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]
    spellings: Mapping[str, Mapping[str, int]]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.codes, minlength=len(self.names))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The names in code order as a report may show them: classes of too few records share one."""
        return class_names(self.names, self.counts)

    @cached_property
    def rare(self) -> NDArray[np.bool_]:
        """Which classes (K,) no report names."""
        return np.array([name == RARE for name in self.shown])

    def __len__(self) -> int:
        return len(self.names)


def fold_labels(labels: pl.Series) -> Classes:
    """Classes of ``labels`` (no nulls). A class is named by its commonest spelling, trimmed."""
    distinct = labels.unique()
    keys = [folded(label) for label in distinct]
    keyed = labels.replace_strict(distinct, pl.Series(keys, dtype=pl.String), return_dtype=pl.String)
    table = (
        pl.DataFrame({"label": labels, "folded": keyed})
        .group_by("label", "folded")
        .agg(rows=pl.len())
        .sort(["rows", "label"], descending=[True, False])
    )
    classes = (
        table.group_by("folded", maintain_order=True)
        .agg(pl.col("label"), pl.col("rows"), total=pl.col("rows").sum())
        .sort(["total", "folded"], descending=[True, False])
        .with_row_index("code")
    )
    names = tuple(spelled[0].strip() for spelled in classes["label"])
    codes = pl.DataFrame({"folded": keyed}).join(
        classes.select("folded", "code"), on="folded", how="left", maintain_order="left"
    )["code"]
    spellings = {
        name: dict(zip(spelled, rows, strict=True))
        for name, spelled, rows in zip(names, classes["label"], classes["rows"], strict=True)
    }
    return Classes(names, codes.to_numpy().astype(np.int32), spellings)
