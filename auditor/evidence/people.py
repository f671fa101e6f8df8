"""How often a person's label is wrong, seen from a second person's, and what is true in spite of it.

Both err equally often, independently of each other and of every other label. The wrong class that one names is the
other's (or the given, or the answered one) with a chance between even odds over the classes and certainty. Rates are
put right as those of a test that errs (Rogan and Gladen 1978), the doubt about its errors in the interval (Lang and
Reiczigel 2014). What both get wrong alike stays unseen: docs/adr/0017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.intervals import LEVEL, Z_90
from auditor.evidence.sheet import rate_of_part
from auditor.model import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

DRAWS = 4000
# Nearer to chance than this a person's labels say nothing (house rule, 2026).
LEAST_SIGNAL = 0.1


@dataclass(frozen=True)
class People:
    """``pairs`` records with two people's labels. They differ on the share ``apart``; one of them is wrong on
    ``error``. ``wrong`` (DRAWS,) draws that, and ``alike`` the chance that a wrong label is another's wrong label.
    """

    pairs: int
    apart: Estimate
    error: Estimate
    wrong: Values
    alike: Values

    def true_share(self, seen: Estimate, by_error: Values) -> Estimate:
        """The share behind one that was ``seen`` through one person's labels.

        ``by_error`` (DRAWS,) is the share that their errors alone would show: ``wrong`` for labels that differ,
        ``wrong * alike`` for answers that agree, 0 for a difference of such shares.
        """
        assert seen.low is not None and seen.high is not None  # noqa: S101 - a sheet's rates have both
        rng = np.random.default_rng(1)
        steps = rng.standard_normal(DRAWS)
        errors = np.where(steps > 0, seen.high - seen.value, seen.value - seen.low) / Z_90
        least = -1.0 if seen.unit == "points" else 0.0
        true = (seen.value + steps * errors - by_error) / (1 - self.wrong * (1 + self.alike))
        value, low, high = _spread(np.clip(true, least, 1))
        return replace(seen, value=value, low=low, high=high, method=f"{seen.method}; less one person's errors")


def people(differ: Values, weights: Values, n_classes: int) -> People | None:
    """From the records that two people labelled: whether their labels ``differ`` (p,) and how many rows each stands
    for, ``weights`` (p,). None where there are none.
    """
    if not len(differ):
        return None
    rng = np.random.default_rng(0)
    size = float(weights.sum() ** 2 / (weights**2).sum())
    share = float(weights @ differ / weights.sum())
    # Jeffreys' interval, at the effective sample size (Kish 1965).
    apart = rng.beta(size * share + 0.5, size * (1 - share) + 0.5, DRAWS)
    alike = rng.uniform(1 / (n_classes - 1), 1, DRAWS)
    # They agree where both are right, or both wrong alike: (1 - e)^2 + e^2 c = 1 - apart.
    signal = np.sqrt(np.maximum(1 - (1 + alike) * apart, LEAST_SIGNAL**2))
    wrong = (1 - signal) / (1 + alike)
    method = f"{len(differ):,} records that two people labelled, if both err equally often and independently"
    return People(
        len(differ), rate_of_part(differ, weights, "records"), Estimate(*_spread(wrong), "share", method), wrong, alike
    )


def _spread(draws: Values) -> tuple[float, float, float]:
    low, value, high = np.quantile(draws, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return float(value), float(low), float(high)
