"""The records of each payer, site, annotator or language, and those whose labels a model doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.segment_doubt import Doubted
from auditor.evidence.languages import beyond_english, names
from auditor.evidence.sources import SourceColumn, source_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANGUAGE = "language"


def doubted(column: SourceColumn, flagged: NDArray[np.bool_]) -> Doubted:
    """How many rows of each value are ``flagged`` (n,); pooled values are left out."""
    named = column.values[:-1] if column.pooled else column.values
    rows, of_flagged = (
        np.bincount(each, minlength=len(column.values))[: len(named)] for each in (column.codes, column.codes[flagged])
    )
    return Doubted(column.name, named, rows, of_flagged)


def with_language(columns: tuple[SourceColumn, ...], languages: NDArray[np.int32]) -> tuple[SourceColumn, ...]:
    """The ``columns`` and, where there is more than English, the language of the text (n,) as one more."""
    if LANGUAGE in {column.name for column in columns} or not beyond_english(languages):
        return columns
    told = source_column(LANGUAGE, names(languages))
    return columns if told is None else (*columns, told)
