"""How far annotators agree who labelled the same record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

AGREEMENT: Key[Agreement] = Key("agreement")


@dataclass(frozen=True)
class Agreement:
    """``percentage`` is the share of pairs of labels of one record that are equal.

    At least ``wrong`` of the ``labels`` on ``items`` records are wrong: those beside each record's commonest label.
    """

    items: int
    annotators: int
    labels: int
    percentage: float
    alpha: float
    wrong: int
    disputed: int


def agreement(
    ids: pl.Series, texts: NDArray[np.int64], annotators: pl.Series, codes: NDArray[np.int32], n_classes: int
) -> Agreement:
    """Agreement on the records that two annotators or more labelled: rows (n,) of equal id and equal text.

    Where one annotator labelled a record several times, the last label counts.
    """
    votes = (
        pl.DataFrame({"id": ids, "text": texts, "annotator": annotators.str.strip_chars(), "code": codes})
        .filter(pl.col("annotator").fill_null("") != "")
        .unique(["id", "text", "annotator"], keep="last", maintain_order=True)
        .filter(pl.len().over("id", "text") > 1)
        .with_columns(item=pl.struct("id", "text").rank("dense") - 1)
    )
    if votes.is_empty():
        raise NotApplicable(
            "no record was labelled by two annotators: it takes rows with the same id and text and different annotators"
        )
    items = votes["item"].to_numpy().astype(np.int64)
    labels = votes["code"].to_numpy().astype(np.int64)
    counts = np.zeros((int(items.max()) + 1, n_classes), np.int64)
    np.add.at(counts, (items, labels), 1)
    size, majority = counts.sum(axis=1), counts.max(axis=1)
    return Agreement(
        items=len(counts),
        annotators=votes["annotator"].n_unique(),
        labels=len(votes),
        percentage=float((counts * (counts - 1)).sum() / (size * (size - 1)).sum()),
        alpha=krippendorff_alpha(counts),
        wrong=int((size - majority).sum()),
        disputed=int((majority < size).sum()),
    )


def krippendorff_alpha(counts: NDArray[np.int64]) -> float:
    """Krippendorff's alpha for nominal data (Krippendorff 2004, ch. 11) from ``counts`` (items, classes) of labels.

    Items with one label have no pair and are left out. It is 1 where all labels are of one class.
    """
    counts = counts[counts.sum(axis=1) > 1].astype(np.float64)
    size = counts.sum(axis=1)
    unequal_pairs = size**2 - (counts**2).sum(axis=1)
    observed = float((unequal_pairs / (size - 1)).sum())
    total, by_class = float(size.sum()), counts.sum(axis=0)
    expected = (total**2 - float((by_class**2).sum())) / (total - 1) if len(counts) else 0.0
    return 1 - observed / expected if expected else 1.0
