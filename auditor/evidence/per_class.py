"""The rows of each class: what models and neighbours answer of them, and when they are dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.per_class import ClassCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes
    from auditor.evidence.duplicates import Duplicates
    from auditor.evidence.retrieval import Retrieval
    from auditor.evidence.sources import LabelBias


def class_counts(
    classes: Classes, predicted: NDArray[np.int32], retrieval: Retrieval, duplicates: Duplicates, times: pl.Series
) -> ClassCounts:
    """Of each class, by what a model has ``predicted`` (n,), and by its days among ``times`` (n,)."""
    codes, k = classes.codes, len(classes)
    asked = codes[retrieval.queries]

    def counted(chosen: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.bincount(chosen, minlength=k)

    days = (
        pl.DataFrame({"code": codes, "day": times.dt.date()})
        .group_by("code")
        .agg(first=pl.col("day").min(), last=pl.col("day").max())
        .sort("code")
    )
    return ClassCounts(
        rows=classes.counts,
        different=duplicates.different(codes, k),
        hits=counted(codes[predicted == codes]),
        said=counted(predicted),
        asked=counted(asked),
        voted=counted(asked[retrieval.vote == asked]),
        among=counted(asked[retrieval.found]),
        first=days["first"].to_list(),
        last=days["last"].to_list(),
    )


def biased_rows(biases: tuple[LabelBias, ...], n_classes: int) -> NDArray[np.int64]:
    """Rows (K,) that a source files by a bias of its own, of the class given and of the one expected."""
    found = np.zeros(n_classes, np.int64)
    for bias in biases:
        found[[bias.given, bias.expected]] += len(bias.rows)
    return found
