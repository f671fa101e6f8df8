"""The retrieval baseline: nearest labelled neighbours stand in for prompting with retrieved examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Features

MAX_QUERIES = 2000
N_EXAMPLES = 20
VOTERS = (1, 3, 5, 10, 20)
QUERY_CHUNK = 200


@dataclass(frozen=True)
class Retrieval:
    """For ``queries`` (q,), row indices: the neighbours' ``vote`` (q,) and whether the given label is among
    the ``N_EXAMPLES`` retrieved, ``found`` (q,). ``k`` neighbours vote, weighted by similarity.
    """

    queries: NDArray[np.int64]
    vote: NDArray[np.int32]
    found: NDArray[np.bool_]
    k: int


def retrieve(phi: Features, codes: Codes, n_classes: int, seed: int) -> Retrieval:
    """Exact search by inner product of the features, for at most 2,000 random rows among all others.

    The first half of the queries chooses ``k``; all are then scored with it.
    """
    n = len(codes)
    queries = np.sort(np.random.default_rng(seed).permutation(n)[:MAX_QUERIES])
    n_examples = min(N_EXAMPLES, n - 1)
    nearest = np.empty((len(queries), n_examples), np.int64)
    similarity = np.empty((len(queries), n_examples), np.float32)
    for start in range(0, len(queries), QUERY_CHUNK):
        part = queries[start : start + QUERY_CHUNK]
        closeness = phi[part] @ phi.T
        closeness[np.arange(len(part)), part] = -np.inf
        top = np.argpartition(-closeness, n_examples - 1, axis=1)[:, :n_examples]
        value = np.take_along_axis(closeness, top, axis=1)
        order = np.argsort(-value, axis=1, kind="stable")
        nearest[start : start + len(part)] = np.take_along_axis(top, order, axis=1)
        similarity[start : start + len(part)] = np.take_along_axis(value, order, axis=1)
    labels = codes[nearest]
    votes = {k: _vote(labels[:, :k], similarity[:, :k], n_classes) for k in VOTERS if k <= n_examples}
    tuning = np.arange(len(queries)) % 2 == 0
    k = max(votes, key=lambda k: float((votes[k] == codes[queries])[tuning].mean()))
    return Retrieval(queries, votes[k], (labels == codes[queries][:, None]).any(axis=1), k)


def _vote(labels: NDArray[np.int32], similarity: NDArray[np.float32], n_classes: int) -> NDArray[np.int32]:
    weight = np.zeros((len(labels), n_classes), np.float32)
    rows = np.repeat(np.arange(len(labels)), labels.shape[1])
    np.add.at(weight, (rows, labels.ravel()), np.maximum(similarity, 1e-6).ravel())
    return np.asarray(weight.argmax(axis=1), dtype=np.int32)
