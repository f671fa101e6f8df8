"""Rows that hang together: what is known of one is known of the others, in folds, retrieval, prompts and trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from auditor.estimators.together import Held
from auditor.evidence.proxy import N_FOLDS, left_out, random_folds
from auditor.keys import Lots
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes, Fit

KIN: Key[Kin] = Key("what hangs together")
# Draws by what keeps together: by record, or by group where a column of groups is given.
KEPT: Key[Lots] = Key("draws by what keeps together")

# Rows by which a column is tried, at most.
SAMPLE = 10_000
# Near duplicates are worth a word from this share of the records on (house rule, 2026).
NEAR_SHARE = 0.05


@dataclass(frozen=True)
class Kin:
    """Groups (n,) of rows that hang together by record id, by the column of groups and, unless ``near_apart``, by near
    duplicates.
    """

    groups: NDArray[np.int64]
    near_apart: bool = False

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows (n,) are of a group of the ``rows`` (m,); those are too."""
        return np.isin(self.groups, self.groups[rows])


def kin(near: NDArray[np.int64], ids: pl.Series, groups: pl.Series | None) -> Kin:
    """By near-duplicate texts ``near`` (n,), equal ``ids`` (n,) and equal ``groups`` (n,), as connected components.

    Templates that many groups share tie most groups to one another: where that makes one of more rows than a fold
    holds, and the groups alone do not, near duplicates in different groups stay apart.
    """
    named = entities(ids, groups)
    both = joined(near, named)
    if groups is None:
        return Kin(both)
    most = max(len(near) // N_FOLDS, int(np.bincount(named).max(initial=0)))
    near_apart = bool(np.bincount(both).max(initial=0) > most)
    return Kin(named if near_apart else both, near_apart)


def entities(ids: pl.Series, groups: pl.Series | None) -> NDArray[np.int64]:
    """Groups (n,) of rows with equal ``ids`` (n,) or equal ``groups`` (n,)."""
    by_id = coded(ids)
    return by_id if groups is None else joined(by_id, coded(groups))


def whose(rows: pl.DataFrame, batch: Batch) -> NDArray[np.int64]:
    """Codes (g, n) of the column of groups in ``rows`` (n), and of each column of patients and the like."""
    columns = (*(["group"] if batch.roles.group else []), *batch.entities)
    return np.array([coded(rows[name]) for name in columns], np.int64).reshape(-1, len(rows))


def coded(values: pl.Series) -> NDArray[np.int64]:
    """A code (n,) for each value; a blank one is like no other."""
    blank = values.is_null() | (values.str.strip_chars() == "").fill_null(value=True)
    codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    alone = codes.max(initial=0) + 1 + np.arange(len(codes))
    _, dense = np.unique(np.where(blank.to_numpy(), alone, codes), return_inverse=True)
    return np.asarray(dense, dtype=np.int64)


def joined(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Groups (n,) of rows that a chain of equal codes in ``first`` or in ``second`` (n,) connects."""
    shape = first.max(initial=0) + 1, second.max(initial=0) + 1
    ties = sp.csr_matrix((np.ones(len(first), np.int8), (first, second)), shape=shape)
    _, whole = connected_components(sp.bmat([[None, ties], [ties.T, None]]), directed=False)
    return np.asarray(whole[first], dtype=np.int64)


def kept(groups: NDArray[np.int64], items: Lots) -> Lots:
    """Draws that the rows of a group (n,) share, in whatever order they come: its key is the least of its rows'."""
    least = np.full(groups.max(initial=0) + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(least, groups, items.keys)
    return Lots(least[groups], items.seed)


def held_together(
    groups: NDArray[np.int64], phi: Features, codes: Codes, n_classes: int, fit: Fit, items: Lots
) -> Held:
    """Of whole groups (n,), in random order, that fill some 10,000 rows of ``phi`` (n, D)."""
    sizes = np.bincount(groups)
    several = sizes > 1
    whole = kept(groups, items)
    sample = _whole_groups(groups, whole)
    part, labels = phi[sample], codes[sample]
    _, of_group = np.unique(groups[sample], return_inverse=True)

    def right(lots: Lots) -> NDArray[np.int64]:
        scores = left_out(part, labels, n_classes, random_folds(lots[sample]), fit)
        return np.bincount(of_group[scores.argmax(axis=1) == labels], minlength=int(of_group.max()) + 1)

    return Held(int(several.sum()), int(sizes[several].sum()), np.bincount(of_group), right(items), right(whole))


def _whole_groups(groups: NDArray[np.int64], whole: Lots) -> NDArray[np.int64]:
    order = whole.order("groups")
    return np.sort(order if len(order) <= SAMPLE else order[np.isin(groups[order], groups[order[:SAMPLE]])])
