"""What reading the listed records first is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.value import best_way
from auditor.model import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from auditor.judge.draws import Draws
    from auditor.judge.value import Line, Stakes
    from auditor.model import Facts

DELAY_MONTHS = 1.0


@dataclass(frozen=True)
class Repaired:
    """Of the ``way`` that nets most after the repair: ``net`` (n,) then and ``gain`` (n,) over the same way now, the
    month's delay in both; what wrong labels cost it on true labels (n,), what the reading costs, and the chance that it
    ``pays``.
    """

    way: Way
    net: NDArray[np.float64]
    gain: NDArray[np.float64]
    label_cost: NDArray[np.float64]
    cost: float
    pays: float


def repaired(drawn: Draws, found: Mapping[Way, Line], facts: Facts, stakes: Stakes) -> Repaired | None:
    """The listed rows read, paid per row, a month later; None where nothing is listed."""
    if not facts.labels.listed:
        return None
    worth = stakes.worth
    now = {way: line.net(worth) for way, line in found.items()}
    ahead = max(float(now[best_way(found, worth)].mean()) - float(now[Way.PROMPT].mean()), 0.0)
    delay = ahead * DELAY_MONTHS / stakes.months
    reading = facts.labels.listed * drawn.price["review_price"]
    left = worth * (stakes.months - DELAY_MONTHS) / stakes.months
    then = {way: now[way] + left * drawn.repair[way] - reading - delay for way in found}
    way = max(then, key=lambda each: float(then[each].mean()))
    gain = then[way] - now[way]
    return Repaired(way, then[way], gain, drawn.repair[way], float(reading.mean()), float((gain > 0).mean()))
