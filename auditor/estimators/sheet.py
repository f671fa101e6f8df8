"""Rates over all recent rows from the few that a person labelled afresh.

Rows are drawn at random within strata of label quality, so every rate is unbiased whatever the model does. The
model's own doubt, known for every row, only narrows it: a stratified difference estimator in the manner of
prediction-powered inference (Angelopoulos et al. 2023, Science), its weight tuned as in PPI++ (Angelopoulos,
Duchi and Zrnic 2023). Why not the package ppi-python: docs/adr/0006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t

from auditor.estimators.intervals import weighted_share
from auditor.interval import LEVEL
from auditor.model import COUNT, Estimate, Kind, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

OF_ALL = Template(
    "of_all",
    (
        "{records} records labelled afresh, drawn at random within strata",
        "; narrowed by {guess} on all records drawn from",
    ),
    fields={"records": COUNT, "guess": Kind.WORDS},
)
OF_PART = Template(
    "of_part",
    "{records} {what} labelled afresh, weighted by the odds of being drawn",
    fields={"records": COUNT, "what": Kind.WORDS},
)


@dataclass(frozen=True)
class Sample:
    """Labelled rows: the ``stratum`` (m,) of each, and ``sizes`` (H,), the rows of every stratum."""

    stratum: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def weights(self) -> Values:
        """How many rows each of them stands for (m,)."""
        counts = np.bincount(self.stratum, minlength=len(self.sizes))
        return np.asarray(self.sizes[self.stratum] / counts[self.stratum], float)


def sample_of(stratum: NDArray[np.int64], stratum_rows: Mapping[int, int]) -> Sample:
    """``stratum`` (m,) by the names in ``stratum_rows``. One with fewer than two rows joins its neighbour."""
    names = sorted(stratum_rows)
    codes = np.searchsorted(names, stratum)
    counts = np.bincount(codes, minlength=len(names))
    group_of = np.zeros(len(names), int)
    group, judged = 0, 0
    for code, count in enumerate(counts):
        group_of[code] = group
        judged += count
        if judged >= 2 and counts[code + 1 :].sum() >= 2:
            group, judged = group + 1, 0
    sizes = np.bincount(group_of, weights=[stratum_rows[name] for name in names])
    return Sample(group_of[codes], sizes.astype(np.int64))


def rate_of_all(
    sample: Sample, y: Values, f: Values, f_of_all: float | None, guess: str, least: float = 0.0
) -> Estimate:
    """The mean of ``y`` (m,) over all rows drawn from; it is from ``least``, 0 or, for a difference, -1, to 1.

    ``f`` (m,) guesses y and ``f_of_all`` is the mean guess for every row, None where that is not known;
    ``guess`` says what it is.
    """
    counts = np.bincount(sample.stratum, minlength=len(sample.sizes))
    share = sample.sizes / sample.sizes.sum()
    tuned = _tuning(sample, y, f, share**2 / counts) if f_of_all is not None and len(y) > 2 else 0.0
    rest = y - tuned * f
    shift = tuned * f_of_all if f_of_all is not None else 0.0
    value = float(np.clip(share @ _means(rest, sample.stratum) + shift, least, 1))
    hits = np.asarray(np.bincount(sample.stratum, weights=np.abs(y)), float)
    spread = _cautious(_variances(rest, sample.stratum), hits, counts)
    parts = share**2 * (1 - counts / sample.sizes) * spread / counts
    variance = parts.sum()
    low, high = least, 1.0
    if len(y) > len(counts):
        # Satterthwaite 1946
        freedom = variance**2 / (parts**2 / np.maximum(counts - 1, 1)).sum() if variance else np.inf
        half = float(t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(variance))
        low, high = max(value - half, least), min(value + half, 1.0)
    method = OF_ALL.of(records=len(y), guess=guess if tuned else None)
    return Estimate(value, low, high, "points" if least else "share", method)


def rate_of_part(y: Values, weights: Values, what: str) -> Estimate:
    """The mean of ``y`` (m,) over the rows that the labelled ones of a part stand for.

    Student's quantile: parts are small.
    """
    method = OF_PART.of(records=len(y), what=what)
    return weighted_share(y, weights, method, float(t.ppf((1 + LEVEL) / 2, max(len(y) - 1, 1))))


def _tuning(sample: Sample, y: Values, f: Values, factor: Values) -> float:
    """The weight of ``f`` that leaves the least variance, between 0 and 1."""
    means_y, means_f = (_means(values, sample.stratum)[sample.stratum] for values in (y, f))
    per_row = (factor / np.maximum(np.bincount(sample.stratum) - 1, 1))[sample.stratum]
    spread = float(per_row @ (f - means_f) ** 2)
    return float(np.clip(per_row @ ((f - means_f) * (y - means_y)) / spread, 0, 1)) if spread else 0.0


def _cautious(variances: Values, hits: Values, counts: NDArray[np.int64]) -> Values:
    """Few mistakes in a stratum make its variance look too small, and none makes it vanish.

    It grows by what Jeffreys' prior adds to the variance of the share, and is that where all are right or wrong. A
    guess that met every row of a stratum may miss others: it leaves the variance of none seen among so many.
    """
    smoothed = (hits + 0.5) / (counts + 1)
    expected = smoothed * (1 - smoothed)
    observed = hits * (counts - hits) / (counts * np.maximum(counts - 1, 1))
    growth = np.maximum(expected / np.where(observed > 0, observed, expected), 1)
    unseen = 0.5 / (counts + 1)
    found = np.where(observed > 0, variances * growth, np.maximum(variances, expected))
    return np.asarray(np.maximum(found, unseen * (1 - unseen)))


def _means(values: Values, stratum: NDArray[np.int64]) -> Values:
    return np.asarray(np.bincount(stratum, weights=values) / np.bincount(stratum))


def _variances(values: Values, stratum: NDArray[np.int64]) -> Values:
    deviation = (values - _means(values, stratum)[stratum]) ** 2
    return np.asarray(np.bincount(stratum, weights=deviation) / np.maximum(np.bincount(stratum) - 1, 1))
