"""The right decision from measured outcomes: docs/adr/0011-readiness-rule.md, in code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from auditor.model import Decision

MATERIAL = 0.03
CLASS_MATERIAL = 0.20
SOON_OUTDATED = 0.08
Z_90 = 1.645


@dataclass(frozen=True)
class Difference:
    """A difference of two accuracies with its 90 % interval."""

    value: float
    low: float
    high: float

    @property
    def range(self) -> tuple[float, float, float]:
        """All three, the measured one first."""
        return self.value, self.low, self.high


@dataclass(frozen=True)
class Measured:
    """What the rule reads of one scenario, all on the hidden rows.

    ``label_cost`` and ``class_cost`` (the worst class's recall) are what the labels cost, ``doubling`` what twice the
    rows add, ``gain`` and ``routed_gain`` what the trained and the routed answers have over retrieval, ``routed_more``
    what routing has over training alone.
    """

    label_cost: Difference
    class_cost: Difference
    doubling: Difference
    gain: Difference
    routed_gain: Difference
    routed_more: Difference
    dated: bool

    @property
    def decision(self) -> Decision:
        """The decision at the measured values."""
        return _decide(*(each.value for each in self._differences), dated=self.dated)

    @property
    def accepted(self) -> frozenset[Decision]:
        """Every decision that the intervals allow."""
        corners = product(*(each.range for each in self._differences))
        return frozenset(_decide(*corner, dated=self.dated) for corner in corners)

    @property
    def made_worse(self) -> bool:
        return self.gain.value < 0

    @property
    def _differences(self) -> tuple[Difference, ...]:
        return (self.label_cost, self.class_cost, self.doubling, self.gain, self.routed_gain, self.routed_more)


def _decide(
    label_cost: float,
    class_cost: float,
    doubling: float,
    gain: float,
    routed_gain: float,
    routed_more: float,
    *,
    dated: bool,
) -> Decision:
    if label_cost >= MATERIAL or class_cost >= CLASS_MATERIAL:
        return Decision.FIX_DATA_FIRST
    if doubling >= SOON_OUTDATED:
        return Decision.PROMPT_WITH_RETRIEVAL
    if gain >= MATERIAL and routed_more < MATERIAL:
        return Decision.FINE_TUNE if dated else Decision.INCONCLUSIVE
    if routed_gain >= MATERIAL:
        return Decision.FINE_TUNE_SUBSET if dated else Decision.INCONCLUSIVE
    return Decision.PROMPT_WITH_RETRIEVAL
