"""Label errors that the out-of-fold probabilities point at.

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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes

ANCHOR_SHARE = 0.2
MIN_ANCHORS = 50


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


@dataclass(frozen=True)
class AnchorNoise:
    """``wrong`` of ``anchors`` rows carry another label than the one beyond doubt.

    ``flow`` (K, K) counts, scaled up to all rows, those given the row's class where the column's is right.
    The rate is a lower bound on label noise: unclear rows attract at least as many mistakes as clear ones.
    """

    anchors: int
    wrong: int
    flow: NDArray[np.float64]

    @property
    def rate(self) -> float:
        return self.wrong / self.anchors


def anchor_noise(codes: Codes, probabilities: NDArray[np.float32]) -> AnchorNoise:
    """Disagreement among the fifth of the rows (at least 50) of which the out-of-fold model is surest."""
    n, n_classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    n_anchors = min(n, max(MIN_ANCHORS, int(n * ANCHOR_SHARE)))
    anchors = np.argsort(-probabilities.max(axis=1), kind="stable")[:n_anchors]
    flow = np.zeros((n_classes, n_classes))
    np.add.at(flow, (codes[anchors], predicted[anchors]), n / n_anchors)
    np.fill_diagonal(flow, 0)
    return AnchorNoise(n_anchors, int((codes[anchors] != predicted[anchors]).sum()), flow)
