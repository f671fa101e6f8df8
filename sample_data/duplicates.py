"""Rows whose notes repeat another row's: bursts of look-alike claims, and claims that were filed twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sample_data.text import Bools, Ints, Templates

NEAR_SHARE = 0.04
CONFLICT_SHARE = 0.012
_NEAR_FEWEST, _NEAR_MOST = 5, 60


@dataclass(frozen=True)
class Copies:
    """``source``: the row whose note a row repeats, mostly itself. ``group`` is -1 where there is none."""

    source: Ints
    group: Ints

    @property
    def member(self) -> Bools:
        return np.asarray(self.group >= 0, dtype=np.bool_)


def _runs(rng: np.random.Generator, ids: Ints, eligible: Bools, sizes: Sequence[int], wanted: int) -> Copies:
    """Runs of consecutive rows of one label, drawn until they hold the rows wanted: copies come in bursts."""
    fewest = min(sizes)
    runs: list[Ints] = []
    turn = 0
    for label in np.unique(ids):
        rows = np.flatnonzero((ids == label) & eligible)
        start = 0
        while start + fewest <= len(rows):
            size = sizes[turn % len(sizes)]
            turn += 1
            if start + size <= len(rows):
                runs.append(rows[start : start + size])
            start += size
    source, group = np.arange(len(ids)), np.full(len(ids), -1, dtype=np.int64)
    held = number = 0
    for pick in rng.permutation(len(runs)).tolist():
        run = runs[pick][: max(wanted - held, 0)]
        if len(run) < fewest:
            break
        source[run], group[run] = run[0], number
        held, number = held + len(run), number + 1
    return Copies(source, group)


def near_duplicates(rng: np.random.Generator, ids: Ints, eligible: Bools) -> Copies:
    wanted = round(NEAR_SHARE * len(ids))
    # At a small export one group of 60 would be most of the duplicates there are.
    largest = min(_NEAR_MOST, max(8, wanted // 4))
    sizes = np.exp(rng.uniform(np.log(_NEAR_FEWEST), np.log(largest + 1), size=4096)).astype(np.int64)
    return _runs(rng, ids, eligible, sizes.clip(_NEAR_FEWEST, largest).tolist(), wanted)


def conflicting_duplicates(rng: np.random.Generator, ids: Ints, eligible: Bools) -> Copies:
    sizes = rng.choice([2, 3], size=4096, p=[0.8, 0.2]).tolist()
    return _runs(rng, ids, eligible, sizes, round(CONFLICT_SHARE * len(ids)))


def with_figures(drafts: Templates, copies: Copies) -> list[str]:
    """Drafts in which every group of near-duplicates quotes figures, so that its notes differ."""
    texts = list(drafts.texts)
    for row in np.unique(copies.source[copies.member]).tolist():
        if "{amt}" not in texts[row]:
            texts[row] += " {n} units at {amt} dos {d}"
    return texts
