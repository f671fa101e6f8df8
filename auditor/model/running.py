"""What no export answers: who runs the model, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GovernanceAnswer:
    """One question about the running of a model. Both ``answer`` and ``not_applicable`` None: nobody answered it."""

    key: str
    question: str
    answer: str | None
    not_applicable: str | None

    @property
    def open(self) -> bool:
        return self.answer is None and self.not_applicable is None


@dataclass(frozen=True)
class Assumption:
    """One figure that costs rest on; ``source`` says whether it was measured, set by a person or assumed."""

    key: str
    label: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class TornadoBar:
    """What the better trained way nets over prompting with one figure halved and doubled, all others as they are."""

    key: str
    label: str
    at_half: float
    at_double: float
