"""Texts of a word or two, and what a model makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from auditor.interval import Z_90
from auditor.results import Key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THIN_TEXTS: Key[ThinTexts] = Key("thin texts")

# House rules (2026). Scripts without spaces write a sentence as one word: there the characters count.
FEWEST_WORDS, FEWEST_CHARACTERS = 3, 20


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


def thin_texts(texts: pl.Series, right: NDArray[np.bool_]) -> ThinTexts:
    """Of ``texts`` (n,), and whether the model is ``right`` out of fold (n,)."""
    words = texts.str.count_matches(r"\w+")
    thin = ((words < FEWEST_WORDS) & (texts.str.len_chars() < FEWEST_CHARACTERS)).to_numpy()
    rows, rest = int(thin.sum()), int((~thin).sum())
    if not rows or not rest:
        return ThinTexts(rows, float(right.mean()), float(right.mean()), 0.0)
    here, there = float(right[thin].mean()), float(right[~thin].mean())
    error = (here * (1 - here) / rows + there * (1 - there) / rest) ** 0.5
    return ThinTexts(rows, here, there, float(error))
