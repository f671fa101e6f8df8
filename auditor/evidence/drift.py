"""Every comparison of the earlier half of the dated records with the later half, as one family of tests.

Each p-value holds at the sizes at hand: by permutation, or by the exact mean and variance over permutations. Holm's
method (1979) then keeps the chance that any of them fires without a cause at 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from auditor.evidence.moments import class_sums, score, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import FoldMoments

ALPHA = 0.05
PERMUTATIONS = 1999
# Held out at once: a model that saw none of their dates makes every order of these as likely.
HELD_OUT = (0, 1)
MAX_KS_ROWS = 20_000


@dataclass(frozen=True)
class DriftTest:
    """``kind`` is labels, text, length, language, column, missing, volume or definitions; ``subject`` a name in it.

    ``effect`` is 0 where nothing moved: see the function that made it. ``adjusted`` is Holm's p in its family.
    """

    kind: str
    subject: str
    effect: float
    p: float
    adjusted: float = 1.0

    @property
    def moved(self) -> bool:
        return self.adjusted <= ALPHA


def as_family(tests: Sequence[DriftTest]) -> tuple[DriftTest, ...]:
    """The tests with Holm's adjusted p-values, in their order."""
    order = np.argsort([test.p for test in tests], kind="stable")
    scaled = np.array([tests[i].p for i in order]) * np.arange(len(tests), 0, -1)
    adjusted = np.empty(len(tests))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return tuple(replace(test, adjusted=float(p)) for test, p in zip(tests, adjusted, strict=True))


def mix_test(kind: str, subject: str, values: NDArray[np.int32], late: NDArray[np.bool_], seed: int) -> DriftTest:
    """Codes (n,) of any categories: the population stability index of the halves, by permutation of the halves."""
    total = np.bincount(values)
    total = total[total > 0]
    of_late = np.bincount(values[late], minlength=int(values.max()) + 1)
    of_late = of_late[np.bincount(values, minlength=len(of_late)) > 0]
    observed = float(psi(total - of_late, of_late))
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_hypergeometric(total, int(late.sum()), size=PERMUTATIONS)
    as_large = int((psi(total - drawn, drawn) >= observed - 1e-12).sum())
    return DriftTest(kind, subject, observed, (1 + as_large) / (1 + PERMUTATIONS))


def psi(early: NDArray[np.int64], late: NDArray[np.int64]) -> NDArray[np.float64]:
    """Population stability index over the last axis, half a row added to every class."""
    p, q = early + 0.5, late + 0.5
    p = p / p.sum(axis=-1, keepdims=True)
    q = q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def amount_test(kind: str, subject: str, values: NDArray[np.float64], late: NDArray[np.bool_]) -> DriftTest:
    """Numbers (n,), NaN where missing: the largest distance of the halves' distributions (Kolmogorov-Smirnov)."""
    known = np.isfinite(values)
    halves = [values[known & part] for part in (~late, late)]
    if min(map(len, halves)) < 2:
        return DriftTest(kind, subject, 0.0, 1.0)
    thinned = [half[:: max(1, len(half) // MAX_KS_ROWS)] for half in halves]
    found = stats.ks_2samp(*thinned, method="asymp")
    return DriftTest(kind, subject, float(found.statistic), float(found.pvalue))


def text_test(phi: Features, codes: Codes, moments: FoldMoments, late: NDArray[np.int8]) -> DriftTest:
    """How well a model tells late texts (1) from early ones (0; -1 undated) of the same class, on two held-out folds.

    The effect is twice its area under the ROC curve within classes, less one. Trained on whether a text is late
    beyond what its class says; held-out scores are compared within classes, so that a change of mix is none of
    wording. p by the mean and variance of the rank sum over permutations within classes (van Elteren 1960).
    """
    n_classes = int(codes.max()) + 1
    dated = late >= 0
    held, known = (np.isin(moments.folds, HELD_OUT) == side for side in (True, False))
    held, known = np.flatnonzero(held & dated), known & dated
    seen = np.bincount(codes[known], minlength=n_classes)
    rate = np.bincount(codes[known], late[known], n_classes) / np.maximum(seen, 1)
    rest = moments.total
    for fold in HELD_OUT:
        rest = rest - moments.parts[fold]
    of_all, of_late = (class_sums(phi, codes, np.flatnonzero(part), n_classes) for part in (known, known & (late == 1)))
    beyond = (of_late - of_all * rate).sum(axis=1, keepdims=True)
    model = solve(replace(rest, cross=beyond), moments.fit.ridge)
    return _within(score(phi, held, model)[:, 0], codes[held], late[held])


def _within(scores: NDArray[np.float32], strata: Codes, late: NDArray[np.int8]) -> DriftTest:
    statistic = variance = largest = 0.0
    for stratum in np.unique(strata):
        rows = strata == stratum
        n, m = int(rows.sum()), int(late[rows].sum())
        if n < 2 or m in (0, n):
            continue
        own = stats.rankdata(scores[rows])
        statistic += own[late[rows] == 1].sum() - m * (n + 1) / 2
        variance += m * (n - m) / (n * (n - 1)) * float(((own - own.mean()) ** 2).sum())
        largest += m * (n - m) / 2
    if variance == 0:
        return DriftTest("text", "wording", 0.0, 1.0)
    return DriftTest("text", "wording", float(statistic / largest), float(stats.norm.sf(statistic / np.sqrt(variance))))


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
