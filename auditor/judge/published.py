"""What published studies say about a set that nobody has measured: two distributions for one new set.

The lift is the share of an ordinary classifier's errors that a fine-tuned encoder of base size removes; the gap is
how far a fine-tuned model is ahead of a model prompted with retrieved examples. Figures and sources:
published_lifts.csv and published_pairs.csv; how well the laws predict a study they have not seen:
benchmarks/results/published_fits.md.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Values = NDArray[np.float64]

# A team keeps the better of encoder and linear model by validation, which sees a loss larger than this.
LOSS_SEEN = 0.02
# A study with more sets counts as this many: its sets share authors, code and habits.
SETS_PER_STUDY = 3
# Gain in score = scaled gain * (1 - linear score) ** POWER, mean and spread, as a share's standard error has it.
POWER = 0.5
# What the scaled gain depends on, in logarithms. Others did not earn their place: benchmarks/results/published_fits.md.
COVARIATES = ("words",)


@dataclass(frozen=True)
class Law:
    """Student's t of one new set of a new study; ``scale`` includes the error of the mean."""

    mean: float
    scale: float
    freedom: float

    def quantile(self, p: float) -> float:
        return self.mean + self.scale * float(t.ppf(p, self.freedom))

    def draw(self, rng: np.random.Generator, n: int) -> Values:
        return self.mean + self.scale * rng.standard_t(self.freedom, n)


@dataclass(frozen=True)
class Comparison:
    """One published row: a ``linear`` classifier and an ``encoder``, scores from 0 to 1, trained on the same rows."""

    study: str
    name: str
    words: float
    rows: float
    classes: float
    linear: float
    encoder: float

    @property
    def gain(self) -> float:
        """What a team gains that keeps the better model where it can tell."""
        gain = self.encoder - self.linear
        return 0.0 if gain < -LOSS_SEEN else gain


@dataclass(frozen=True)
class Gap:
    """One published row: how far the fine-tuned model is ahead, as a share of records."""

    study: str
    name: str
    share: float


@dataclass(frozen=True)
class Trend:
    """A weighted regression of the scaled gain, one row per set. ``inverse`` (k, k) is that of the weighted squares;
    ``low``, ``high`` (k,) and ``highest`` (linear score) bound what was seen, beyond which nothing has an effect.
    """

    covariates: tuple[str, ...]
    power: float
    slopes: Values
    inverse: Values
    low: Values
    high: Values
    highest: float
    spread: float
    freedom: float

    def law(self, linear: float, of: Mapping[str, float]) -> Law:
        """Of the lift, at a ``linear`` score and the covariates ``of`` a set."""
        x = np.clip([1.0, *(np.log(of[name]) for name in self.covariates)], self.low, self.high)
        share = (1 - min(linear, self.highest)) ** (self.power - 1)
        scale = self.spread * float(np.sqrt(1 + x @ self.inverse @ x))
        return Law(float(x @ self.slopes) * share, scale * share, self.freedom)


def lift_law(linear: float, words: float) -> Law:
    """Share of an ordinary classifier's errors that fine-tuning a base-size encoder removes.

    ``linear`` is the ordinary classifier's score, ``words`` those of a text. Draws above 1 mean that no error is left.
    """
    return _trend().law(linear, {"words": words})


@cache
def gap_law() -> Law:
    """Share of records by which a fine-tuned model is ahead of a model prompted with retrieved examples."""
    return fit_gaps(published_gaps())


@cache
def _trend() -> Trend:
    return fit_lifts(published_lifts())


def fit_lifts(known: Sequence[Comparison], covariates: tuple[str, ...] = COVARIATES, power: float = POWER) -> Trend:
    """A set that several studies measured counts once, with the average of its rows."""
    rows_of = Counter(row.study for row in known)
    weight = np.array([min(1.0, SETS_PER_STUDY / rows_of[row.study]) for row in known])
    names, group = np.unique([row.name for row in known], return_inverse=True)
    total = np.bincount(group, weight)
    scaled = np.array([row.gain / (1 - row.linear) ** power for row in known])
    x = np.array([[1.0, *(np.log(getattr(row, name)) for name in covariates)] for row in known])
    scaled = np.bincount(group, weight * scaled) / total
    x = np.stack([np.bincount(group, weight * column) / total for column in x.T], axis=1)
    weight = np.array([weight[group == number].max() for number in range(len(names))])
    # They add up to the effective number of sets (Kish 1965).
    weight *= weight.sum() / (weight**2).sum()
    inverse = np.linalg.inv(x.T @ (weight[:, None] * x))
    slopes = inverse @ x.T @ (weight * scaled)
    freedom = float(weight.sum()) - x.shape[1]
    spread = float(np.sqrt(weight @ (scaled - x @ slopes) ** 2 / freedom))
    highest = max(row.linear for row in known)
    return Trend(covariates, power, slopes, inverse, x.min(axis=0), x.max(axis=0), highest, spread, freedom)


def fit_gaps(known: Sequence[Gap]) -> Law:
    """Sets within studies, by moments (Searle et al. 1992, Variance Components, one random effect). The rows of one
    set are one value: they share the test records and mostly the trained model.
    """
    rows = defaultdict(list)
    for row in known:
        rows[row.study, row.name].append(row.share)
    sets = defaultdict(list)
    for (study, _), shares in rows.items():
        sets[study].append(float(np.mean(shares)))
    means = np.array([np.mean(values) for values in sets.values()])
    more = max(len(rows) - len(sets), 1)
    within = sum(float(np.var(values)) * len(values) for values in sets.values()) / more
    part = float(np.mean([1 / len(values) for values in sets.values()]))
    between = max(float(means.var(ddof=1)) - part * within, 0.0)
    # What varies with the studies' means, their average's error included, and what varies within a study besides.
    of_study, of_set = (between + part * within) * (1 + 1 / len(sets)), (1 - part) * within
    # Satterthwaite 1946
    freedom = (of_study + of_set) ** 2 / (of_study**2 / (len(sets) - 1) + of_set**2 / more)
    return Law(float(means.mean()), float(np.sqrt(of_study + of_set)), freedom)


def published_lifts(verified: tuple[str, ...] = ("yes",)) -> tuple[Comparison, ...]:
    """Rows fair to both sides, whose ``verified`` is among these; ``note`` says why others are left out."""
    figures = ("words_per_text", "train_rows", "classes", "linear_score", "encoder_score")
    return tuple(
        Comparison(row["study"], row["set"], *(float(row[name]) for name in figures))
        for row in _rows("published_lifts.csv")
        if row["use"] == "yes" and row["verified"] in verified
    )


def published_gaps(verified: tuple[str, ...] = ("yes",)) -> tuple[Gap, ...]:
    """Rows with retrieved examples and a fine-tuned model, whose ``verified`` is among these."""
    return tuple(
        Gap(row["study"], row["dataset"], float(row["trained_accuracy"]) - float(row["prompted_accuracy"]))
        for row in _rows("published_pairs.csv")
        if row["prompt_kind"] == "retrieval" and row["trained_accuracy"] and row["verified"] in verified
    )


def _rows(name: str) -> list[dict[str, str]]:
    with files("auditor.judge").joinpath(name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
