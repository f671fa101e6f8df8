"""How far annotators agree who labelled the same record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.results import Key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AGREEMENT: Key[Agreement] = Key("agreement")


@dataclass(frozen=True)
class Votes:
    """Sums over ``items``, records with labels of two ``annotators`` or more: their labels ``by_class`` (K,), how many
    ordered ``pairs`` these make and how many of them are ``equal``, and the ``unequal`` pairs, those of an item divided
    by its labels less one. ``beside`` are labels that are not the commonest of their item, on ``disputed`` items.
    """

    items: int
    annotators: int
    by_class: NDArray[np.int64]
    pairs: int
    equal: int
    unequal: float
    beside: int
    disputed: int


@dataclass(frozen=True)
class Agreement:
    """``percentage`` is the share of pairs of labels of one record that are equal.

    At least ``wrong`` of the ``labels`` on ``items`` records are wrong: those beside each record's commonest label.
    """

    items: int
    annotators: int
    labels: int
    percentage: float
    alpha: float
    wrong: int
    disputed: int


def agreement(votes: Votes) -> Agreement:
    """Agreement on the records that two annotators or more labelled."""
    return Agreement(
        items=votes.items,
        annotators=votes.annotators,
        labels=int(votes.by_class.sum()),
        percentage=votes.equal / votes.pairs,
        alpha=krippendorff_alpha(votes.unequal, votes.by_class),
        wrong=votes.beside,
        disputed=votes.disputed,
    )


def krippendorff_alpha(unequal: float, by_class: NDArray[np.int64]) -> float:
    """Krippendorff's alpha for nominal data (Krippendorff 2004, ch. 11), see `Votes`.

    It is 1 where all labels are of one class.
    """
    total = float(by_class.sum())
    expected = (total**2 - float((by_class.astype(float) ** 2).sum())) / (total - 1) if total else 0.0
    return 1 - unequal / expected if expected else 1.0
