"""What each way is worth: how right it is, on how many records that is known, and what it nets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.decision import Known
from auditor.judge.value import WAYS
from auditor.model import Level, Tuning, Way, WayValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def level_of(values: Values, rows: int | None = None, trained_on: int | None = None) -> Level:
    """The mean of the draws with its 90 % interval."""
    low, high = np.quantile(values, (0.05, 0.95))
    return Level(float(values.mean()), float(low), float(high), rows, trained_on)


def measured_on(now: Known, way: Way) -> int | None:
    """How many records a way was measured on by the labels as given; None where it is expected."""
    facts = now.facts
    if way is Way.ORDINARY:
        return facts.rows
    answers = facts.trained if way is Way.FINE_TUNED else None if now.weak_prompt else facts.prompt
    return None if answers is None else answers.rows


def _on_sheet(now: Known, way: Way) -> int | None:
    """On how many records a fresh sheet says how right the way is on true labels; None where it does not."""
    fresh = now.facts.fresh
    if fresh is None or (way is Way.PROMPT and now.weak_prompt):
        return None
    right, rows = {
        Way.PROMPT: (fresh.prompt, fresh.prompt_rows),
        Way.FINE_TUNED: (fresh.trained, fresh.trained_rows),
    }.get(way, (fresh.ordinary, None))
    return None if right is None else rows or fresh.rows


def learnt(now: Known, way: Way) -> int | None:
    """The rows that a trial's model was trained on, where the way rests on one."""
    facts = now.facts
    return facts.trial.rows if way is Way.FINE_TUNED and facts.trained and facts.trial else None


def tuning_of(now: Known) -> Tuning | None:
    """How a trial tuned its model."""
    return now.facts.trial.tuning if now.facts.trained and now.facts.trial else None


def way_value(now: Known, way: Way) -> WayValue:
    """A way beside the others."""
    line, stakes = now.found[way], now.stakes
    others = np.max([now.nets[each] for each in WAYS if each is not way], axis=0)
    later = _on_sheet(now, way)
    return WayValue(
        way,
        level_of(now.drawn.given[way], measured_on(now, way), learnt(now, way)),
        level_of(line.accuracy, later, learnt(now, way) if later else None),
        float(line.cost.mean()),
        level_of(now.nets[way] / stakes.months),
        float((now.nets[way] > others).mean()),
        None if way is Way.PROMPT else float((line.accuracy > now.found[Way.PROMPT].accuracy).mean()),
        None if way is Way.PROMPT else line.cadence,
    )


def today(now: Known, given: Mapping[str, float]) -> tuple[WayValue, ...]:
    """Today's handling: its labels are as right as the export's."""
    price = given.get("handling_price")
    if price is None:
        return ()
    stakes = now.stakes
    right = 1 - now.drawn.wrong
    cost = price * stakes.months * stakes.volume
    net = right * stakes.worth - cost
    a_month = level_of(net / stakes.months)
    others = np.max([now.nets[each] for each in WAYS], axis=0)
    return (WayValue(Way.TODAY, None, level_of(right), cost, a_month, float((net > others).mean()), None, None),)
