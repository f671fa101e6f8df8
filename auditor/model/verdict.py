"""Gates, the verdict, and how firmly it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.model.vocabulary import QUESTIONS, SENTENCES, WHO, Decision, GateId, GateStatus


@dataclass(frozen=True)
class Criterion:
    """One figure held against its limits. ``margin`` is the distance to the pass limit, positive when it is met."""

    measurement: str
    label: str
    status: GateStatus
    observed: float | None
    pass_limit: float
    fail_limit: float | None
    margin: float | None
    unit: str
    source: str

    @property
    def sentence(self) -> str:
        """What was measured, with ``{}`` for the figure."""
        return SENTENCES.get(self.measurement, f"{self.label[:1].upper()}{self.label[1:]}: {{}}")


@dataclass(frozen=True)
class Gate:
    id: GateId
    status: GateStatus
    summary: str
    criteria: tuple[Criterion, ...] = ()

    @property
    def question(self) -> str:
        return QUESTIONS[self.id]

    @property
    def who(self) -> str:
        return WHO[self.id]


@dataclass(frozen=True)
class Action:
    """A step that would change the verdict, with the effect that the audit computed and the work that it takes."""

    text: str
    gate: GateId
    rows: int | None = None
    effect: str = ""
    hours: float | None = None


@dataclass(frozen=True)
class Verdict:
    decision: Decision
    headline: str
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    would_change: tuple[Action, ...]
    also_holding: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class BenefitRange:
    """Accuracies on the same held-out records, and the decision at both ends of what a prompt could reach.

    A prompted model lands between ``floor`` (the retrieved examples vote) and ``ceiling`` (the right label is among
    them); where its own answers were ``measured``, both ends are that. The decision ``at_floor`` stands as long as
    the prompt stays under ``settled_below``; None where it holds over the whole range.
    """

    trained: float
    floor: float
    ceiling: float
    measured: float | None
    at_floor: Decision
    at_ceiling: Decision
    settled_below: float | None


@dataclass(frozen=True)
class Counterfactual:
    """Steps after which the policy, run on the repaired figures, decides ``decision`` instead of ``instead_of``."""

    steps: tuple[Action, ...]
    decision: Decision
    instead_of: Decision


@dataclass(frozen=True)
class TurningPoint:
    """A figure beyond which the policy, run with all others as they are, decides ``decision`` instead.

    The decision turns under ``at`` where ``below``, else over it. ``observed`` is None where it was not measured.
    """

    measurement: str
    label: str
    observed: float | None
    at: float
    below: bool
    unit: str
    decision: Decision


@dataclass(frozen=True)
class Confidence:
    """How often the decision stays the same over ``draws``: with the figures drawn anew within their intervals and
    every limit moved by up to 20 % (``stays``), and with only the one or the other.

    ``decisions`` holds the share of each decision; ``tips`` names the limits that alone, moved by 20 %, change it.
    """

    stays: float
    figures_drawn_anew: float
    limits_moved: float
    decisions: Mapping[Decision, float]
    tips: tuple[str, ...]
    draws: int
