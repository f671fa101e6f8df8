"""Gates, the verdict, and how firmly it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.vocabulary import QUESTIONS, WHO, Decision, GateId, GateStatus
from auditor.model.ways import NextStep
from auditor.model.words import Said


@dataclass(frozen=True)
class Criterion:
    """One figure held against its limits; the ``sentence`` has ``{}`` for it. ``margin`` is the distance to the pass
    limit, positive when it is met.

    ``low`` and ``high`` are its 90 % interval, both None where it has none, one of them where the data leaves that side
    open. ``needs`` is what would tell on which side of the limit the figure lies. ``counts_as`` is what it counts as in
    its gate, where the settings ignore what its check found or set how grave that is; None where its ``status`` counts.
    """

    measurement: str
    label: str
    sentence: str
    status: GateStatus
    observed: float | None
    pass_limit: float
    fail_limit: float | None
    margin: float | None
    unit: str
    source: str
    low: float | None = None
    high: float | None = None
    needs: str = ""
    counts_as: GateStatus | None = None

    @property
    def weight(self) -> GateStatus:
        """What it adds to its gate."""
        return self.counts_as or self.status

    @property
    def has_interval(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def is_settled(self) -> bool:
        """Whether the figure, and its interval where it has one, lie on one side of the pass limit."""
        if self.observed is None or not self.has_interval:
            return self.observed is not None
        above = self.low is not None and self.low >= self.pass_limit
        below = self.high is not None and self.high <= self.pass_limit
        return above or below


@dataclass(frozen=True)
class Gate:
    """Its criteria, and what to say of it in a sentence or two: what it rests on, or why it is not known.

    ``by_limits`` is its status by its limits alone, where ignores or severities of the settings make it another; None
    where they do not.
    """

    id: GateId
    status: GateStatus
    summary: tuple[Said, ...]
    criteria: tuple[Criterion, ...] = ()
    by_limits: GateStatus | None = None

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
    effect: Said | None = None
    hours: float | None = None


class ConditionKind(StrEnum):
    """What a yes rests on. ``prompt_under``: a prompted model stays under ``figure``; ``review``: a fresh sheet shows
    that at most ``figure`` of the labels are wrong; ``retrain``: somebody trains again every ``figure`` months;
    ``route``: the classes are routed; ``permission``: the owner of the records agrees.
    """

    PROMPT_UNDER = "prompt_under"
    REVIEW = "review"
    RETRAIN = "retrain"
    ROUTE = "route"


@dataclass(frozen=True)
class Condition:
    kind: ConditionKind
    figure: float | None = None


@dataclass(frozen=True)
class Turns:
    """What would make it a yes to fine-tuning, one figure at a time, None where none would: the accuracy of a prompt
    today, on the labels as given, under which it is; the error cost and the records a month above which it is.
    ``prompt_first``: above those it is once a prompt is measured, and no better than expected.
    """

    prompt_below: float | None
    error_cost_above: float | None
    volume_above: float | None
    prompt_first: bool


NOTHING_TURNS = Turns(None, None, None, prompt_first=False)


@dataclass(frozen=True)
class Verdict:
    """``measure_first`` says that training may well pay, and that a measurement worth its price comes first.

    ``steps`` are the next steps, the first one first, two at most; ``against`` the gates that fail, then those that
    caution.
    """

    decision: Decision
    measure_first: bool
    steps: tuple[NextStep, ...]
    conditions: tuple[Condition, ...]
    turns: Turns
    against: tuple[GateId, ...]
    would_change: tuple[Action, ...]
