"""Where training pays, by volume and the cost of an error, against a weak, an expected and a strong prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.judge.value import WAYS, tried
from auditor.model import TRAINED, DecisionMap, Way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from auditor.judge.decision import Known
    from auditor.judge.value import Line

    Values = NDArray[np.float64]

VOLUMES = np.geomspace(100, 10**7, 31)
COSTS = np.geomspace(0.1, 1000, 25)
# One in twenty prompts is weaker, one in twenty stronger.
WEAK, STRONG = 0.05, 0.95


def decision_map(now: Known) -> DecisionMap:
    """All else as it is. Nets are read as straight lines of what the prompt gets, as `ranges.turns` reads them."""
    ways = {way: [_by_prompt(now, line) for line in tried(way, now.drawn, now.facts, now.stakes)] for way in WAYS}
    pays = _beaten(ways, now.stakes.months * VOLUMES, COSTS)
    here = _beaten(ways, np.array([now.stakes.months * now.stakes.volume]), np.array([now.stakes.error_cost]))
    return DecisionMap(
        tuple(VOLUMES.tolist()),
        tuple(COSTS.tolist()),
        tuple("".join(map(str, line)) for line in pays.tolist()),
        int(here[0, 0]),
    )


def _beaten(ways: Mapping[Way, Sequence[Values]], records: Values, costs: Values) -> NDArray[np.int64]:
    """How many of the three prompts the better trained way beats (costs, records)."""
    nets = {way: _nets(lines, records, costs) for way, lines in ways.items()}
    trained = np.max([nets[way] for way in TRAINED], axis=0)
    return np.asarray((trained > nets[Way.PROMPT]).sum(axis=0))


def _nets(lines: Sequence[Values], records: Values, costs: Values) -> Values:
    """What a way is expected to net at its best cadence, by prompt (3, costs, records)."""
    found = []
    for line in lines:
        right, fixed, each = line[..., None, None]
        found.append(right * costs[:, None] * records - fixed - each * records)
    return np.asarray(np.max(found, axis=0))


def _by_prompt(now: Known, line: Line) -> Values:
    """What is right, fixed and paid a record (3, 3) as expected beside a weak, an expected and a strong prompt."""
    prompt = now.drawn.given[Way.PROMPT]
    parts = np.stack([line.accuracy, line.fixed, line.per_record])
    # The spread of equal numbers may differ from 0 by a last bit.
    if prompt.min() == prompt.max():
        return np.repeat(parts.mean(axis=1, keepdims=True), 3, axis=1)
    levels = np.array([np.quantile(prompt, WEAK), prompt.mean(), np.quantile(prompt, STRONG)])
    slope, at_none = np.polyfit(prompt, parts.T, 1)
    return np.asarray(slope[:, None] * levels + at_none[:, None])
