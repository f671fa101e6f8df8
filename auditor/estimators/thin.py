"""Texts of a word or two, and what a model makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from auditor.interval import Z_90, error_of_mean
from auditor.results import Key

THIN_TEXTS: Key[ThinTexts] = Key("thin texts")


@dataclass(frozen=True)
class ThinTexts:
    """How many ``rows`` say so little, how right a model is on them and on the ``others``, and the standard error of
    what it is behind.
    """

    rows: int
    right: float
    others: float
    error: float

    @property
    def surely_behind(self) -> float:
        """What the model is behind at the least, one-sided at 5 %."""
        return self.others - self.right - Z_90 * self.error


def thin_texts(rows: int, right: int, others: int, others_right: int) -> ThinTexts:
    """From how many thin ``rows`` a model gets ``right``, and how many of the ``others``."""
    if not rows or not others:
        level = (right + others_right) / (rows + others)
        return ThinTexts(rows, level, level, 0.0)
    here, there = right / rows, others_right / others
    error = hypot(error_of_mean(here * (1 - here), rows), error_of_mean(there * (1 - there), others))
    return ThinTexts(rows, here, there, error)
