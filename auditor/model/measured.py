"""Classes, segments and sizes, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from auditor.model.vocabulary import Route
from auditor.model.words import Words


@dataclass(frozen=True)
class ClassRow:
    """One class of the taxonomy, as measured.

    ``gain_low`` to ``gain_high`` is the 90 % interval of ``recall`` less ``retrieval_recall``; ``ceiling_recall`` the
    share of its records whose label is among the retrieved examples; ``prompt_recall`` what a prompted model is
    expected, or measured, to find. ``value_a_month`` is what its route nets over prompting, its share of fixed costs
    included: the classes add up to the decision. ``pooled``: too few of its records come a month to be decided by
    themselves.
    """

    label: str
    rows: int
    unique_rows: int
    volume_share: float
    recall: float | None
    precision: float | None
    retrieval_recall: float | None
    noise_rate: float | None
    first_seen: date | None
    last_seen: date | None
    route: Route
    why: Words
    gain_low: float | None = None
    gain_high: float | None = None
    ceiling_recall: float | None = None
    prompt_recall: float | None = None
    habit_share: float = 0.0
    churned: bool = False
    value_a_month: float = 0.0
    pooled: bool = False


@dataclass(frozen=True)
class ClassRoute:
    """Where the records of one class go, what that nets a month over prompting, and what a prompt finds of it."""

    label: str
    route: Route
    value_a_month: float
    prompt_recall: float
    pooled: bool


# A payer, a person, a word of the texts that fewer records share: house rule (2026), above the 11 records under which
# CMS publishes no count.
SHARED_BY = 15
# A class is a word of the organisation, and the rare ones are what a taxonomy is repaired by: house rule (2026).
CLASS_SHARED_BY = 5
# A report names no segment of fewer records.
SEGMENT_FROM = 30


@dataclass(frozen=True)
class SegmentDoubt:
    """The share of a segment's labels that the model doubts, with its 90 % interval. Doubt is no proof."""

    column: str
    value: str
    rows: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningPoint:
    rows: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """Measured points, then the fitted power law's forecast at all rows and at larger sizes."""

    measured: tuple[LearningPoint, ...]
    forecast: tuple[LearningPoint, ...]

    @property
    def by_all_rows(self) -> float:
        """What a model of all rows has over the largest ones measured, which saw four in five; 0 without a forecast."""
        return self.forecast[0].accuracy - self.measured[-1].accuracy if self.forecast else 0.0

    @property
    def by_twice_the_rows(self) -> float | None:
        """What twice all rows add to that."""
        twice = [point for point in self.forecast if point.rows == 2 * self.forecast[0].rows]
        return twice[0].accuracy - self.forecast[0].accuracy if twice else None
