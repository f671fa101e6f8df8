"""Keys of records, and draws that follow from them: in whatever order the rows come, the same ones are drawn.

A key is blake2b of parsed values, a draw is splitmix64 (Steele, Lea and Flood 2014) of key, seed and purpose. Neither
is a library's own hash, which another version may change.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]

# Rows whose values are spelled out at one time.
AT_ONCE = 65_536
_ADDED = np.uint64(0x9E3779B97F4A7C15)
_TIMES = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


@dataclass(frozen=True)
class Lots:
    """Draws for rows with ``keys`` (n,) under a ``seed``, others for every ``purpose``. Equal keys draw alike."""

    keys: Keys
    seed: int

    def __getitem__(self, rows: NDArray[np.int64]) -> Lots:
        return Lots(self.keys[rows], self.seed)

    def drawn(self, purpose: str) -> Keys:
        """A number (n,) from 0 to 2⁶⁴ for each row."""
        return _mixed(self.keys ^ np.uint64(digest(f"{self.seed}:{purpose}")))

    def uniform(self, purpose: str) -> NDArray[np.float64]:
        """A number (n,) from 0 to 1 for each row."""
        return np.asarray((self.drawn(purpose) >> np.uint64(11)) * 2.0**-53)

    def order(self, purpose: str) -> NDArray[np.int64]:
        """The rows (n,) in random order, equal keys in theirs: the first k are a random sample of k."""
        return np.argsort(self.drawn(purpose), kind="stable")


def digest(text: str) -> int:
    """The first 64 bits of blake2b."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def digests(texts: Iterable[str]) -> Keys:
    """`digest` of each text, (n,)."""
    return np.fromiter(map(digest, texts), np.uint64)


def text_keys(texts: pl.Series, spelled: Callable[[pl.Series], pl.Series]) -> Keys:
    """`digest` (n,) of each of the ``texts`` as ``spelled``."""
    parts = texts.to_frame().iter_slices(AT_ONCE)
    return np.concatenate([np.empty(0, np.uint64), *(digests(spelled(part.to_series())) for part in parts)])


def row_keys(frame: pl.DataFrame) -> Keys:
    """A key (n,) for each row of ``frame``: rows have the same where all their values are the same.

    The order of the columns has no part in it. They hold text, times or floating-point numbers.
    """
    return keys_of_parts(frame.iter_slices(AT_ONCE))


def keys_of_parts(parts: Iterable[pl.DataFrame]) -> Keys:
    """`row_keys` of the ``parts`` of a frame, in their order."""
    spelled = (part.select(pl.concat_str(_spelled(part, sorted(part.columns)))).to_series() for part in parts)
    return np.concatenate([np.empty(0, np.uint64), *map(digests, spelled)])


def _spelled(frame: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
    """Each column as text that says where it ends."""
    texts = [_text(frame[name]) for name in names]
    return [
        pl.select(pl.when(each.is_null()).then(pl.lit("-")).otherwise(pl.format("{}:{}", each.str.len_bytes(), each)))
        .to_series()
        .alias(name)
        for name, each in zip(names, texts, strict=True)
    ]


def _text(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        return values
    if values.dtype.is_float():
        # Zero has two signs; how a number is spelled changes with versions, its bits do not.
        bits = pl.Series((values.to_numpy().astype(np.float64) + 0.0).view(np.int64)).cast(pl.String)
        return pl.select(pl.when(values.is_not_null()).then(bits)).to_series()
    return values.dt.epoch("us").cast(pl.String)


def _mixed(keys: Keys) -> Keys:
    first, second, third = _SHIFTS
    mixed = keys + _ADDED
    mixed = (mixed ^ (mixed >> first)) * _TIMES[0]
    mixed = (mixed ^ (mixed >> second)) * _TIMES[1]
    return np.asarray(mixed ^ (mixed >> third))
