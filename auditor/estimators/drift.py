"""Every comparison of the earlier half of the dated records with the later half, as one family of tests.

Each p-value holds at the sizes at hand: by permutation, or by the exact mean and variance over permutations. Holm's
method (1979) then keeps the chance that any of them fires without a cause at 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from auditor.interval import Z_90
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from auditor.estimators.churn import MonthlyCounts
    from auditor.estimators.redefinition import Redefinition

DRIFT: Key[Drift] = Key("drift")

ALPHA = 0.05
PERMUTATIONS = 1999


@dataclass(frozen=True)
class DriftTest:
    """``kind`` is labels, text, length, language, column, missing, volume or definitions; ``subject`` a name in it.

    ``effect`` is 0 where nothing moved: see what made it. ``adjusted`` is Holm's p in its family.
    """

    kind: str
    subject: str
    effect: float
    p: float
    adjusted: float = 1.0

    @property
    def moved(self) -> bool:
        return self.adjusted <= ALPHA


@dataclass(frozen=True)
class Mix:
    """Rows of each category (C,) in either half."""

    kind: str
    subject: str
    early: NDArray[np.int64]
    late: NDArray[np.int64]

    def test(self, seed: int) -> DriftTest:
        """The population stability index of the halves, by permutation of the halves."""
        held = self.early + self.late > 0
        total, late = (self.early + self.late)[held], self.late[held]
        observed = float(psi(total - late, late))
        rng = np.random.default_rng(seed)
        drawn = rng.multivariate_hypergeometric(total, int(late.sum()), size=PERMUTATIONS)
        as_large = int((psi(total - drawn, drawn) >= observed - 1e-12).sum())
        return DriftTest(self.kind, self.subject, observed, (1 + as_large) / (1 + PERMUTATIONS))

    def surely_moved_by(self) -> float:
        """By how much the share of some category surely differs between the halves, at least: the lower end of a 90 %
        interval with one row of either kind added to each half (Agresti and Caffo 2000), the largest of all categories.
        """
        (p, n), (q, m) = (((half + 1) / (half.sum() + 2), half.sum() + 2) for half in (self.early, self.late))
        apart = np.abs(p - q) - Z_90 * np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
        return max(float(apart.max(initial=0)), 0.0)


@dataclass(frozen=True)
class Amounts:
    """A sample of numbers from either half, in order of time."""

    kind: str
    subject: str
    early: NDArray[np.float64]
    late: NDArray[np.float64]

    def test(self, _: int) -> DriftTest:
        """The largest distance of the halves' distributions (Kolmogorov-Smirnov)."""
        if min(len(self.early), len(self.late)) < 2:
            return DriftTest(self.kind, self.subject, 0.0, 1.0)
        found = stats.ks_2samp(self.early, self.late, method="asymp")
        return DriftTest(self.kind, self.subject, float(found.statistic), float(found.pvalue))


@dataclass(frozen=True)
class Ranks:
    """Of held-out texts of each class (K,), by how late they look: how many there are in all and from the later half,
    the sum of the ``ranks`` of these, and the ``spread`` of all ranks, the sum of squares about their mean.
    """

    texts: NDArray[np.int64]
    late: NDArray[np.int64]
    ranks: NDArray[np.float64]
    spread: NDArray[np.float64]

    def test(self, _: int) -> DriftTest:
        """Twice the area under the ROC curve within classes, less one; p by the mean and variance of the rank sum over
        permutations within classes (van Elteren 1960), so that a change of mix is none of wording.
        """
        told = (self.texts > 1) & (self.late > 0) & (self.late < self.texts)
        n, m = self.texts[told], self.late[told]
        statistic = float((self.ranks[told] - m * (n + 1) / 2).sum())
        variance = float((m * (n - m) / (n * (n - 1)) * self.spread[told]).sum())
        if variance == 0:
            return DriftTest("text", "wording", 0.0, 1.0)
        largest = float((m * (n - m) / 2).sum())
        return DriftTest("text", "wording", statistic / largest, float(stats.norm.sf(statistic / np.sqrt(variance))))


