"""A narrow part of the features, for what compares two models: of other times, of other sources, of other folds.

A product at 1,024 columns takes an eighth of one at 2,800. What it says of a difference holds at the full width; its
level does not, so that answers are carried over: where a narrow model of other rows answers as the narrow one of random
folds does, the wide one would too. Measured in docs/adr/0028.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from auditor.evidence.grid import columns
from auditor.evidence.proxy import FoldMoments, OutOfFold, out_of_fold
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes

    Answers = TypeVar("Answers", NDArray[np.int16], NDArray[np.int32], NDArray[np.int64])

NARROW: Key[Narrow] = Key("narrow features")

# Columns; the first of φ are a fair small space, see `grid`.
WIDTH = 1024


@dataclass(frozen=True)
class Narrow:
    """The first columns ``phi`` (n, d) of the features, their ``moments`` by fold and the ``out_of_fold`` predictions
    from them: those of the full width where that is not larger.
    """

    phi: Features
    moments: FoldMoments
    out_of_fold: OutOfFold


def narrowed(phi: Features, codes: Codes, moments: FoldMoments, wide: OutOfFold) -> Narrow:
    """At most `WIDTH` columns of ``phi`` (n, D), whose predictions are ``wide``; the moments hold theirs already."""
    if phi.shape[1] <= WIDTH:
        return Narrow(phi, moments, wide)
    few = columns(phi, slice(0, WIDTH))
    parts = tuple(part.of_columns(WIDTH) for part in moments.parts)
    own = replace(moments, parts=parts, total=moments.total.of_columns(WIDTH))
    return Narrow(few, own, out_of_fold(few, codes, own))


def carried_over(said: Answers, narrow: NDArray[np.int32], wide: NDArray[np.int32]) -> Answers:
    """What wide models would answer where narrow ones ``said`` this (..., n), if random folds answer ``narrow`` (n,)
    and ``wide`` (n,). No answer, -1, stays one.
    """
    return np.where(said == narrow, wide, said).astype(said.dtype)
