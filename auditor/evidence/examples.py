"""Masked records for a report, where somebody asked for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.shown import shared
from auditor.model import Example
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes
    from auditor.evidence.quality import LabelQuality

EXAMPLES: Key[tuple[Example, ...]] = Key("examples")

CHARACTERS = 400
MASK = "▒▒▒"
_LOWER = r"\b[a-z]+\b"
# Of signs beyond ASCII only those of print are none: letters come in circles and squares too.
_WORD = re.compile(r"(?:\w|[^\x00-\x7f\s‐-―‘-‟…·•©®°«»¿¡])+")


def examples(
    rows: pl.DataFrame,
    classes: Classes,
    quality: LabelQuality,
    groups: NDArray[np.int64],
    sharers: NDArray[np.int64],
    wanted: int,
) -> tuple[Example, ...]:
    """The ``wanted`` records whose labels are most doubtful, one of each group (n,) that hangs together, masked but for
    words that enough ``sharers`` (g, n) hold.
    """
    if not wanted:
        return ()
    ranked = np.argsort(quality.quality, kind="stable")
    _, first = np.unique(groups[ranked], return_index=True)
    chosen = ranked[np.sort(first)][:wanted]
    words = shared_words(rows["text"], sharers)
    names = classes.shown
    texts, ids = rows["text"], rows["row_id"]
    return tuple(
        Example(
            row_id=int(ids[row]),
            label=names[classes.codes[row]],
            suggested_label=names[quality.suggested[row]],
            text=masked(texts[row], words),
        )
        for row in map(int, chosen)
    )


def shared_words(texts: pl.Series, groups: NDArray[np.int64]) -> frozenset[str]:
    """Words that stand in lower case in texts (n,) of enough different ``groups`` ((n,), or (g, n): of each).

    Names and codes hardly ever do.
    """
    holders = (
        pl.LazyFrame({"text": texts})
        .with_row_index("row")
        .select("row", word=pl.col("text").str.extract_all(_LOWER))
        .explode("word")
        .drop_nulls()
        .group_by("word")
        .agg(pl.col("row").unique())
        .collect()
    )
    return frozenset(word for word, rows in holders.iter_rows() if shared(groups, np.array(rows)))


def masked(text: str, words: frozenset[str]) -> str:
    """The text's first ``CHARACTERS``, where only ``words`` are legible; figures never are."""
    shown = text[:CHARACTERS]
    hidden = _WORD.sub(lambda word: word[0] if word[0].lower() in words else MASK, shown)
    return hidden + ("…" if len(text) > CHARACTERS else "")
