"""Where training pays, by volume and the cost of an error, against a weak, an expected and a strong prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.value import TRAINED, WAYS, tried
from auditor.model import DecisionMap, Way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.judge.decision import Known

    Values = NDArray[np.float64]

VOLUMES = np.geomspace(100, 10**7, 31)
COSTS = np.geomspace(0.1, 1000, 25)
# One in twenty prompts is weaker, one in twenty stronger.
WEAK, STRONG = 0.05, 0.95


def decision_map(now: Known) -> DecisionMap:
    """All else as it is. Nets are read as straight lines of what the prompt gets, as `ranges.turns` reads them."""
    pays = _beaten(now, VOLUMES, COSTS)
    here = _beaten(now, np.array([now.stakes.volume]), np.array([now.stakes.error_cost]))
    return DecisionMap(
        tuple(VOLUMES.tolist()),
        tuple(COSTS.tolist()),
        tuple("".join(map(str, line)) for line in pays.tolist()),
        int(here[0, 0]),
    )


def _beaten(now: Known, volumes: Values, costs: Values) -> NDArray[np.int64]:
    """How many of the three prompts the better trained way beats (costs, volumes)."""
    nets = {way: _nets(now, way, volumes, costs) for way in WAYS}
    trained = np.max([nets[way] for way in TRAINED], axis=0)
    return np.asarray((trained > nets[Way.PROMPT]).sum(axis=0))


def _nets(now: Known, way: Way, volumes: Values, costs: Values) -> Values:
    """What ``way`` is expected to net at its best cadence, by prompt (3, costs, volumes)."""
    records = now.stakes.months * volumes
    found = []
    for line in tried(way, now.drawn, now.facts, now.stakes):
        right, fixed, each = (
            _by_prompt(now, values)[:, None, None] for values in (line.accuracy, line.fixed, line.per_record)
        )
        found.append(right * costs[:, None] * records - fixed - each * records)
    return np.asarray(np.max(found, axis=0))


def _by_prompt(now: Known, values: Values) -> Values:
    """``values`` (n,) as expected beside a weak, an expected and a strong prompt (3,)."""
    prompt = now.drawn.given[Way.PROMPT]
    if prompt.std() == 0:
        return np.full(3, values.mean())
    levels = (np.quantile(prompt, WEAK), prompt.mean(), np.quantile(prompt, STRONG))
    return np.asarray(np.polyval(np.polyfit(prompt, values, 1), levels))
