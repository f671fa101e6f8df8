"""How often intervals that say 90 % held where the outcome was known: benchmarks/results/calibration.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reports.numbers import share


class Cover(NamedTuple):
    """Of a row of the table: its figure, what it is of, the cases measured and the share of them that held."""

    figure: str
    of: str
    cases: int
    held: float


COVERS: Mapping[str, Cover] = {
    "accuracy_given_labels": Cover("ordinary classifier", "all", 85, 0.94),
    "accuracy_doubling_data": Cover("twice the rows add", "20 sets and sizes", 20, 0.85),
    "retrieval_accuracy": Cover("neighbours' vote", "another retriever, all", 49, 0.92),
    "retrieval_ceiling": Cover("among 20 retrieved", "another retriever, all", 85, 0.92),
    "accuracy_in_6_months": Cover("six months", "natural", 46, 1.00),
}


def words(estimate: str) -> str:
    """``Such intervals held in 93 % of 85 cases.``; empty where that was not measured."""
    cover = COVERS.get(estimate)
    return f"Such intervals held in {share(cover.held)} of {cover.cases} cases." if cover else ""
