"""Rows whose labels the out-of-fold probabilities doubt, and what anchors count.

Which rows: confident learning (Northcutt et al. 2021). How many: the error rate at anchor points, rows so
clear that their class is beyond doubt (Liu and Tao 2016; Patrini et al. 2017). A weak model inflates the
first into a noise rate many times too high, but not the second, see docs/adr/0003.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from auditor.estimators.label_noise import Anchors
from auditor.evidence.counted import crossed
from auditor.evidence.taxonomy import told_apart
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

LABEL_ISSUES: Key[LabelIssues] = Key("label issues")

ANCHOR_SHARE = 0.1
MIN_ANCHORS = 50
MIN_HALF = 200
# Rows of a class that are taken for another, for each that is found: from here on the class may have no text of its own
# beside that one, unless a model surely tells their records apart (area under the ROC curve; excellent from 0.8 on by
# Hosmer and Lemeshow 2000). Both on the tuning sources of benchmarks/label_bound.py: docs/adr/0037.
NO_TEXT, APART = 0.5, 0.8


@dataclass(frozen=True)
class LabelIssues:
    """``flagged`` (n,) rows, and the ``confident_joint`` (K, K) calibrated to the number of rows: given label by
    row, likely label by column.
    """

    flagged: NDArray[np.bool_]
    confident_joint: NDArray[np.float64]

    @property
    def off_diagonal_share(self) -> float:
        """Share of rows that the confident joint places under another label."""
        return float(1 - np.trace(self.confident_joint) / self.confident_joint.sum())

    @property
    def off_diagonal_low(self) -> float:
        """The 5 % quantile of that share if the rows were drawn again.

        The off-diagonal cells of a multinomial sum to a binomial, so this is what a bootstrap of the cells tends to.
        A weak model inflates it as it does the share itself: no bound on the noise, and no gate reads it.
        """
        share = min(max(self.off_diagonal_share, 0.0), 1.0)
        return float(binom.ppf(0.05, len(self.flagged), share) / len(self.flagged))


def find_label_issues(codes: Codes, probabilities: NDArray[np.float32]) -> LabelIssues:
    """``codes`` (n,) index the columns of ``probabilities`` (n, K). Classes without a row are left out."""
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues as flag

    n_classes = probabilities.shape[1]
    if codes.min() < 0 or codes.max() >= n_classes:
        raise ValueError(f"class codes must lie in 0..{n_classes - 1}, the columns of the probabilities")
    joint = compute_confident_joint(codes, probabilities, calibrate=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes with one row: nothing to flag there
        flagged = flag(codes, probabilities, filter_by="prune_by_noise_rate", n_jobs=1)
    return LabelIssues(np.asarray(flagged, bool), np.asarray(joint, float))


def anchors(codes: Codes, probabilities: NDArray[np.float32]) -> Anchors:
    """Of the rows of which the out-of-fold ``probabilities`` (n, K) are surest.

    A label is no mistake where its class has no text of its own beside the likeliest one: then something that the text
    does not say may tell the two apart.

    Where classes overlap, disagreement fades as the model grows surer; wrong labels stay. So of twice the surest tenth,
    that tenth and its nested halves, as long as they hold 200 rows, the one with the least disagreement counts. Of few
    rows the tenth is small: there 200 rows stand for it, and the halves end with it.
    """
    n, n_classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    doubtful = _told_apart(codes, predicted, probabilities)[codes, predicted]
    surest = np.argsort(-probabilities.max(axis=1), kind="stable")
    differs = np.cumsum(doubtful[surest])
    tenth = max(MIN_ANCHORS, int(n * ANCHOR_SHARE))
    first = min(n, max(MIN_HALF, tenth))
    beyond = min(n, 4 * first)
    sizes = [min(n, 2 * first), first]
    while sizes[-1] >= 2 * min(MIN_HALF, tenth):
        sizes.append(sizes[-1] // 2)
    size = min(sizes, key=lambda each: differs[each - 1] / each)
    clear = surest[:size]
    other = clear[doubtful[clear]]
    given = probabilities[other, codes[other]]
    guess = (probabilities[other] > given[:, None]).sum(axis=1)
    return Anchors(
        rows=n,
        anchors=size,
        differing=len(other),
        guesses=int(guess.sum()),
        late_guesses=int((guess > n_classes / 2).sum()),
        clear=(first, int(differs[first - 1])),
        less_clear=(beyond - first, int(differs[beyond - 1] - differs[first - 1])),
        doubt=float(1 - probabilities[surest[:first]].max(axis=1).mean()),
        flow=_flow(codes, predicted, doubtful, surest, n_classes),
    )


def _told_apart(codes: Codes, predicted: NDArray[np.int64], probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether rows of the first class (K, K) that are taken for the second are few beside those that are found, or a
    model surely tells rows of the two apart.
    """
    n_classes = probabilities.shape[1]
    taken_for = crossed(codes, predicted, n_classes, n_classes)
    apart = taken_for < NO_TEXT * np.diag(taken_for)[:, None]
    np.fill_diagonal(apart, val=True)
    for a, b in zip(*np.nonzero((taken_for > 0) & ~apart), strict=True):
        apart[a, b] = told_apart(codes, probabilities, int(a), int(b), APART)
    np.fill_diagonal(apart, val=False)
    return np.asarray(apart)


def _flow(
    codes: Codes,
    predicted: NDArray[np.int64],
    doubtful: NDArray[np.bool_],
    surest: NDArray[np.int64],
    n_classes: int,
) -> NDArray[np.float64]:
    """``doubtful`` rows (K, K) by given and by predicted class, from the surest tenth of each predicted class.

    The surest rows of all are those of a few easy classes; the others would seem free of mistakes.
    """
    order = surest[np.argsort(predicted[surest], kind="stable")]
    size = np.bincount(predicted, minlength=n_classes)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    taken = np.minimum(np.ceil(size * ANCHOR_SHARE).astype(int), size)
    anchors = order[(rank < np.repeat(taken, size)) & doubtful[order]]
    flow = np.zeros((n_classes, n_classes))
    np.add.at(flow, (codes[anchors], predicted[anchors]), (size / np.maximum(taken, 1))[predicted[anchors]])
    return flow
