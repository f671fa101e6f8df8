"""What each way nets: right answers times what an error costs, less what the way costs. Arrays over draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.costs import costs_of
from auditor.model import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from auditor.judge.draws import Draws
    from auditor.model import Facts

    Values = NDArray[np.float64]

WAYS = (Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED)
CADENCES = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0)
SHEETS = (100, 300, 1000, 3000)
# Two systems are wrong on the same records so often, of what the better one misses (house rule, 2026).
SHARED_MISSES = 0.5


@dataclass(frozen=True)
class Stakes:
    """Over ``months``: records a month, what a wrongly filed one costs, and how often a tuned model must be trained."""

    months: float
    volume: float
    error_cost: float
    cadence: float | None = None

    @property
    def worth(self) -> float:
        """What all records right would be worth, beside none."""
        return self.months * self.volume * self.error_cost


@dataclass(frozen=True)
class Line:
    """One way at its best cadence: ``accuracy`` on true labels at its age, and what it costs, ``fixed``, of which
    ``once`` at first, and for all ``records`` ``per_record``; each (n,).
    """

    way: Way
    accuracy: Values
    once: Values
    fixed: Values
    per_record: Values
    records: float
    cadence: float

    @property
    def cost(self) -> Values:
        return np.asarray(self.fixed + self.records * self.per_record)

    def net(self, worth: float) -> Values:
        return np.asarray(self.accuracy * worth - self.cost)


def line(way: Way, drawn: Draws, facts: Facts, stakes: Stakes) -> Line:
    """The way at the cadence that is expected to net most."""
    return max(tried(way, drawn, facts, stakes), key=lambda each: float(each.net(stakes.worth).mean()))


def tried(way: Way, drawn: Draws, facts: Facts, stakes: Stakes) -> list[Line]:
    """The way at each cadence."""
    return [_line(way, drawn, facts, stakes, cadence) for cadence in _cadences(way, stakes)]


def _line(way: Way, drawn: Draws, facts: Facts, stakes: Stakes, cadence: float) -> Line:
    costs = costs_of(way, drawn.price, facts, stakes.months, cadence)
    accuracy = drawn.aged(way, cadence)
    per_record = np.broadcast_to(costs.per_record, accuracy.shape)
    return Line(way, accuracy, costs.once, costs.fixed, per_record, stakes.months * stakes.volume, cadence)


def _cadences(way: Way, stakes: Stakes) -> tuple[float, ...]:
    if way is Way.PROMPT:
        return (stakes.months,)
    if way is Way.FINE_TUNED and stakes.cadence is not None:
        return (stakes.cadence,)
    return tuple(each for each in CADENCES if each <= stakes.months) or (stakes.months,)


def lines(drawn: Draws, facts: Facts, stakes: Stakes) -> dict[Way, Line]:
    return {way: line(way, drawn, facts, stakes) for way in WAYS}


def best_way(found: Mapping[Way, Line], worth: float) -> Way:
    """The way with the highest expected net."""
    return max(found, key=lambda way: float(found[way].net(worth).mean()))


def worth_of_sheet(drawn: Draws, nets: Mapping[Way, Values], rows: int, seed: int) -> float:
    """What choosing after ``rows`` records labelled afresh is expected to net more than choosing now.

    The expected value of sample information by regression on what the sheet would show (Strong, Oakley and Brennan
    2014).
    """
    rng = np.random.default_rng([seed, rows])
    ordinary, prompt = drawn.on_sheet(Way.ORDINARY), drawn.on_sheet(Way.PROMPT)
    missed, short = 1 - ordinary, 1 - prompt
    differ = missed + short - 2 * SHARED_MISSES * np.minimum(missed, short)
    seen = ordinary + rng.normal(0, 1, len(ordinary)) * np.sqrt(ordinary * missed / rows)
    ahead = ordinary - prompt + rng.normal(0, 1, len(ordinary)) * np.sqrt(differ / rows)
    expected = _regressed(np.stack(list(nets.values()), axis=1), seen, ahead)
    return float(max(expected.max(axis=1).mean() - expected.mean(axis=0).max(), 0.0))


def _regressed(values: Values, seen: Values, ahead: Values) -> Values:
    """Each column of ``values`` (n, w) as what was ``seen`` (n,) and how far one was ``ahead`` (n,) foretell it."""
    first, second = (seen - seen.mean()) / seen.std(), (ahead - ahead.mean()) / ahead.std()
    design = np.column_stack([np.ones(len(first)), first, second, first**2, second**2, first * second, second**3])
    return np.asarray(design @ np.linalg.lstsq(design, values, rcond=None)[0])
