"""What the wrong labels that can be seen cost a model.

Mistakes at random are found one by one but cannot be told apart in the sums, so their cost is extrapolated: more of
them are added, the model is trained anew, and what that costs is scaled to those that are there already (SIMEX, Cook
and Stefanski 1994). Mistakes with a place (scrambled classes, bias of one source) are put right, and the model is
trained on the labels as they would be. Measured against planted noise in docs/adr/0016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.interval import Z_90
from auditor.results import Key

if TYPE_CHECKING:
    from auditor.estimators.label_noise import AnchorNoise

LABEL_COST: Key[LabelCost] = Key("cost of wrong labels")

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


@dataclass(frozen=True)
class MadeWorse:
    """Of all ``rows``, ``added`` got a wrong label. A model of those answers ``lost`` fewer rows as they were labelled;
    so many are answered otherwise, for better or worse, ``changed``.
    """

    rows: int
    added: int
    lost: int
    changed: int


@dataclass(frozen=True)
class LabelCost:
    """Shares of records: accuracy on true labels that mistakes at random cost (``at_random``) and what putting right
    those with a place gives back (``placed``), each with its standard error. ``rate`` is the share of labels thought
    wrong at random.
    """

    rate: float
    at_random: float
    at_random_error: float
    placed: float
    placed_error: float


def wrong_at_random(anchors: AnchorNoise, rows: int) -> float:
    """The share of wrong labels that the anchors of all ``rows`` show, 0 where it may be none."""
    seen = anchors.rate - Z_90 * anchors.error >= SEEN_FROM and anchors.anchors <= CLEAR_SHARE * rows
    return anchors.rate if seen else 0.0


def label_cost(rate: float, rate_error: float, worse: MadeWorse | None, righted: int, rows: int) -> LabelCost:
    """What mistakes at random cost, by what a model made ``worse`` loses; and those with a place, where ``righted`` of
    all ``rows`` change their answer once they are put right.
    """
    at_random = at_random_error = 0.0
    if worse is not None:
        slope, slope_error = _slope(worse)
        at_random = MORE_THAN_PROXY * max(slope, 0.0) * rate / (1 - rate)
        at_random_error = float(
            np.hypot(SPREAD * at_random, MORE_THAN_PROXY * np.hypot(slope_error * rate, slope * rate_error))
        )
    changed = righted / rows
    placed = max(RIGHT_OF_CHANGED * changed, 0.0)
    placed_error = float(np.hypot(SPREAD * placed, np.sqrt(abs(changed) / rows)))
    return LabelCost(rate, at_random, at_random_error, placed, placed_error)


def _slope(worse: MadeWorse) -> tuple[float, float]:
    """Accuracy on the labels as they are that one more wrong label in one costs, and its standard error."""
    if not worse.added:
        return 0.0, 0.0
    added, lost = worse.added / worse.rows, worse.lost / worse.rows
    spread = float(np.sqrt(worse.changed / worse.rows - lost**2))
    return lost / added, spread / float(np.sqrt(worse.rows)) / added
