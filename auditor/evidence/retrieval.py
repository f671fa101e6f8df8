"""The retrieval baseline: nearest labelled neighbours stand in for prompting with retrieved examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from auditor.evidence.grid import columns
from auditor.evidence.moments import CHUNK
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Callable

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
QUERY_CHUNK = 400
BLOCK = 64
# Against plain similarity it adds 1 to 4 points of accuracy on NVD, BANKING77 and IMR, from 500 rows up.
SHARPNESS = 4


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
    spaces = [slice(None)] + [slice(1, plain.start), plain] * (plain.stop > plain.start)
    few, more = drawn[:SPACE_QUERIES], drawn[SPACE_QUERIES:]
    tried = [_answers(columns(phi, space), codes, n_classes, folds, few) for space in spaces]
    chosen = int(np.argmax([_best(each.votes, codes[few])[1] for each in tried]))
    others = _answers(columns(phi, spaces[chosen]), codes, n_classes, folds, more)
    in_order = np.argsort(drawn, kind="stable")
    votes = {k: np.concatenate([vote, others.votes[k]])[in_order] for k, vote in tried[chosen].votes.items()}
    found = np.concatenate([tried[chosen].found, others.found])[in_order]
    queries = drawn[in_order]
    k, _ = _best({k: vote[::2] for k, vote in votes.items()}, codes[queries[::2]])
    return Retrieval(queries, votes[k], found, k, spaces[chosen])


class _Answers(NamedTuple):
    """To some queries (q,): the vote by number of voters, and whether the given label is among the retrieved."""

    votes: dict[int, NDArray[np.int32]]
    found: NDArray[np.bool_]


def _answers(
    phi: Features, codes: Codes, n_classes: int, folds: NDArray[np.int8], queries: NDArray[np.int64]
) -> _Answers:
    n_examples = min(N_EXAMPLES, len(codes) - 1)
    nearest, similarity = _search(phi, queries, n_examples, lambda part: folds[queries[part], None] == folds)
    labels = codes[nearest]
    votes = {k: _vote(labels[:, :k], similarity[:, :k], n_classes) for k in VOTERS if k <= n_examples}
    return _Answers(votes, (labels == codes[queries, None]).any(axis=1))


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
    nearest, similarity = _search(phi, queries, k, lambda part: np.arange(before[part].max()) >= before[part, None])
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
    found, similarity = _search(phi, queries, min(k, len(phi)), lambda part: (kin[queries[part], None] == kin) | apart)
    return [rows[np.isfinite(closeness)] for rows, closeness in zip(found, similarity, strict=True)]


def votes_among(
    phi: Features, codes: Codes, known: NDArray[np.int64], queries: NDArray[np.int64], n_classes: int
) -> dict[int, NDArray[np.int32]]:
    """By number of voters, the vote (q,) of the nearest of the ``known`` rows on each query."""
    both = np.concatenate([known, queries])
    most = min(max(VOTERS), len(known))
    nearest, similarity = _search(
        phi[both], np.arange(len(known), len(both)), most, lambda part: np.zeros((len(queries[part]), len(known)), bool)
    )
    labels = codes[known][nearest]
    return {k: _vote(labels[:, :k], similarity[:, :k], n_classes) for k in VOTERS}


def _search(
    phi: Features, queries: NDArray[np.int64], k: int, hidden: Callable[[slice], NDArray[np.bool_]]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ``k`` rows closest to each query, (q, k), closest first, and their inner products.

    ``hidden`` says of a slice of the queries which rows each must not find, (slice, m); none looks beyond m rows.
    """
    nearest, similarity = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), QUERY_CHUNK):
        part = slice(start, start + QUERY_CHUNK)
        unseen = hidden(part)
        closeness = _products(phi, queries[part], unseen.shape[1])
        closeness[unseen] = -np.inf
        nearest[part] = _largest(closeness, k)
        similarity[part] = np.take_along_axis(closeness, nearest[part], axis=1)
    return nearest, similarity


def _products(phi: Features, queries: NDArray[np.int64], m: int) -> NDArray[np.float32]:
    """Inner products (q, m) of the ``queries`` with the first ``m`` rows."""
    asked = phi[queries]
    products = np.empty((len(queries), m), np.float32)
    for start in range(0, m, CHUNK):
        part = slice(start, min(start + CHUNK, m))
        np.matmul(asked, phi[part].T, out=products[:, part])
    return products
