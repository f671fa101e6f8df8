"""Which texts hold a word or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

# House rules (2026). Scripts without spaces write a sentence as one word: there the characters count.
FEWEST_WORDS, FEWEST_CHARACTERS = 3, 20


def thin(texts: pl.Series) -> NDArray[np.bool_]:
    """Which of the ``texts`` (n,) say so little."""
    words = texts.str.count_matches(r"\w+")
    return ((words < FEWEST_WORDS) & (texts.str.len_chars() < FEWEST_CHARACTERS)).to_numpy()
