"""The labels of records that several annotators labelled, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable
from auditor.estimators.agreement import Votes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def votes(
    ids: pl.Series, texts: NDArray[np.int64], annotators: pl.Series, codes: NDArray[np.int32], n_classes: int
) -> Votes:
    """Of rows (n,) of equal id and equal text. Where one annotator labelled a record several times, the last counts."""
    table = (
        pl.DataFrame({"id": ids, "text": texts, "annotator": annotators.str.strip_chars(), "code": codes})
        .filter(pl.col("annotator").fill_null("") != "")
        .unique(["id", "text", "annotator"], keep="last", maintain_order=True)
        .filter(pl.len().over("id", "text") > 1)
        .with_columns(item=pl.struct("id", "text").rank("dense") - 1)
    )
    if table.is_empty():
        raise NotApplicable(
            "no record was labelled by two annotators: it takes rows with the same id and text and different annotators"
        )
    items = table["item"].to_numpy().astype(np.int64)
    labels = table["code"].to_numpy().astype(np.int64)
    counts = np.zeros((int(items.max()) + 1, n_classes), np.int64)
    np.add.at(counts, (items, labels), 1)
    return added(counts, table["annotator"].n_unique())


def added(counts: NDArray[np.int64], annotators: int) -> Votes:
    """The sums over ``counts`` (items, K) of labels. Items with one label have no pair and are left out."""
    counts = counts[counts.sum(axis=1) > 1]
    size, majority, squares = counts.sum(axis=1), counts.max(axis=1), (counts**2).sum(axis=1)
    return Votes(
        items=len(counts),
        annotators=annotators,
        by_class=counts.sum(axis=0),
        pairs=int((size * (size - 1)).sum()),
        equal=int((squares - size).sum()),
        unequal=float(((size**2 - squares) / (size - 1)).sum()),
        beside=int((size - majority).sum()),
        disputed=int((majority < size).sum()),
    )