@dataclass(frozen=True)
class Drift:
    """``tests`` with p-values adjusted over all of them, the months of the largest ``gap`` and ``spike``.

    ``redefined`` are the pairs of classes whose border moved, as sure as the other findings.
    """

    tests: tuple[DriftTest, ...]
    gap: date | None
    spike: date | None
    redefined: tuple[Redefinition, ...]

    def of(self, *kinds: str) -> tuple[DriftTest, ...]:
        return tuple(test for test in self.tests if test.kind in kinds)


def drift(
    compared: Sequence[Mix | Amounts | Ranks],
    monthly: MonthlyCounts | None,
    last_days: tuple[int, int],
    redefined: Sequence[Redefinition],
    seed: int,
) -> Drift:
    """The family of what was ``compared`` and of the volume, see `volume_tests`; every pair of the ``redefined`` was
    tested by itself first. ``monthly`` is None where no month means anything.
    """
    tests = [each.test(seed) for each in compared]
    of_volume, gap, spike = volume_tests(monthly.counts.sum(axis=1), last_days) if monthly else ((), 0, 0)
    swing = min((each.p for each in redefined), default=1.0)
    family = as_family([*tests, *of_volume, DriftTest("definitions", "pairs of classes", 0.0, swing)])
    # As sure as the surest pair is once it stands in the family, each pair must be by itself.
    sure = tuple(each for each in redefined if each.p * len(family) <= ALPHA) if family[-1].moved else ()
    if monthly is None or not of_volume:
        return Drift(family, None, None, sure)
    return Drift(family, monthly.months[gap], monthly.months[spike], sure)


def as_family(tests: Sequence[DriftTest]) -> tuple[DriftTest, ...]:
    """The tests with Holm's adjusted p-values, in their order."""
    order = np.argsort([test.p for test in tests], kind="stable")
    scaled = np.array([tests[i].p for i in order]) * np.arange(len(tests), 0, -1)
    adjusted = np.empty(len(tests))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return tuple(replace(test, adjusted=float(p)) for test, p in zip(tests, adjusted, strict=True))


def psi(early: NDArray[np.int64], late: NDArray[np.int64]) -> NDArray[np.float64]:
    """Population stability index over the last axis, half a row added to every class."""
    p, q = early + 0.5, late + 0.5
    p = p / p.sum(axis=-1, keepdims=True)
    q = q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def volume_tests(counts: NDArray[np.int64], last_days: tuple[int, int]) -> tuple[tuple[DriftTest, ...], int, int]:
    """Gaps, spikes and missing latest records, and the months of the largest gap and spike.

    ``counts`` (M,) are rows a month, each held to the median of its six neighbours; the effect is the difference in
    logarithms. ``last_days`` are the rows of the last 30 days and of the 90 before these. p from the Poisson
    distribution with that rate, where the rate's own error is that of a count (so a binomial test), times M.
    """
    inner = counts[1:-1]
    if len(inner) < 7:
        return (), 0, 0
    around = np.array([np.median(np.delete(inner[max(0, i - 3) : i + 4], min(i, 3))) for i in range(len(inner))])
    known = np.maximum(around, 0.5) * 6
    total = np.round(inner + known)
    few = stats.binom.cdf(inner, total, 1 / 7)
    many = stats.binom.sf(inner - 1, total, 1 / 7)
    ratio = np.log((inner + 0.5) / (around + 0.5))
    gap, spike = int(few.argmin()), int(many.argmin())
    tests = [
        DriftTest("volume", "gap", float(ratio[gap]), min(1.0, float(few[gap]) * len(inner))),
        DriftTest("volume", "spike", float(ratio[spike]), min(1.0, float(many[spike]) * len(inner))),
    ]
    recent, before = last_days
    effect = float(np.log((recent + 0.5) / (before / 3 + 0.5)))
    tests.append(DriftTest("volume", "latest", effect, float(stats.binom.cdf(recent, recent + before, 0.25))))
    return tuple(tests), gap + 1, spike + 1
