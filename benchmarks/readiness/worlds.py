"""What would come: how right each way is in a scenario, against every opponent drawn, and what it nets."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from auditor.judge.costs import costs_of
from auditor.judge.published import LOSS_SEEN
from auditor.model import Facts, Fresh, Share, Way
from auditor.prices import prices
from benchmarks.readiness.scenarios import source_of
from benchmarks.readiness.studies import Opponents

MONTHS = 24
DELAY = 1
# Linear classifiers were scored at 0 to 6 months of age; where nothing moves, one training will do.
TUNED_CADENCE, ORDINARY_CADENCE = 6.0, 1.0
LEAST, MOST = 0.02, 0.995
# A class counts beside so many rows of what the whole gets.
PRIOR_ROWS = 20.0
# Two systems are wrong on the same records so often, of what the better one misses.
SHARED_MISSES = 0.5
WAYS = (Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED)
PRICE = prices({})


class Kind(StrEnum):
    CLEAN = "clean"
    NOISY = "noisy"
    DRIFTING = "drifting"


@dataclass(frozen=True)
class Action:
    """A ``way``, with the listed rows ``repaired`` first or not; or fine-tuning for the classes ``kept`` (K,) alone."""

    way: Way
    repaired: bool = False
    kept: np.ndarray | None = None


@dataclass(frozen=True)
class Cell:
    """Records a month, and what an error costs; None: nobody says."""

    volume: float
    error_cost: float | None

    @property
    def name(self) -> str:
        return f"{self.volume:,.0f} at " + ("unset" if self.error_cost is None else f"${self.error_cost:g}")


CELLS = tuple(Cell(volume, cost) for volume in (300, 3000, 30_000, 1_000_000) for cost in (0.05, 1, 10, 50, None))


class World:
    """One scenario against ``opponents`` (n,). ``outcome`` is its line, ``mended`` what came after the repair."""

    def __init__(
        self, outcome: Mapping[str, Any], facts: Facts, opponents: Opponents, mended: Mapping[str, float] | None = None
    ) -> None:
        self.outcome, self.facts, self.opponents = outcome, facts, opponents
        self.name: str = outcome["scenario"]
        self.moves: bool = outcome["moves"]
        self._right = {
            (way, repaired): right
            for repaired, line in ((False, outcome), (True, dict(outcome) | dict(mended or {})))
            for way, right in self._rights(line).items()
        }
        self._by_class: dict[tuple[Way, bool], np.ndarray] = {}

    @property
    def kinds(self) -> set[Kind]:
        found = {Kind.NOISY} if self.outcome["wrong_labels"] > 0.02 else set()
        return found | ({Kind.DRIFTING} if self.moves else set()) or {Kind.CLEAN}

    @property
    def source(self) -> str:
        return source_of(self.name)

    def right(self, way: Way, *, repaired: bool = False) -> np.ndarray:
        """Share of records right (n,), on true labels at the age that the way's cadence gives."""
        return self._right[way, repaired]

    def _rights(self, line: Mapping[str, float]) -> dict[Way, np.ndarray]:
        """``line`` with what came after the repair in place of linear, linear_retrained and vote."""
        before = self.outcome
        # Where nothing moves, hidden rows are as good as rows left out, and the comparison is a paired one.
        same = not self.moves
        learned = before["linear"] if same else before["linear_in_time_true"]
        # Rows left out of an export whose taxonomy moved are harder than later rows can be.
        clean = before["linear_clean"] if same else max(before["linear_in_time_clean"], before["linear_clean"])
        to_labels = before["vote_clean"] - before["vote"] if same else (
            before["vote_in_time_clean"] - before["vote_in_time_true"]
        )  # fmt: skip
        to_change = 0.0 if same else max(before["vote_in_time_true"] - before["vote"], 0.0)
        given_back = max(line["vote"] - before["vote"], 0.0)
        drawn = self.opponents
        tuned = line["linear"] + self._lift(learned + line["linear"] - before["linear"])
        prompt = clean + self._lift(clean) - drawn.gap
        prompt -= drawn.of_labels * max(to_labels - given_back, 0.0) + drawn.of_change * to_change
        return {
            Way.PROMPT: prompt.clip(LEAST, MOST),
            Way.ORDINARY: np.full(len(drawn), float(np.clip(line["linear_retrained"], LEAST, MOST))),
            Way.FINE_TUNED: tuned.clip(LEAST, MOST),
        }

    def _lift(self, linear: float) -> np.ndarray:
        """What fine-tuning adds (n,); a team keeps the better model, where validation can tell."""
        return np.maximum(self.opponents.root * np.sqrt(max(1 - linear, 0.0)), -LOSS_SEEN)

    @property
    def n_classes(self) -> int:
        return len(self.outcome["by_class"][0])

    @property
    def share(self) -> np.ndarray:
        """Of the volume, by class (K,)."""
        rows = np.array(self.outcome["by_class"][0], float)
        return rows / rows.sum()

    def by_class(self, way: Way, *, repaired: bool = False) -> np.ndarray:
        """Share right (n, K). A class that is hard for the linear classifier is hard for all, in log-odds; what is
        hard for the vote is half as hard for a prompt.
        """
        if (way, repaired) not in self._by_class:
            rows, linear, vote = (np.array(each, float) for each in self.outcome["by_class"])
            hits = (linear + vote) / 2 if way is Way.PROMPT else linear
            level = np.clip((hits + PRIOR_ROWS * hits.sum() / rows.sum()) / (rows + PRIOR_ROWS), LEAST, MOST)
            self._by_class[way, repaired] = _shifted(level, self.share, self.right(way, repaired=repaired))
        return self._by_class[way, repaired]

    @property
    def kept_in_hindsight(self) -> np.ndarray:
        """Classes (n, K) that fine-tuning gets right more often."""
        return self.by_class(Way.FINE_TUNED) > self.by_class(Way.PROMPT)

    def cost(self, way: Way, volume: float) -> float:
        return self._fixed(way) + MONTHS * volume * self._costs(way).per_record

    def _costs(self, way: Way) -> Any:
        cadence = {Way.ORDINARY: ORDINARY_CADENCE, Way.FINE_TUNED: TUNED_CADENCE}.get(way) if self.moves else None
        return costs_of(way, PRICE, self.facts, MONTHS, cadence or MONTHS)

    def _fixed(self, way: Way) -> float:
        return self._costs(way).fixed

    @property
    def reading(self) -> float:
        """What reading the listed rows costs."""
        return self.facts.labels.listed * PRICE["review_price"]

    def net(self, action: Action, volume: float, error_cost: np.ndarray | float) -> np.ndarray:
        """Over all months (n,): right records times what an error costs, less what the action costs."""
        worth = MONTHS * volume * np.asarray(error_cost)
        if action.kept is None:
            right, cost = self.right(action.way, repaired=action.repaired), self.cost(action.way, volume)
        else:
            right, cost = self._of_subset(action.kept, volume, repaired=action.repaired)
        if action.repaired:
            # A prompt answers while the rows are read.
            right = right + (self.right(Way.PROMPT) - right) * DELAY / MONTHS
            cost = cost + self.reading
        return right * worth - cost

    def _of_subset(self, kept: np.ndarray, volume: float, *, repaired: bool) -> tuple[np.ndarray, np.ndarray]:
        """Share right and costs (n,)."""
        tuned, prompt = (self.by_class(way, repaired=repaired) for way in (Way.FINE_TUNED, Way.PROMPT))
        right = np.where(kept, tuned, prompt) @ self.share
        part = np.broadcast_to(kept, tuned.shape) @ self.share
        each = {way: self._costs(way).per_record for way in (Way.FINE_TUNED, Way.PROMPT)}
        records = MONTHS * volume * (part * each[Way.FINE_TUNED] + (1 - part) * each[Way.PROMPT])
        fixed = self._fixed(Way.FINE_TUNED) + self._fixed(Way.PROMPT) + PRICE["routing_hours"] * PRICE["hourly_rate"]
        return right, fixed + records

    def sheet(self, number: int, rows: int, *, repaired: bool = False) -> Fresh:
        """``rows`` recent records labelled afresh, answered in world ``number``; a longer one holds the shorter."""
        ordinary, prompt = (float(self.right(way, repaired=repaired)[number]) for way in (Way.ORDINARY, Way.PROMPT))
        both_wrong = SHARED_MISSES * min(1 - ordinary, 1 - prompt)
        chance = np.cumsum([both_wrong, 1 - ordinary - both_wrong, 1 - prompt - both_wrong])
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), number])
        got = np.searchsorted(chance, rng.random(rows), side="right")
        first, other = (got >= 2).astype(float), ((got == 1) | (got == 3)).astype(float)
        return Fresh(rows, _share(first), _share(other), _share(first - other))


def sheet_cost(rows: int) -> float:
    return rows * PRICE["labelling_price"] + PRICE["measuring_hours"] * PRICE["hourly_rate"]


def _share(values: np.ndarray) -> Share:
    """A mean with its standard error, never under that of one right and one wrong answer more."""
    n = len(values)
    spread = max(float(values.std()), float(np.sqrt(1 / (n + 2))))
    return Share(float(values.mean()), spread / float(np.sqrt(n)))


def _shifted(level: np.ndarray, share: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """``level`` (K,) moved in log-odds so that its mean by ``share`` is each of ``mean`` (n,): (n, K)."""
    odds = np.log(level / (1 - level))
    low, high = np.full(len(mean), -12.0), np.full(len(mean), 12.0)
    for _ in range(40):
        middle = (low + high) / 2
        under = (1 / (1 + np.exp(-(odds + middle[:, None])))) @ share < mean
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return 1 / (1 + np.exp(-(odds + low[:, None])))
