"""What is kept of every text once it was read, so that no later step needs all texts again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from auditor.inputs.disguise import decoded_wrongly
from auditor.inputs.nothing import may_be_nothing
from auditor.keys import AT_ONCE, digests, text_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.keys import Keys

# What later steps read of a text, and what the notices of reading do.
KEPT = ("has_word", "letters", "words", "text_key")
NOTED = ("signs", "garbled", "may_be_nothing")
TOLD = (*KEPT, *NOTED)
# Two letters count as a word, as where words are cut, where there is a space in fewer than one of eight of three bytes.
_LETTERS = pl.col("text").str.len_chars()
_SPACED = pl.col("text").str.strip_chars(" ").str.count_matches(" ", literal=True) + 1
_UNSPACED = (pl.col("text").str.len_bytes() > 2 * _LETTERS) & (8 * _SPACED < _LETTERS)
_WORDS = pl.when(_UNSPACED).then(_LETTERS / 2).otherwise(_SPACED)


def told(texts: pl.Series) -> pl.DataFrame:
    """Of each of the ``texts`` (n,), none of them null: whether it ``has_word``, is ``signs`` alone or was decoded
    wrongly (``garbled``); the word that ``may_be_nothing``; its ``letters`` in bytes, its ``words`` and its
    ``text_key``, which equal texts share.
    """
    return pl.concat(map(_told, _parts(texts))) if len(texts) else _told(texts)


def draw_keys(texts: pl.Series) -> Keys:
    """A key (n,) of each text by which it is drawn: the same for texts that differ in nothing but case and signs."""
    return text_keys(texts, _normal)


def _told(texts: pl.Series) -> pl.DataFrame:
    text = pl.col("text")
    return texts.alias("text").to_frame().select(
        has_word=text.str.contains(r"\w"),
        signs=text.str.contains(r"\S") & ~text.str.contains(r"\w"),
        garbled=decoded_wrongly(text),
        may_be_nothing=may_be_nothing(text),
        letters=text.str.len_bytes(),
        words=_WORDS.cast(pl.Float32),
        text_key=pl.Series(digests(texts)),
    )  # fmt: skip


def _parts(texts: pl.Series) -> Iterable[pl.Series]:
    return (part.to_series() for part in texts.to_frame().iter_slices(AT_ONCE))


def _normal(texts: pl.Series) -> pl.Series:
    return texts.str.to_lowercase().str.replace_all(r"\W+", " ").str.strip_chars()
