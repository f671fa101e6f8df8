"""How right an ordinary classifier is, of two that were measured: the surrogate, and a linear one on words."""

from __future__ import annotations

from math import hypot, sqrt
from typing import TYPE_CHECKING, NamedTuple

from auditor.results import Key

if TYPE_CHECKING:
    from auditor.model import Share

ORDINARY_AHEAD: Key[Ahead] = Key("what an ordinary classifier is ahead of the surrogate")

# What a linear classifier on words and characters, tuned on the export, is ahead of the mean of both, and of the
# surrogate alone where the other is not affordable: mean and standard deviation over the tuning sources of the
# readiness benchmark (ADR 38).
OF_BOTH, OF_SURROGATE = (0.001, 0.012), (-0.006, 0.019)


class Ahead(NamedTuple):
    """``value``: how far the classifier that a team would train is ahead of the surrogate. ``choice``: the standard
    deviation between such classifiers; ``error``: that of what was measured.
    """

    value: float
    choice: float
    error: float

    @property
    def spread(self) -> float:
        """The standard deviation of how far such a classifier is ahead."""
        return hypot(self.choice, self.error)


def ahead_of_surrogate(linear: Share | None) -> Ahead:
    """``linear``: how far the one on words is ahead of the surrogate, None where it was not measured."""
    if linear is None:
        return Ahead(*OF_SURROGATE, 0.0)
    ahead, choice = OF_BOTH
    # Somewhere between the two, all places alike.
    between = abs(linear.value) / sqrt(12)
    return Ahead(linear.value / 2 + ahead, max(choice, between), linear.error / 2)
