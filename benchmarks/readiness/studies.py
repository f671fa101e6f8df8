"""Opponents drawn from published studies that the audit's laws have not seen.

There are four folds. In each one gap study and half of the lift studies are left out; the laws are fitted on the
others, the truth is drawn from those left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from auditor.judge.draws import Laws
from auditor.judge.published import (
    POWER,
    SETS_PER_STUDY,
    Comparison,
    Gap,
    Law,
    Trend,
    fit_gaps,
    fit_lifts,
    published_gaps,
    published_lifts,
)

# A set tells of another one by how near their texts are in length: e-folds of words.
NEAR_WORDS = 1.0
# What an error costs where nobody says.
ERROR_COSTS = (0.05, 50.0)


@dataclass(frozen=True)
class Tilt:
    """A world in which prompts are further behind, by ``shift`` records, or more spread out, ``wide`` times."""

    name: str = "as published"
    shift: float = 0.0
    wide: float = 1.0


AS_PUBLISHED = Tilt()
TILTS = (Tilt("4 points worse", 0.04), Tilt("4 points better", -0.04), Tilt("1.5 times as wide", wide=1.5))


@dataclass(frozen=True)
class Fold:
    """The laws of the studies kept in, and the ``lifts`` and the ``gap`` (mean of its sets) of those left out."""

    trend: Trend
    gap_law: Law
    lifts: tuple[Comparison, ...]
    gap: float

    def laws(self, linear: float, words: float) -> Laws:
        """As the audit reads them, of a set with an ordinary classifier ``linear`` and texts of ``words``."""
        return Laws(self.trend.law(linear, {"words": words}), self.gap_law)

    def mean_lift(self, linear: float, words: float) -> float:
        """Points that published fine-tuning adds on average."""
        return self.trend.law(linear, {"words": words}).mean * (1 - linear)


@dataclass(frozen=True)
class Opponents:
    """Worlds (n,). ``root`` times the root of the errors is what fine-tuning adds; ``gap`` what a prompt lacks to it;
    a prompt loses ``of_labels`` and ``of_change`` (0 to 1) of what the vote loses to wrong labels and to change.
    """

    fold: np.ndarray
    root: np.ndarray
    gap: np.ndarray
    of_labels: np.ndarray
    of_change: np.ndarray
    error_cost: np.ndarray

    def __len__(self) -> int:
        return len(self.fold)


@cache
def folds() -> tuple[Fold, ...]:
    gaps = published_gaps()
    names = sorted({row.study for row in gaps})
    first, second = _halves(published_lifts())
    return tuple(
        Fold(
            fit_lifts(_unseen(kept, left)),
            fit_gaps([row for row in gaps if row.study != name]),
            tuple(left),
            _study_mean([row for row in gaps if row.study == name]),
        )
        for number, name in enumerate(names)
        for left, kept in [(first, second) if number % 2 else (second, first)]
    )


def drawn(words: float, n: int, rng: np.random.Generator, tilt: Tilt = AS_PUBLISHED) -> Opponents:
    """``n`` opponents on texts of ``words``, every fold in turn; what an error costs in even strata."""
    number = np.arange(n) % len(folds())
    centre = float(np.mean([fold.gap for fold in folds()]))
    gap = np.array([fold.gap for fold in folds()])[number] + rng.normal(0, _within(published_gaps()), n)
    low, high = np.log(ERROR_COSTS)
    strata = (rng.permutation(n) + rng.random(n)) / n
    return Opponents(
        number,
        np.array([_root(folds()[each].lifts, words, rng) for each in number]),
        centre + tilt.wide * (gap - centre) + tilt.shift,
        rng.random(n),
        rng.random(n),
        np.exp(low + strata * (high - low)),
    )


def _root(lifts: Sequence[Comparison], words: float, rng: np.random.Generator) -> float:
    """Of one set left out, the likelier the nearer its texts are in length."""
    sets_of = Counter(row.study for row in lifts)
    weight = np.array([min(1.0, SETS_PER_STUDY / sets_of[row.study]) for row in lifts])
    far = np.log([row.words for row in lifts]) - np.log(words)
    weight *= np.exp(-((far / NEAR_WORDS) ** 2) / 2) + 1e-9
    row = lifts[rng.choice(len(lifts), p=weight / weight.sum())]
    return row.gain / (1 - row.linear) ** POWER


def _halves(rows: Sequence[Comparison]) -> tuple[list[Comparison], list[Comparison]]:
    studies = sorted({row.study for row in rows})
    chosen = set(np.random.default_rng(0).permutation(studies)[::2])
    return [row for row in rows if row.study in chosen], [row for row in rows if row.study not in chosen]


def _unseen(kept: Sequence[Comparison], left: Sequence[Comparison]) -> list[Comparison]:
    """A set left out is left out of all studies."""
    names = {row.name for row in left}
    return [row for row in kept if row.name not in names]


def _by_set(rows: Sequence[Gap]) -> list[list[float]]:
    """Per study the mean of each of its sets."""
    sets: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        sets[row.study][row.name].append(row.share)
    return [[float(np.mean(shares)) for shares in each.values()] for each in sets.values()]


def _study_mean(rows: Sequence[Gap]) -> float:
    return float(np.mean(_by_set(rows)[0]))


def _within(rows: Sequence[Gap]) -> float:
    """The spread of sets within a study, as `fit_gaps` has it."""
    studies = _by_set(rows)
    squares = sum(float(np.var(sets)) * len(sets) for sets in studies)
    return float(np.sqrt(squares / (sum(map(len, studies)) - len(studies))))
