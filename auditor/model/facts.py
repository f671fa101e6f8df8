"""What an audit knows for the decision: shares, counts and their errors, no record and no sentence."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.vocabulary import Tuning
from auditor.model.words import Words

# Under it something else than the text decides the labels (house rule, 2026: more often wrong than right).
LEAST_CEILING = 0.5


@dataclass(frozen=True)
class Share:
    """A share of records with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Age:
    """Accuracy that a model loses by its age in months: ``at_once`` plus ``a_month`` times the age, with variances and
    covariance; measured up to ``seen_months``.
    """

    at_once: float
    a_month: float
    at_once_variance: float
    a_month_variance: float
    covariance: float
    seen_months: float


@dataclass(frozen=True)
class Answers:
    """A system's own answers on ``rows`` records, against the labels as given. ``behind`` is what it lacks to the
    ordinary classifier on the same records, whose own standard error there is ``ordinary_error``; ``inconsistency`` the
    share of records answered differently when asked again.
    """

    rows: int
    right: Share
    behind: Share
    inconsistency: float | None = None
    ordinary_error: float | None = None


@dataclass(frozen=True)
class Tried:
    """A trial's model: an encoder of so many ``weights`` that learnt from so many ``rows``, and what came of it."""

    rows: int
    weights: int
    tuning: Tuning = Tuning.WHOLE


@dataclass(frozen=True)
class Fresh:
    """``rows`` records labelled afresh: how often the ordinary classifier, a prompt and a trained model are right on
    them, and what each of these lacks to the classifier, record by record; None where it was not asked.
    ``prompt_rows`` and ``trained_rows`` are those that it answered, None for all.
    """

    rows: int
    ordinary: Share
    prompt: Share | None = None
    behind: Share | None = None
    trained: Share | None = None
    trained_behind: Share | None = None
    prompt_rows: int | None = None
    trained_rows: int | None = None


@dataclass(frozen=True)
class LabelFacts:
    """Wrong labels that can be seen: their share ``at_random``, what they cost a linear classifier (``cost``), what
    putting right those with a place gives back (``placed``), and the ``listed`` rows that a repair reads.
    ``reviewed`` is the share that a fresh sheet finds wrong, None without one.
    """

    at_random: Share
    cost: Share
    placed: Share
    listed: int
    reviewed: Share | None = None


@dataclass(frozen=True)
class ClassFacts:
    """One class: its share of the volume, what the ordinary classifier and the vote find of it, and of ``asked``
    records what a measured prompt found. ``listed`` is the share of its rows that a repair reads.
    """

    label: str
    share: float
    recall: float
    vote: float | None
    asked: int
    prompted: float
    listed: float
    churned: bool


@dataclass(frozen=True)
class Facts:
    """The ``ordinary`` classifier is right so often on the labels as given, today. ``ageing`` None: no dates.
    ``monthly_volume`` None: not known. ``trial``: the trained model is that of a trial, and stands beside an ordinary
    classifier of the same few rows. ``vote``: how often the nearest records carry a record's label, where none of them
    is its near-duplicate; None where too few records have none. ``ceiling``: the share of records that carry the
    commonest label of their text, which no model of these texts gets beyond. ``choice``: the standard deviation between
    the ``ordinary`` classifiers that a team might choose.
    """

    rows: int
    words: float
    ordinary: Share
    labels: LabelFacts
    ageing: Age | None
    prompt: Answers | None
    trained: Answers | None
    fresh: Fresh | None
    by_class: tuple[ClassFacts, ...]
    monthly_volume: float | None
    volume_from: Words
    tokens_per_record: float
    taxonomy_tokens: float
    choice: float
    trial: Tried | None = None
    vote: Share | None = None
    ceiling: float = 1.0

    @property
    def ambiguous(self) -> bool:
        """Whether models of these texts can only be wrong more often than right."""
        return self.ceiling < LEAST_CEILING
