"""How often a model must be trained again, and on how many new labels, to stay near what a fresh one would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interval import Z_90
from auditor.model import Retraining
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.estimators.ageing import Ageing

RETRAINING: Key[Retraining | None] = Key("retraining cadence")

RECOVERED = 0.01


@dataclass(frozen=True)
class Refreshed:
    """Of ``rows`` of the last period: how many a model of all earlier labels gets right, ``fresh``, and how many an old
    one that adds a share of the ``labels`` that came since, ``by_share``.
    """

    labels: float
    rows: int
    fresh: int
    by_share: Mapping[float, int]


def cadence(age: Ageing | None, tolerance: float) -> float | None:
    """The months until age alone costs ``tolerance``, by models of different age on records of one period.

    None where that is longer than was seen, and where the loss may well be none, by its 90 % interval.
    """
    if age is None or age.by_age is None:
        return None
    a_month, error = age.by_age
    every = tolerance / a_month if a_month - Z_90 * error > 0 else None
    return None if every is None or every > age.seen_months else every


def retraining(
    age: Ageing | None, tolerance: float, every: float | None, refreshed: Refreshed | None
) -> Retraining | None:
    """That `cadence`, and the fewest new labels with which an old model answers the last period as one with all does,
    to within a point. None where models of one age only were seen.
    """
    if age is None or age.by_age is None:
        return None
    return Retraining(every, _labels_each(refreshed) if refreshed else None, tolerance, round(age.seen_months))


def _labels_each(found: Refreshed) -> int:
    enough = (
        share
        for share, right in sorted(found.by_share.items())
        if right / found.rows >= found.fresh / found.rows - RECOVERED
    )
    return max(1, round(next(enough, 1.0) * found.labels))
