"""What the wrong labels that can be seen cost a model, and which rows a repair reads.

Mistakes at random are found one by one but cannot be told apart in the sums, so their cost is extrapolated: more of
them are added, the model is trained anew, and what that costs is scaled to those that are there already (SIMEX, Cook
and Stefanski 1994). Mistakes with a place (scrambled classes, bias of one source) are put right, and the model is
trained on the labels as they would be. Measured against planted noise in docs/adr/0016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from auditor.evidence.proxy import FoldMoments, OutOfFold, out_of_fold, relabelled
from auditor.interval import Z_90
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.label_issues import AnchorNoise
    from auditor.evidence.moments import Codes
    from auditor.keys import Lots

LABEL_COST: Key[LabelCost] = Key("cost of wrong labels")

# Share of labels that are made wrong to see what that costs.
ADDED = 0.1
# Under this share, at the lower end of its interval, anchors disagree no more than overlapping classes make them: sound
# exports of the tuning sources reach 0.05 (IMR), 10 % of mistakes at random 0.07 (NVD).
SEEN_FROM = 0.06
# A linear classifier that is trained step by step loses so much more to mistakes at random than the proxy (median of
# BANKING77 and NVD at 10 to 35 %, ADR 16), give or take a third.
MORE_THAN_PROXY, SPREAD = 1.5, 0.33
# Of the answers that change from the class given to the one expected, less those that change back, so many are right.
RIGHT_OF_CHANGED = 0.8
# Anchors that are more than this share of all rows are not the clear ones: nothing can be said.
CLEAR_SHARE = 0.2
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


@dataclass(frozen=True)
class LabelCost:
    """Shares of records: accuracy on true labels that mistakes at random cost (``at_random``) and what putting right
    those with a place gives back (``placed``), each with its standard error. ``listed`` (n,) marks the rows that a
    repair reads; ``rate`` is the share of labels thought wrong at random.
    """

    rate: float
    at_random: float
    at_random_error: float
    placed: float
    placed_error: float
    listed: NDArray[np.bool_]


def label_cost(
    phi: Features,
    codes: Codes,
    moments: FoldMoments,
    first: OutOfFold,
    quality: NDArray[np.float64],
    anchors: AnchorNoise,
    moves: Sequence[Move],
    coded: bool,
    lots: Lots,
) -> LabelCost:
    """What ``moves`` and mistakes at random cost; ``quality`` (n,) orders the doubtful rows.

    ``coded`` texts do not decide their class, so that disagreement among the surest of them is no mistake.
    """
    n = len(codes)
    listed = np.zeros(n, bool)
    seen = anchors.rate - Z_90 * anchors.error >= SEEN_FROM and anchors.anchors <= CLEAR_SHARE * n
    seen = seen and not coded
    rate = anchors.rate if seen else 0.0
    at_random = at_random_error = 0.0
    if seen:
        listed[np.argsort(quality, kind="stable")[: min(n, round(READ_PER_WRONG * rate * n))]] = True
        slope, slope_error = _slope(phi, codes, moments, first, lots)
        at_random = MORE_THAN_PROXY * max(slope, 0.0) * rate / (1 - rate)
        at_random_error = float(
            np.hypot(SPREAD * at_random, MORE_THAN_PROXY * np.hypot(slope_error * rate, slope * anchors.error))
        )
    placed = placed_error = 0.0
    for move in moves:
        listed[move.rows] = True
    moves = _one_way(moves)
    if moves:
        corrected = codes.copy()
        for move in moves:
            corrected[move.rows] = move.expected
        after = out_of_fold(phi, corrected, relabelled(phi, codes, corrected, moments)).predicted
        changed = _changed(first.predicted, after, moves)
        placed = max(RIGHT_OF_CHANGED * changed, 0.0)
        placed_error = float(np.hypot(SPREAD * placed, np.sqrt(abs(changed) / n)))
    return LabelCost(rate, at_random, at_random_error, placed, placed_error, listed)


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


def _changed(before: NDArray[np.int32], after: NDArray[np.int32], moves: Sequence[Move]) -> float:
    """The share of rows (n,) whose answer changes along one of the ``moves``, less that of those that change back."""
    ways = {(move.given, move.expected) for move in moves}
    changes = [(int(old), int(new)) for old, new in zip(before, after, strict=True) if old != new]
    return sum((each in ways) - (each[::-1] in ways) for each in changes) / len(before)


def _slope(phi: Features, codes: Codes, moments: FoldMoments, first: OutOfFold, lots: Lots) -> tuple[float, float]:
    """Accuracy on the labels as they are that one more wrong label in one costs, and its standard error."""
    n, n_classes = len(codes), moments.total.cross.shape[1]
    # By any label that occurs, as often as it does.
    any_label = np.sort(codes)[(lots.uniform("any label") * n).astype(np.int64)]
    wrong = np.where(lots.uniform("made wrong") < ADDED, any_label, codes)
    added = float((wrong != codes).mean())
    if not added or n_classes < 2:
        return 0.0, 0.0
    after = out_of_fold(phi, wrong, relabelled(phi, codes, wrong, moments))
    each = (first.predicted == codes).astype(float) - (after.predicted == codes)
    return float(each.mean()) / added, float(each.std() / np.sqrt(n)) / added
