"""Why models of the past got less right than random folds promise: new classes, moved priors, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.forecast import recency
from auditor.model import DecaySplit
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.backtest import Scored

DECAY_SPLIT: Key[DecaySplit | None] = Key("parts of the decay")

# As for the events of a class: fewer rows say nothing.
NEW_UNDER = 20


def decay_split(
    scored: Scored, rows: NDArray[np.int64], hits: NDArray[np.int64], ahead: int, lacking: NDArray[np.float64]
) -> DecaySplit | None:
    """The mean over the training ends, weighted as in the forecast, of each one's decomposition (Kitagawa 1955).

    New classes: what the rows of the ``ahead`` periods after it cost whose class had fewer than 20 rows in training.
    Moved priors: what random folds lose when their recall per class meets the mix of these rows. The rest is recall
    lost within known classes: wording, definitions, chance. Of the ``rows`` (K,) of each class random folds get
    ``hits`` (K,) right; ``lacking`` (P,) is what each model of the past lacks because it saw fewer rows, which is in
    none of the parts.
    """
    recall = hits / np.maximum(rows, 1)
    in_time = float(hits.sum() / rows.sum())
    parts, weights = [], []
    last = len(scored.calendar.names) - 1 - ahead
    recent = recency(last + 1, scored.calendar.months)
    for cut in range(last + 1):
        window = cut + 1 + np.flatnonzero(scored.known[cut, cut + 1 : cut + 1 + ahead])
        given, right = scored.given[window].sum(axis=0), scored.right[cut, window].sum(axis=0)
        trained = scored.given[: cut + 1].sum(axis=0) >= NEW_UNDER
        known = given[trained].sum()
        if not known:
            continue
        accuracy, on_known = float(right.sum() / given.sum()), float(right[trained].sum() / known)
        same_recall = float(recall[trained] @ given[trained] / known)
        parts.append((on_known - accuracy, in_time - same_recall, same_recall - on_known - lacking[cut]))
        weights.append(recent[cut])
    if not parts:
        return None
    new, priors, rest = (float(value) for value in np.average(np.array(parts), axis=0, weights=weights))
    return DecaySplit(new + priors + rest, new, priors, rest)
