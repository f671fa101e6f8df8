"""Models of labels made worse or put right, and which rows a repair reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from auditor.estimators.label_cost import MadeWorse
from auditor.evidence.proxy import FoldMoments, OutOfFold, out_of_fold, relabelled
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.keys import Lots

# Which rows (n,) a repair reads.
LISTED: Key[NDArray[np.bool_]] = Key("rows that a repair reads")

# Share of labels that are made wrong to see what that costs.
ADDED = 0.1
# Rows read per label thought wrong: the doubtful half holds nearly all of them (ADR 16).
READ_PER_WRONG = 2.0


class Move(Protocol):
    """Rows (r,) of class ``given`` that would be put into class ``expected``."""

    @property
    def rows(self) -> NDArray[np.int64]: ...
    @property
    def given(self) -> int: ...
    @property
    def expected(self) -> int: ...


def listed(quality: NDArray[np.float64], rate: float, moves: Sequence[Move]) -> NDArray[np.bool_]:
    """The rows (n,) of the ``moves``, and of the others those of least ``quality`` (n,), as many as the share of wrong
    labels, ``rate``, asks for.
    """
    n = len(quality)
    found = np.zeros(n, bool)
    found[np.argsort(quality, kind="stable")[: min(n, round(READ_PER_WRONG * rate * n))]] = True
    for move in moves:
        found[move.rows] = True
    return found


def made_worse(phi: Features, codes: Codes, moments: FoldMoments, first: OutOfFold, lots: Lots) -> MadeWorse:
    """More labels are made wrong, and the model whose predictions are ``first`` is trained anew."""
    n, n_classes = len(codes), moments.total.cross.shape[1]
    # By any label that occurs, as often as it does.
    any_label = np.sort(codes)[(lots.uniform("any label") * n).astype(np.int64)]
    wrong = np.where(lots.uniform("made wrong") < ADDED, any_label, codes)
    added = int((wrong != codes).sum())
    if not added or n_classes < 2:
        return MadeWorse(n, 0, 0, 0)
    after = out_of_fold(phi, wrong, relabelled(phi, codes, wrong, moments))
    right, still = first.predicted == codes, after.predicted == codes
    return MadeWorse(n, added, int(right.sum() - still.sum()), int((right != still).sum()))


def righted(phi: Features, codes: Codes, moments: FoldMoments, first: OutOfFold, moves: Sequence[Move]) -> int:
    """How many rows change their answer along one of the ``moves``, less those that change back, once a model is
    trained on the labels as they would be.
    """
    moves = _one_way(moves)
    if not moves:
        return 0
    corrected = codes.copy()
    for move in moves:
        corrected[move.rows] = move.expected
    after = out_of_fold(phi, corrected, relabelled(phi, codes, corrected, moments)).predicted
    ways = {(move.given, move.expected) for move in moves}
    changes = [(int(old), int(new)) for old, new in zip(first.predicted, after, strict=True) if old != new]
    return sum((each in ways) - (each[::-1] in ways) for each in changes)


def _one_way(moves: Sequence[Move]) -> list[Move]:
    """Where records of two classes are moved both ways, the text cannot tell which of the two they are. A repair reads
    all of them and ends with one: the way that takes more rows stands for it.
    """
    rows = {(move.given, move.expected): len(move.rows) for move in moves}
    return [
        move
        for move in moves
        if (len(move.rows), move.given) > (rows.get((move.expected, move.given), 0), move.expected)
    ]
