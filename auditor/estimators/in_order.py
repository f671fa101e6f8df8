"""What models and neighbours of the past say of the same later rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.calendar import Calendar

IN_ORDER: Key[InOrder] = Key("answers in order of time")


@dataclass(frozen=True)
class InOrder:
    """Of a sample of rows, ``asked`` (q,), with their ``period`` (q,) in the ``calendar`` and their class, ``truth``
    (q,): the answers ``trained`` (P, q) of the model at each cut, -1 for rows before it, and the vote ``retrieved``
    (q,) of earlier neighbours.
    """

    calendar: Calendar
    asked: NDArray[np.int64]
    period: NDArray[np.int32]
    truth: NDArray[np.int32]
    trained: NDArray[np.int16]
    retrieved: NDArray[np.int32]

    def by_age(self, ages: NDArray[np.int64]) -> NDArray[np.int16]:
        """The answers (q, A) of the models that ended ``ages`` (A,) periods before each row's own; -1 where none is
        that old.
        """
        cut = self.period[:, None] - ages
        said = self.trained[np.maximum(cut, 0), np.arange(len(self.period))[:, None]]
        return np.where(cut >= 0, said, -1).astype(np.int16)
