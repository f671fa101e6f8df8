"""The retrieval baseline: nearest labelled neighbours stand in for prompting with retrieved examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.keys import Lots

RETRIEVAL: Key[Retrieval] = Key("retrieval")
ASKED_IN_ORDER: Key[NDArray[np.int64]] = Key("rows asked in order of time")
RETRIEVAL_IN_ORDER: Key[NDArray[np.int32]] = Key("retrieval in order of time")

MAX_QUERIES = 2000
SPACE_QUERIES = 400
N_EXAMPLES = 20
VOTERS = (1, 3, 5, 10, 20)
BLOCK = 64
# Rows searched at a time: their products with all queries take 16 MB.
SEARCHED = 2048
# Against plain similarity it adds 1 to 4 points of accuracy on NVD, BANKING77 and IMR, from 500 rows up.
SHARPNESS = 4

# Some of the parts that the columns fall into: the similarity is the sum of their inner products.
Space: TypeAlias = tuple[int, ...]
WHOLE: tuple[tuple[slice, ...], tuple[Space, ...]] = ((slice(None),), ((0,),))


@dataclass(frozen=True)
class Retrieval:
    """For ``queries`` (q,), row indices: the neighbours' ``vote`` (q,) and whether the given label is among
    the ``N_EXAMPLES`` retrieved, ``found`` (q,). ``k`` neighbours vote, weighted by similarity to the fourth power;
    it is the inner product of the ``columns`` of the features.
    """

    queries: NDArray[np.int64]
    vote: NDArray[np.int32]
    found: NDArray[np.bool_]
    k: int
    columns: slice


def retrieve(
    phi: Features, plain: slice, codes: Codes, n_classes: int, folds: NDArray[np.int8], lots: Lots
) -> Retrieval:
    """Exact search by inner product of features, for at most 2,000 random rows, each among the rows of other folds:
    the proxy that it is compared with has seen as many.

    The first 400 queries choose between all features, those without the mean of word vectors, ``plain``, and that mean
    alone; every second query chooses ``k``; all are then scored with both.
    """
    drawn = lots.order("retrieval")[:MAX_QUERIES]
    parts: tuple[slice, ...] = (slice(0, 1), slice(1, plain.start), plain)
    spaces: tuple[Space, ...] = ((0, 1, 2), (1,), (2,)) if plain.stop > plain.start else ((0, 1),)
    few, more = drawn[:SPACE_QUERIES], drawn[SPACE_QUERIES:]
    tried = _answers(phi, parts, spaces, codes, n_classes, folds, few)
    chosen = int(np.argmax([_best(each.votes, codes[few])[1] for each in tried]))
    used = slice(parts[spaces[chosen][0]].start, parts[spaces[chosen][-1]].stop)
    (others,) = _answers(phi, (used,), ((0,),), codes, n_classes, folds, more)
    in_order = np.argsort(drawn, kind="stable")
    votes = {k: np.concatenate([vote, others.votes[k]])[in_order] for k, vote in tried[chosen].votes.items()}
    found = np.concatenate([tried[chosen].found, others.found])[in_order]
    queries = drawn[in_order]
    k, _ = _best({k: vote[::2] for k, vote in votes.items()}, codes[queries[::2]])
    return Retrieval(queries, votes[k], found, k, used)


class _Answers(NamedTuple):
    """To some queries (q,): the vote by number of voters, and whether the given label is among the retrieved."""

    votes: dict[int, NDArray[np.int32]]
    found: NDArray[np.bool_]


def _answers(
    phi: Features,
    parts: Sequence[slice],
    spaces: Sequence[Space],
    codes: Codes,
    n_classes: int,
    folds: NDArray[np.int8],
    queries: NDArray[np.int64],
) -> list[_Answers]:
    """Of each of the ``spaces``."""
    k = min(N_EXAMPLES, len(codes) - 1)
    found = _search(phi, parts, spaces, queries, k, len(codes), lambda rows: folds[queries, None] == folds[rows])
    answers = []
    for nearest, similarity in found:
        labels = codes[nearest]
        votes = {few: _vote(labels[:, :few], similarity[:, :few], n_classes) for few in VOTERS if few <= k}
        answers.append(_Answers(votes, (labels == codes[queries, None]).any(axis=1)))
    return answers


def _best(votes: dict[int, NDArray[np.int32]], truth: Codes) -> tuple[int, float]:
    """The number of voters that is right most often, and how often."""
    return max(((k, float((vote == truth).mean())) for k, vote in votes.items()), key=lambda each: each[1])


def queries_in_order(periods: NDArray[np.int32], days: NDArray[np.int64], lots: Lots) -> NDArray[np.int64]:
    """Some 2,000 random rows, equally many of every period but the first, with at least 20 rows of earlier days.

    Rows are in order of time: ``days`` (n,) never falls among the dated rows, whose ``periods`` (n,) are 0 or more.
    """
    order = lots.order("retrieval in order")
    of_period = [order[periods[order] == period] for period in range(1, int(periods.max()) + 1)]
    drawn = [rows[: -(-MAX_QUERIES // len(of_period))] for rows in of_period]
    queries = np.sort(np.concatenate(drawn))
    return queries[_earlier(periods, days, queries) >= N_EXAMPLES]


def retrieve_in_order(
    phi: Features,
    codes: Codes,
    n_classes: int,
    periods: NDArray[np.int32],
    days: NDArray[np.int64],
    k: int,
    queries: NDArray[np.int64],
) -> NDArray[np.int32]:
    """The vote (q,) of the neighbours of each of `queries_in_order` among the rows of earlier days."""
    before = _earlier(periods, days, queries)
    most = int(before.max(initial=1))
    ((nearest, similarity),) = _search(
        phi, *WHOLE, queries, k, most, lambda rows: np.arange(rows.start, rows.stop) >= before[:, None]
    )
    return _vote(codes[nearest], similarity, n_classes)


def _earlier(periods: NDArray[np.int32], days: NDArray[np.int64], queries: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many dated rows are of an earlier day than each query."""
    return np.searchsorted(days[: int((periods >= 0).sum())], days[queries])


