"""What if classes were merged: the same predictions, with the merged classes counted as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence import Evidence


@dataclass(frozen=True)
class Merged:
    """Figures after merging; ``recall`` and ``retrieval_recall`` by the names of the merged classes."""

    gain_over_retrieval: float
    gain_over_ceiling: float
    starved_volume_share: float
    recall: dict[str, float]
    retrieval_recall: dict[str, float]


def after_merging(evidence: Evidence, pairs: Sequence[tuple[str, str]], starved: float) -> Merged:
    """A merged class gets the probabilities of its parts together, as probabilities add up over classes.

    A class with a recall under ``starved`` counts as one that a model misses. The stand-in was not trained anew, so
    that the figures are close to, not equal to, those of a new run.
    """
    names = evidence.classes.names
    place = {name: code for code, name in enumerate(names)}
    group = _groups(len(names), [(place[a], place[b]) for a, b in pairs])
    probabilities, queries = evidence.stand_in.out_of_fold.probabilities, evidence.retrieval.queries
    together = np.zeros((len(probabilities), group.max() + 1), np.float32)
    for code, target in enumerate(group):
        together[:, target] += probabilities[:, code]
    truth, said = group[evidence.codes], together.argmax(axis=1)
    vote = group[evidence.retrieval.vote]
    counts, hits = np.bincount(truth), np.bincount(truth[said == truth], minlength=len(together[0]))
    recall = hits / np.maximum(counts, 1)
    right, asked = vote == truth[queries], np.bincount(truth[queries], minlength=len(recall))
    retrieved = np.bincount(truth[queries][right], minlength=len(recall)) / np.maximum(asked, 1)
    trained = (said == truth)[queries].mean()
    merged = {name: int(group[place[name]]) for pair in pairs for name in pair}
    return Merged(
        float(trained - right.mean()),
        float(trained - (evidence.retrieval.found | right).mean()),
        float(counts[recall < starved].sum() / counts.sum()),
        {name: float(recall[code]) for name, code in merged.items()},
        {name: float(retrieved[code]) for name, code in merged.items() if asked[code]},
    )


def _groups(n: int, pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """A group (n,) for each class; those that ``pairs`` link, however far, share one."""
    left, right = np.array(pairs).T
    links = coo_array((np.ones(len(pairs)), (left, right)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
