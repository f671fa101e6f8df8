"""What models and neighbours of the past say of the same later rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.results import Key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from auditor.evidence.periods import Periods

IN_ORDER: Key[InOrder] = Key("answers in order of time")


@dataclass(frozen=True)
class InOrder:
    """Of the rows ``asked`` (q,), with their ``period`` (q,) among the ``periods`` and their class, ``truth`` (q,): the
    answers ``trained`` (P, q) of the model at each cut, -1 for rows before it, and the vote ``retrieved`` (q,) of
    earlier neighbours.
    """

    periods: Periods
    asked: NDArray[np.int64]
    period: NDArray[np.int32]
    truth: NDArray[np.int32]
    trained: NDArray[np.int16]
    retrieved: NDArray[np.int32]