def _largest(values: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Columns (q, k) of the largest ``values`` (q, n) of each row, falling.

    They stand in the k blocks of columns with the largest maxima, so that only those are sorted.
    """
    n = values.shape[1]
    starts = np.arange(0, n, BLOCK)
    peaks = np.maximum.reduceat(values, starts, axis=1)
    kept = np.argsort(-peaks, axis=1, kind="stable")[:, :k]
    columns = (starts[kept][:, :, None] + np.arange(BLOCK)).reshape(len(values), -1)
    inside = columns < n
    candidates = np.where(inside, np.take_along_axis(values, np.where(inside, columns, 0), axis=1), -np.inf)
    order = np.argsort(-candidates, axis=1, kind="stable")[:, :k]
    return np.asarray(np.take_along_axis(columns, order, axis=1))


def _vote(labels: NDArray[np.int32], similarity: NDArray[np.float32], n_classes: int) -> NDArray[np.int32]:
    weight = np.zeros((len(labels), n_classes), np.float32)
    rows = np.repeat(np.arange(len(labels)), labels.shape[1])
    np.add.at(weight, (rows, labels.ravel()), (np.maximum(similarity, 1e-6) ** SHARPNESS).ravel())
    return np.asarray(weight.argmax(axis=1), dtype=np.int32)


def nearest(
    phi: Features, queries: NDArray[np.int64], k: int, kin: NDArray[np.int64], apart: NDArray[np.bool_]
) -> list[NDArray[np.int64]]:
    """Of each query the ``k`` nearest rows, nearest first; fewer where there are no more.

    None is of the query's own ``kin`` (n,), and none is set ``apart`` (n,).
    """
    ((found, similarity),) = _search(
        phi, *WHOLE, queries, min(k, len(phi)), len(phi), lambda rows: (kin[queries, None] == kin[rows]) | apart[rows]
    )
    return [rows[np.isfinite(closeness)] for rows, closeness in zip(found, similarity, strict=True)]


def votes_among(
    phi: Features, codes: Codes, known: NDArray[np.int64], queries: NDArray[np.int64], n_classes: int
) -> dict[int, NDArray[np.int32]]:
    """By number of voters, the vote (q,) of the nearest of the ``known`` rows on each query."""
    both = np.concatenate([known, queries])
    most = min(max(VOTERS), len(known))
    asked = np.arange(len(known), len(both))
    ((nearest, similarity),) = _search(
        phi[both], *WHOLE, asked, most, len(known), lambda rows: np.zeros((len(asked), rows.stop - rows.start), bool)
    )
    labels = codes[known][nearest]
    return {k: _vote(labels[:, :k], similarity[:, :k], n_classes) for k in VOTERS}


def _search(
    phi: Features,
    parts: Sequence[slice],
    spaces: Sequence[Space],
    queries: NDArray[np.int64],
    k: int,
    m: int,
    hidden: Callable[[slice], NDArray[np.bool_]],
) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Of each of the ``spaces`` over ``parts`` of the columns, the ``k`` of the first ``m`` rows closest to each query,
    (q, k), closest first, and their inner products.

    ``hidden`` says of a slice of the rows which each query must not find, (q, slice). Rows are read once.
    """
    asked = phi[queries]
    none = np.full((len(queries), k), -np.inf, np.float32)
    best = [(np.zeros(none.shape, np.int64), none.copy()) for _ in spaces]
    for start in range(0, m, SEARCHED):
        rows = slice(start, min(start + SEARCHED, m))
        block, unseen = phi[rows], hidden(rows)
        able = np.flatnonzero(~unseen.all(axis=1))
        if not len(able):
            continue
        products = [asked[able, part] @ block[:, part].T for part in parts]
        for (nearest, similarity), space in zip(best, spaces, strict=True):
            closeness = reduce(add, (products[part] for part in space))
            closeness = np.where(unseen[able], np.float32(-np.inf), closeness)
            if start == 0:
                nearest[able] = _largest(closeness, k)
                similarity[able] = np.take_along_axis(closeness, nearest[able], axis=1)
            else:
                nearest[able], similarity[able] = _merged(nearest[able], similarity[able], closeness, start)
    return best


def _merged(
    nearest: NDArray[np.int64], similarity: NDArray[np.float32], closeness: NDArray[np.float32], start: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best (q, k) so far, with the better ones of the rows from ``start`` on, by their ``closeness`` (q, m)."""
    n, k = nearest.shape
    query, row = np.nonzero(closeness > similarity[:, -1:])
    of_query = np.concatenate([np.repeat(np.arange(n), k), query])
    rows = np.concatenate([nearest.ravel(), row + start])
    close = np.concatenate([similarity.ravel(), closeness[query, row]])
    order = np.lexsort((rows, -close, of_query))
    first = np.searchsorted(of_query[order], np.arange(n))
    kept = order[first[:, None] + np.arange(k)]
    return rows[kept], close[kept]
