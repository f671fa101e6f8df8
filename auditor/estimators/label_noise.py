"""How many labels are wrong, from anchors: rows whose class is beyond doubt (Liu and Tao 2016; Patrini et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANCHOR_NOISE: Key[AnchorNoise] = Key("noise among anchors")

# One-sided, at 5 %: the labels of anchors that disagree lean towards the model's next guesses.
Z_LEANS = 1.645
# One-sided, at 16 %: more labels disagree where the model is less sure. The largest that holds on the tuning sources of
# benchmarks/label_bound.py in nine of ten.
Z_FADES = 1.0


@dataclass(frozen=True)
class Anchors:
    """The clearest of all ``rows``: of so many ``anchors`` those ``differing`` carry another class than the likeliest,
    one that has texts of its own.
    By likelihood that is a later guess of the model, from 1 on: the sum of these, ``guesses``, and how many are in the
    later half of all classes. ``clear`` and ``less_clear`` count rows, and those that differ, of the surest tenth and
    of the three tenths after it, of 200 rows and up to 600 where those are more; ``doubt`` is the share of the clear
    ones that the model itself takes for another class. ``flow`` (K, K) counts rows by given and by predicted class
    among anchors of every predicted class.
    """

    rows: int
    anchors: int
    differing: int
    guesses: int
    late_guesses: int
    clear: tuple[int, int]
    less_clear: tuple[int, int]
    doubt: float
    flow: NDArray[np.float64]


@dataclass(frozen=True)
class AnchorNoise:
    """``wrong`` of ``anchors`` rows carry another label than the one beyond doubt.

    ``flow`` (K, K) counts, scaled up to all rows, those given the row's class where the column's is right; it is
    read from anchors of every predicted class. The rate is a lower bound on label noise: unclear rows attract at
    least as many mistakes as clear ones.
    """

    anchors: int
    wrong: int
    flow: NDArray[np.float64]

    @property
    def rate(self) -> float:
        return self.wrong / self.anchors

    @property
    def error(self) -> float:
        """The standard error of the rate, never under that of one wrong label."""
        return float(np.sqrt(max(self.rate * (1 - self.rate), 1 / self.anchors) / self.anchors))


def anchor_noise(found: Anchors) -> AnchorNoise:
    """Disagreement among the anchors, less what is left of overlap among them, see `_at_random`."""
    wrong = _at_random(found)
    flow = found.flow * (found.rows * wrong / found.anchors / max(found.flow.sum(), 1))
    return AnchorNoise(found.anchors, wrong, flow)


def no_noise(found: Anchors) -> AnchorNoise:
    """Of anchors that tell of no mistake."""
    return AnchorNoise(found.anchors, 0, np.zeros_like(found.flow))


def _at_random(found: Anchors) -> int:
    """Of the anchors whose class is not the likeliest, how many are mistakes.

    A mistake at random carries any other class, whatever the text; where the text decides little, the label is one of
    the model's next guesses. If the labels lean towards those, only the later half of the guesses counts, carried over
    to all of them. Mistakes that go from each class to one other lean so too, as the model has learnt where they go:
    all count where the model itself doubts less than half of what disagrees, and as many agree among rows of which it
    is less sure.
    """
    m, n_classes = found.differing, len(found.flow)
    later = (n_classes - 1 - n_classes // 2) / (n_classes - 1)
    if not m or not later:
        return m
    place = (found.guesses / m - 0.5) / (n_classes - 1)
    if place >= 0.5 - Z_LEANS / np.sqrt(12 * m):
        return m
    doubted = 2 * found.doubt * found.clear[0] >= found.clear[1]
    if not doubted and not _fades(found.clear, found.less_clear):
        return m
    return min(m, round(found.late_guesses / later))


def _fades(clear: tuple[int, int], less_clear: tuple[int, int]) -> bool:
    """Whether fewer of the ``clear`` rows differ than of the ``less_clear`` ones; so too where these are too few to
    tell.
    """
    (rows, differ), (others, differ_there) = clear, less_clear
    if others < 3 * rows:
        return True
    pooled = (differ + differ_there) / (rows + others)
    error = np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / others))
    return bool(differ_there / others - differ / rows > Z_FADES * error)
