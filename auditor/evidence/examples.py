"""Masked records for a report, where somebody asked for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.shown import SHARED_BY
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
_WORD = re.compile(r"\w+")


def examples(
    rows: pl.DataFrame, classes: Classes, quality: LabelQuality, groups: NDArray[np.int64], wanted: int
) -> tuple[Example, ...]:
    """The ``wanted`` records whose labels are most doubtful, one of each group (n,) that hangs together, masked."""
    if not wanted:
        return ()
    ranked = np.argsort(quality.quality, kind="stable")
    _, first = np.unique(groups[ranked], return_index=True)
    chosen = ranked[np.sort(first)][:wanted]
    shared = shared_words(rows["text"], groups)
    names = classes.shown
    texts, ids = rows["text"], rows["row_id"]
    return tuple(
        Example(
            row_id=int(ids[row]),
            label=names[classes.codes[row]],
            suggested_label=names[quality.suggested[row]],
            text=masked(texts[row], shared),
        )
        for row in map(int, chosen)
    )


def shared_words(texts: pl.Series, groups: NDArray[np.int64]) -> frozenset[str]:
    """Words that stand in lower case in texts (n,) of at least ``SHARED_BY`` different ``groups`` (n,).

    Names and codes hardly ever do.
    """
    words = (
        pl.LazyFrame({"text": texts, "group": groups})
        .select("group", word=pl.col("text").str.extract_all(_LOWER))
        .explode("word")
        .unique()
        .group_by("word")
        .agg(groups=pl.len())
        .filter(pl.col("groups") >= SHARED_BY)
        .collect()
    )
    return frozenset(words["word"].drop_nulls().to_list())


def masked(text: str, shared: frozenset[str]) -> str:
    """The text's first ``CHARACTERS`` with every word masked that few records share; figures always are."""
    shown = text[:CHARACTERS]
    hidden = _WORD.sub(lambda word: word[0] if word[0].lower() in shared else MASK, shown)
    return hidden + ("…" if len(text) > CHARACTERS else "")
