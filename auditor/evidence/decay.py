"""Why models of the past got less right than random folds promise: new classes, moved priors, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.forecast import recency
from auditor.model import DecaySplit
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.backtest import Backtest
    from auditor.evidence.moments import Codes

DECAY_SPLIT: Key[DecaySplit | None] = Key("parts of the decay")

# As for the events of a class: fewer rows say nothing.
NEW_UNDER = 20


def decay_split(
    backtest: Backtest,
    codes: Codes,
    out_of_fold: NDArray[np.int32],
    n_classes: int,
    ahead: int,
    lacking: NDArray[np.float64],
) -> DecaySplit | None:
    """The mean over the training ends, weighted as in the forecast, of each one's decomposition (Kitagawa 1955).

    New classes: what the window's rows cost whose class had fewer than 20 rows in training. Moved priors: what random
    folds lose when their recall per class meets the window's mix. The rest is recall lost within known classes:
    wording, definitions, chance. ``out_of_fold`` (n,) are the predictions by random folds; ``lacking`` (P,) what each
    model of the past lacks because it saw fewer rows, which is in none of the parts.
    """
    periods = backtest.periods
    support = np.bincount(codes, minlength=n_classes)
    recall = np.bincount(codes[out_of_fold == codes], minlength=n_classes) / np.maximum(support, 1)
    in_time = float((out_of_fold == codes).mean())
    parts, weights = [], []
    last = len(periods.names) - 1 - ahead
    recent = recency(last + 1, periods.months)
    for cut in range(last + 1):
        window = (periods.codes > cut) & (periods.codes <= cut + ahead)
        scored = window & (backtest.predicted[cut] >= 0)
        if not scored.any():
            continue
        truth, said = codes[scored], backtest.predicted[cut][scored]
        trained = np.bincount(codes[(periods.codes >= 0) & (periods.codes <= cut)], minlength=n_classes) >= NEW_UNDER
        known = trained[truth]
        if not known.any():
            continue
        accuracy, on_known = float((said == truth).mean()), float((said == truth)[known].mean())
        same_recall = float(recall[truth[known]].mean())
        parts.append((on_known - accuracy, in_time - same_recall, same_recall - on_known - lacking[cut]))
        weights.append(recent[cut])
    if not parts:
        return None
    new, priors, rest = (float(value) for value in np.average(np.array(parts), axis=0, weights=weights))
    return DecaySplit(new + priors + rest, new, priors, rest)
