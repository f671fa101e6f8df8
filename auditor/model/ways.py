"""The three ways to answer records, what each is worth, and what would settle the choice. Money in one currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from auditor.model.running import Assumption, TornadoBar
from auditor.model.vocabulary import Tuning
from auditor.model.words import Words


class Way(StrEnum):
    PROMPT = "prompt"
    ORDINARY = "ordinary_classifier"
    FINE_TUNED = "fine_tuned"
    TODAY = "todays_handling"


TRAINED = (Way.ORDINARY, Way.FINE_TUNED)


@dataclass(frozen=True)
class Level:
    """A share of records with its 90 % interval. ``rows`` are those that it was measured on; None: it is expected,
    from published results and this export, not measured. ``learnt``: measured on a model of so few rows, and extended.
    """

    value: float
    low: float
    high: float
    rows: int | None = None
    learnt: int | None = None


@dataclass(frozen=True)
class WayValue:
    """One way. ``today`` is on the labels as given, as anybody can check it; ``later`` on true labels, averaged over
    the age that a model reaches when it is trained again every ``retrained_months``. ``cost`` is that of the whole
    horizon, without errors; ``net`` the value of right answers a month, less that, with its 90 % interval;
    ``best`` the chance that no other way nets more; ``ahead`` the chance that it is right more often in use than a
    prompt, None of a prompt and of today's handling.
    """

    way: Way
    today: Level | None
    later: Level | None
    cost: float
    net: Level
    best: float
    ahead: float | None
    retrained_months: float | None


class StepKind(StrEnum):
    """The one next step. ``sheet``: label recent records afresh and score the ways on them; ``larger_sheet``: more of
    them; ``stronger_model``: measure one stronger prompted model; ``error_cost``: ask what an error costs;
    ``repair``: read the listed records; ``act``: do what the answer says; ``export``: bring what is missing;
    ``text``: bring texts that tell the labels.
    """

    SHEET = "sheet"
    LARGER_SHEET = "larger_sheet"
    STRONGER_MODEL = "stronger_model"
    ERROR_COST = "error_cost"
    REPAIR = "repair"
    ACT = "act"
    EXPORT = "export"
    TEXT = "text"


@dataclass(frozen=True)
class NextStep:
    """``worth`` is what the step is expected to save over the horizon, before its ``cost``; ``rows`` to read. For
    ``act`` the cost is that of setting up, the worth what the way saves over prompting before that; none for a prompt.
    """

    kind: StepKind
    rows: int
    cost: float
    worth: float


@dataclass(frozen=True)
class CostRange:
    """Between ``low`` and ``high`` per wrongly filed record (None: without end) ``way`` nets most; at ``low`` with a
    training every ``retrained_months``, and then the share ``right`` in use is expected; both None for a way that is
    not trained.
    """

    low: float
    high: float | None
    way: Way
    retrained_months: float | None
    right: float | None


@dataclass(frozen=True)
class AtCost:
    """What each way nets a month at ``error_cost``, and the chance that the better trained one beats the prompt."""

    error_cost: float
    best: Way
    net: Mapping[Way, float]
    training_pays: float


@dataclass(frozen=True)
class SheetWorth:
    """What labelling ``rows`` recent records afresh and scoring the ways on them is expected to save, and costs."""

    rows: int
    worth: float
    cost: float


@dataclass(frozen=True)
class RepairValue:
    """Reading the ``rows`` listed. ``label_cost`` is what wrong labels cost the best way, as a share of records on true
    labels; ``recovered`` what the repair gives back; ``net`` what it is worth over the horizon after its ``cost``, a
    month's delay counted; ``pays`` the chance that it beats acting now. ``after`` is how right an ordinary classifier
    is expected to be then, by the labels as they are then and the measure of today.
    """

    rows: int
    label_cost: Level
    recovered: float
    cost: float
    net: float
    pays: float
    after: Level


@dataclass(frozen=True)
class DecisionMap:
    """How many of a strong, an expected and a weak prompt the better trained way beats: ``pays`` has a line for each of
    the ``costs`` of an error, with a digit from 0 to 3 for each of the ``volumes``, records a month; ``here`` is that
    of today's volume and cost.
    """

    volumes: tuple[float, ...]
    costs: tuple[float, ...]
    pays: tuple[str, ...]
    here: int


@dataclass(frozen=True)
class Valuation:
    """The decision in money. ``error_cost_set`` says whether somebody stated what an error costs; ``volume_from``
    which volume was used and why. ``training_pays`` is the chance that the better trained way beats prompting,
    ``tuning_pays`` that fine-tuning beats the ordinary classifier. ``break_even_volume`` and ``break_even_error_cost``
    are where the better trained way and prompting net the same, None where nowhere.
    A break-even of 0 holds for any. ``net_a_month`` is the answer over prompting; ``subset`` what routing some classes
    to the trained model nets a month over the best single way, None where it was not weighed; ``moves`` the better
    trained way over prompting, over all months. ``tuning`` is what the fine-tuned model's figures rest on, None
    without a trial.
    """

    months: int
    monthly_volume: float
    volume_from: Words
    error_cost: float
    error_cost_set: bool
    ways: tuple[WayValue, ...]
    best: Way
    net_a_month: Level
    training_pays: float
    tuning_pays: float
    break_even_volume: float | None
    break_even_error_cost: float | None
    break_even_months: float | None
    ranges: tuple[CostRange, ...]
    at_costs: tuple[AtCost, ...]
    sheets: tuple[SheetWorth, ...]
    repair: RepairValue | None
    subset: float | None
    moves: tuple[TornadoBar, ...]
    assumptions: tuple[Assumption, ...]
    notes: tuple[Words, ...] = ()
    tuning: Tuning | None = None
    map: DecisionMap | None = None
