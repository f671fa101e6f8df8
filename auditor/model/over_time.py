"""How the records, and the models of the past, fared over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class BacktestMatrix:
    """Accuracy by (trained until the end of, scored on); None unless the second is the later one."""

    periods: tuple[str, ...]
    rows: tuple[int, ...]
    accuracy: tuple[tuple[float | None, ...], ...]
    in_time_accuracy: float
    horizon_months: int


@dataclass(frozen=True)
class BenefitOverTime:
    """Accuracy per period on the same records: retrieval from all rows up to the day before, the model trained until
    the end of the period before, and the one that was trained ``horizon_months`` before; None where there is none.
    """

    periods: tuple[str, ...]
    rows: tuple[int, ...]
    retrieval: tuple[float | None, ...]
    retrained: tuple[float | None, ...]
    aged: tuple[float | None, ...]
    horizon_months: int


@dataclass(frozen=True)
class Forecast:
    """Accuracy over the ``months`` after training ends, with a 90 % interval from the errors of earlier forecasts.

    ``errors`` is the number of those, ``mean_error`` their mean size; None without any.
    """

    months: int
    value: float
    low: float | None
    high: float | None
    errors: int
    mean_error: float | None


@dataclass(frozen=True)
class DecaySplit:
    """What past models lost of the accuracy that random folds promise. The three parts add up to ``total``."""

    total: float
    new_classes: float
    moved_priors: float
    wording_and_rest: float


@dataclass(frozen=True)
class AgePoint:
    """Mean accuracy ``months`` after training ended; ``low`` to ``high`` holds 90 % of the training ends."""

    months: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Retraining:
    """How old a model may get before its age costs more than ``tolerance``, and the new labels it takes by then.

    ``every_months`` None: its age costs less, up to the oldest model seen, of ``seen_months``. ``labels_each`` None:
    not known, or nothing to relabel.
    """

    every_months: float | None
    labels_each: int | None
    tolerance: float
    seen_months: int


@dataclass(frozen=True)
class ClassChange:
    """What happened to ``label`` from the first day of ``month`` on, with the classes that it has to do with.

    ``kind`` is born, died, dormant, returned, seasonal, renamed, merged or split. ``source`` is "records", or
    "taxonomy" where the date is the one that ``--taxonomy`` gives.
    """

    label: str
    kind: str
    month: date
    others: tuple[str, ...]
    rows: int
    source: str


@dataclass(frozen=True)
class ClassTimeline:
    """A class's share of the rows of each period, and its changes."""

    label: str
    shares: tuple[float, ...]
    changes: tuple[ClassChange, ...]


@dataclass(frozen=True)
class Growth:
    """Classes in use at the start and at the end, new ones a year, and when the next is due."""

    first: int
    last: int
    born_per_year: float
    next_due: date | None


@dataclass(frozen=True)
class Stability:
    """How the records and the models of the past fared over time. ``macro_f1`` is as `BacktestMatrix.accuracy`.

    ``choice`` says which periods the records were divided into, and why.
    """

    periods: tuple[str, ...]
    choice: str
    macro_f1: tuple[tuple[float | None, ...], ...]
    ages: tuple[AgePoint, ...]
    forecast: Forecast | None
    decay: DecaySplit | None
    retraining: Retraining | None
    timeline: tuple[ClassTimeline, ...]
    growth: Growth | None
