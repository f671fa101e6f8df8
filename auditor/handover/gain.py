"""What leaving rows out of training is worth: a classifier trained with them and without, record by record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from auditor.interval import Z_90
from auditor.trials.rivals import MAX_CHARACTERS, WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.keys import Lots

# The middle of the strengths that a trial's ordinary classifier is chosen from.
STRENGTH = 0.4
# From more rows to learn from, so many are drawn: what a difference is worth shows on them (as decision 25).
LEARNT = 20_000


@dataclass(frozen=True)
class Gain:
    """Accuracy on ``rows`` records as filed, ``before`` and ``after`` rows were left out, and the difference with its
    90 % interval from ``low`` to ``high``, in shares.
    """

    rows: int
    before: float
    after: float
    low: float
    high: float

    @property
    def beyond_noise(self) -> bool:
        return self.low > 0


class Classifier:
    """Words and pairs of words, a linear support vector machine: what a team tries first."""

    def __init__(self, texts: Sequence[str], labels: NDArray[np.str_], learnt: NDArray[np.int64], lots: Lots) -> None:
        self._texts = texts
        self._labels = labels
        self._learnt = np.sort(learnt[lots[learnt].order("learnt")[:LEARNT]])
        self._space = TfidfVectorizer(min_df=2, **WORDS)
        self._known = self._space.fit_transform([texts[row][:MAX_CHARACTERS] for row in self._learnt])

    def answers(self, asked: NDArray[np.int64], left_out: NDArray[np.bool_]) -> NDArray[np.str_]:
        """Answers (q,) to the rows ``asked``, learnt from all but those ``left_out`` (n,)."""
        kept = ~left_out[self._learnt]
        labels = self._labels[self._learnt][kept]
        if len(np.unique(labels)) < 2:
            return np.full(len(asked), labels[0] if len(labels) else "")
        model = LinearSVC(C=STRENGTH, random_state=0).fit(self._known[np.flatnonzero(kept)], labels)
        texts = [self._texts[row][:MAX_CHARACTERS] for row in asked]
        return np.asarray(model.predict(self._space.transform(texts)))


def gain(before: NDArray[np.bool_], after: NDArray[np.bool_], groups: NDArray[np.int64]) -> Gain:
    """Of answers that are right (q,) ``before`` and ``after``, in pairs; rows of a group (q,) are no two witnesses."""
    won = after.astype(float) - before
    mean = float(won.mean())
    _, of = np.unique(groups, return_inverse=True)
    error = float(np.sqrt((np.bincount(of, won - mean) ** 2).sum()) / len(won))
    return Gain(len(won), float(before.mean()), float(after.mean()), mean - Z_90 * error, mean + Z_90 * error)
