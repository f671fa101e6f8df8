"""How often a person's label is wrong, seen from a second person's, and what is true in spite of it.

Both err equally often and independently of each other and of every other label. The wrong class that one names is the
other's (or the given, or the answered one) with a chance between even odds over the classes and certainty. Rates are
put right as those of a test that errs (Rogan and Gladen 1978), the doubt about its errors in the interval (Lang and
Reiczigel 2014). What both get wrong alike stays unseen: docs/adr/0017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.sheet import rate_of_part
from auditor.interval import LEVEL, Z_90
from auditor.model import COUNT, Estimate, Kind, Template

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

DRAWS = 4000
# Nearer to chance than this a person's labels say nothing (house rule, 2026).
LEAST_SIGNAL = 0.1
ROUNDS = 5
TWO_PEOPLE = Template(
    "two_people",
    "{records} records that two people labelled, if both err equally often and independently",
    fields={"records": COUNT},
)
LESS_ERRORS = Template("less_errors", "{method}; less one person's errors", fields={"method": Kind.WORDS})


@dataclass(frozen=True)
class People:
    """``pairs`` records with two people's labels, which stand for ``weights`` (pairs,) records each. They differ on the
    share ``apart``; one of them is wrong on ``error``. ``wrong`` (DRAWS,) draws that, and ``alike`` the chance that a
    wrong label is another's wrong label.
    """

    pairs: int
    apart: Estimate
    error: Estimate
    weights: Values
    wrong: Values
    alike: Values
    seed: int

    def true_differing(self, seen: Estimate, disputed: Values, part: float = 1.0) -> Estimate:
        """The share of records whose given label, or answer, is not the true one, where it is ``seen`` not to be one
        person's. ``disputed`` (pairs,): it is just one of the two people's. It can be so on the share ``part`` alone.
        """
        level, in_dispute = _around(seen, self.seed) / part, _drawn_share(disputed, self.weights, [self.seed, 2]) / part
        true = level
        for _ in range(ROUNDS):
            # Disputed where one errs, on what is right; or errs in favour of what is wrong, on that.
            is_wrong = np.clip(true, 0, 1)
            once = 1 - is_wrong + self.alike * is_wrong
            twice = 1 - is_wrong + self.alike**2 * is_wrong
            errors = (once - np.sqrt(np.maximum(once**2 - 2 * twice * in_dispute, 0))) / (2 * twice)
            true = (level - errors) / np.maximum(1 - errors * (1 + self.alike), LEAST_SIGNAL)
        return _put_right(seen, true * part)

    def true_agreeing(self, seen: Estimate, disputed: Values) -> Estimate:
        """The share of records whose answer is the true one, as `true_differing`."""
        found = self.true_differing(_complement(seen), disputed)
        return _complement(found)

    def true_share(self, seen: Estimate, by_error: Values) -> Estimate:
        """The share behind one that was ``seen`` through one person's labels, where the pairs are too few to say more.

        ``by_error`` (DRAWS,) is the share that errors alone would show: ``wrong`` for labels that differ, 0 for a
        difference of two shares.
        """
        return _put_right(seen, (_around(seen, self.seed) - by_error) / (1 - self.wrong * (1 + self.alike)))


def people(differ: Values, weights: Values, n_classes: int, seed: int) -> People | None:
    """From the records that two people labelled: whether their labels ``differ`` (p,) and how many rows each stands
    for, ``weights`` (p,). None where there are none.
    """
    if not len(differ):
        return None
    apart = _drawn_share(differ, weights, [seed, 0])
    alike = np.random.default_rng([seed, 1]).uniform(1 / (n_classes - 1), 1, DRAWS)
    # They agree where both are right, or both wrong alike: (1 - e)^2 + e^2 c = 1 - apart.
    signal = np.sqrt(np.maximum(1 - (1 + alike) * apart, LEAST_SIGNAL**2))
    wrong = (1 - signal) / (1 + alike)
    method = TWO_PEOPLE.of(records=len(differ))
    return People(
        len(differ),
        rate_of_part(differ, weights, "records"),
        Estimate(*_spread(wrong), "share", method),
        weights,
        wrong,
        alike,
        seed,
    )


def _drawn_share(of: Values, weights: Values, seed: list[int]) -> Values:
    """Jeffreys' posterior of the share (DRAWS,), at the effective sample size (Kish 1965). NaN does not count."""
    known = ~np.isnan(of)
    weights, of = weights[known], of[known]
    size = float(weights.sum() ** 2 / (weights**2).sum()) if known.any() else 0.0
    share = float(weights @ of / weights.sum()) if known.any() else 0.0
    return np.random.default_rng(seed).beta(size * share + 0.5, size * (1 - share) + 0.5, DRAWS)


def _around(seen: Estimate, seed: int) -> Values:
    """Draws (DRAWS,) of what was seen: normal to either side."""
    assert seen.low is not None and seen.high is not None  # noqa: S101 - a sheet's rates have both
    steps = np.random.default_rng([seed, 3]).standard_normal(DRAWS)
    return seen.value + steps * np.where(steps > 0, seen.high - seen.value, seen.value - seen.low) / Z_90


def _put_right(seen: Estimate, true: Values) -> Estimate:
    """Where people err more often than they found anything wrong, nothing is left over, which is no certainty: the
    interval moves to the edge of what can be, and keeps its width.
    """
    least = -1.0 if seen.unit == "points" else 0.0
    value, low, high = _spread(true)
    edge = min(max(value, least), 1.0)
    low, high = (min(max(bound + edge - value, least), 1.0) for bound in (low, high))
    return replace(seen, value=edge, low=low, high=high, method=LESS_ERRORS.of(method=seen.method))


def _complement(share: Estimate) -> Estimate:
    assert share.low is not None and share.high is not None  # noqa: S101 - a sheet's rates have both
    return replace(share, value=1 - share.value, low=1 - share.high, high=1 - share.low)


def _spread(draws: Values) -> tuple[float, float, float]:
    low, value, high = np.quantile(draws, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return float(value), float(low), float(high)
