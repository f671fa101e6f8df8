"""How many tokens a model makes of a text, by the script of its letters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auditor.prices import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    import polars as pl

METHOD = "characters over four, fewer per token in other scripts than Latin"
FOREIGN = r"[\p{L}\p{M}--\p{Latin}--\p{Inherited}]"
# Characters per token of OpenAI's o200k_base (tiktoken) on the translated messages of Django 5.2, by script the mean of
# its languages there; Thai 2.2 on requests (Schuster et al. 2019). Older tokenisers make up to five times as many:
# docs/adr/0021.
PER_TOKEN = {
    r"\p{Cyrillic}": 2.9,
    r"\p{Arabic}": 3.0,
    r"\p{Greek}": 2.8,
    r"\p{Hebrew}": 2.6,
    r"[\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Gujarati}\p{Gurmukhi}]": 2.7,
    r"[\p{Armenian}\p{Georgian}]": 2.9,
    r"\p{Thai}": 2.5,
    r"[\p{Khmer}\p{Lao}\p{Myanmar}]": 1.8,
    r"\p{Hangul}": 1.9,
    r"[\p{Hiragana}\p{Katakana}]": 1.7,
    r"\p{Han}": 1.4,
}


def mean_tokens(texts: pl.Series) -> float:
    """Tokens of a text, on the mean over ``texts`` (n,)."""
    mean = float(texts.str.len_chars().sum()) / max(len(texts), 1) / CHARACTERS_PER_TOKEN
    foreign = texts.filter(texts.str.contains(FOREIGN))
    for script, per_token in PER_TOKEN.items() if len(foreign) else ():
        letters = float(foreign.str.count_matches(script).sum()) / len(texts)
        mean += letters * (1 / per_token - 1 / CHARACTERS_PER_TOKEN)
    return mean


def tokens_in(text: str) -> int:
    """Tokens of a text, near enough to count what an endpoint does not state."""
    import polars as pl

    return math.ceil(mean_tokens(pl.Series([text])))
