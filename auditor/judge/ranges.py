"""Where another way would net most: error costs, volumes, a prompt's accuracy. All else as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.decision import at_stakes, decided, repair_first
from auditor.judge.value import WAYS, best_way, line, lines
from auditor.model import NOTHING_TURNS, TRAINED, TRAINING, AtCost, CostRange, Turns, Way

if TYPE_CHECKING:
    from auditor.judge.decision import Known
    from auditor.judge.value import Stakes

TABLE = (0.05, 1.0, 10.0, 50.0)
# Error costs and volumes are looked through on a grid, then halved to within a hundredth.
COSTS = tuple(np.geomspace(0.01, 1000, 26).tolist())
VOLUMES = tuple(np.geomspace(10, 10**8, 36).tolist())
HALVINGS = 12
# A line of nets by the prompt's accuracy is read no further than this.
PROMPT_FROM, PROMPT_TO = 0.02, 0.995


def ranges(now: Known) -> tuple[CostRange, ...]:
    """The way that is expected to net most, by error cost, from nothing to without end."""

    def way_at(cost: float) -> Way:
        return _best(now, replace(now.stakes, error_cost=cost))

    def is_best(way: Way, cost: float) -> bool:
        return way_at(cost) is way

    ways = [way_at(cost) for cost in COSTS]
    found: list[CostRange] = []
    start = 0.0
    for (low, high), (before, after) in zip(pairwise(COSTS), pairwise(ways), strict=True):
        if before is not after:
            turn = _turn(low, high, partial(is_best, before))
            found.append(_range(now, start, turn, before))
            start = turn
    return (*found, _range(now, start, None, ways[-1]))


def _range(now: Known, low: float, high: float | None, way: Way) -> CostRange:
    """With the months between trainings that net most at ``low``."""
    if way not in TRAINED:
        return CostRange(low, high, way, None, None)
    best = line(way, now.drawn, now.facts, replace(now.stakes, error_cost=max(low, COSTS[0])))
    return CostRange(low, high, way, best.cadence, float(best.accuracy.mean()))


def at_costs(now: Known) -> tuple[AtCost, ...]:
    """What each way nets a month at the error costs of the table."""
    rows = []
    for cost in TABLE:
        stakes = replace(now.stakes, error_cost=cost)
        found = lines(now.drawn, now.facts, stakes)
        nets = {way: found[way].net(stakes.worth) for way in WAYS}
        trained = max(TRAINED, key=lambda way: float(nets[way].mean()))
        rows.append(
            AtCost(
                cost,
                best_way(found, stakes.worth),
                {way: float(net.mean()) / stakes.months for way, net in nets.items()},
                float((nets[trained] > nets[Way.PROMPT]).mean()),
            )
        )
    return tuple(rows)


def break_even(now: Known) -> tuple[float | None, float | None]:
    """The records a month, and the error cost, from which the better trained way nets more than prompting."""

    def pays(stakes: Stakes) -> bool:
        found = lines(now.drawn, now.facts, stakes)
        nets = {way: float(found[way].net(stakes.worth).mean()) for way in WAYS}
        return max(nets[Way.ORDINARY], nets[Way.FINE_TUNED]) > nets[Way.PROMPT]

    volume = _first(VOLUMES, lambda value: pays(replace(now.stakes, volume=value)))
    cost = _first(COSTS, lambda value: pays(replace(now.stakes, error_cost=value)))
    return volume, cost


def turns(now: Known, *, permitted: bool = True) -> Turns:
    """What would make it a yes to fine-tuning: each figure by itself, from where it stands upwards without end."""
    if not permitted:
        return NOTHING_TURNS

    def says_yes(stakes: Stakes) -> bool:
        # Where nothing is measured what nets most is not sure: the rule asks for a prompt first, and routes no classes.
        return decided(replace(at_stakes(now, stakes), measured=True), permitted=True)[0] in TRAINING

    below = None if repair_first(now) else _prompt_below(now)
    if now.best is Way.FINE_TUNED:
        # It nets most already: more of either does not say who is right.
        return Turns(below, None, None, prompt_first=not now.measured)
    return Turns(
        below,
        _for_good(now.stakes.error_cost, COSTS, lambda cost: says_yes(replace(now.stakes, error_cost=cost))),
        _for_good(now.stakes.volume, VOLUMES, lambda volume: says_yes(replace(now.stakes, volume=volume))),
        prompt_first=not now.measured,
    )


def _prompt_below(now: Known) -> float | None:
    """The accuracy of a prompt today under which fine-tuning nets most: nets as straight lines of that accuracy."""
    prompt = now.drawn.given[Way.PROMPT]
    if now.measured or prompt.min() == prompt.max():
        return None
    by_prompt = {way: np.polyfit(prompt, net, 1) for way, net in now.nets.items()}
    slope, at_none = by_prompt[Way.FINE_TUNED] - by_prompt[Way.PROMPT]
    if slope >= 0:
        return None
    limit = float(-at_none / slope)
    if not PROMPT_FROM <= limit <= PROMPT_TO:
        return None
    tuned, ordinary = (float(np.polyval(by_prompt[way], limit)) for way in (Way.FINE_TUNED, Way.ORDINARY))
    return limit if tuned > ordinary else None


def _best(now: Known, stakes: Stakes) -> Way:
    return best_way(lines(now.drawn, now.facts, stakes), stakes.worth)


def _first(values: tuple[float, ...], holds: Callable[[float], bool]) -> float | None:
    """The least value from which ``holds``, between the first of ``values`` that does and the one before; 0 for any."""
    for place, value in enumerate(values):
        if holds(value):
            return 0.0 if not place else _turn(values[place - 1], value, lambda each: not holds(each))
    return None


def _for_good(here: float, values: tuple[float, ...], holds: Callable[[float], bool]) -> float | None:
    """The least value from ``here`` on from which ``holds`` at all of ``values`` that are larger."""
    onwards = (here, *(value for value in values if value > here))
    failing = [place for place, value in enumerate(onwards) if not holds(value)]
    if not failing or failing[-1] + 1 == len(onwards):
        return None
    return _turn(onwards[failing[-1]], onwards[failing[-1] + 1], lambda each: not holds(each))


def _turn(low: float, high: float, still: Callable[[float], bool]) -> float:
    """Where ``still`` stops to hold, between ``low`` where it does and ``high`` where it does not."""
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if still(middle) else (low, middle)
    return high
