"""The surrogate for a fine-tuned model: as near as this audit comes to what a trained classifier would answer.

Where there are many classes the proxy is some points behind a classifier that is trained step by step. Two things
make up most of that: logistic regression on the same features, where it is affordable and ahead; and naive Bayes over
terms, whose probabilities are multiplied with the others: docs/adr/0015.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from auditor.evidence.logistic import affordable, logistic_weights
from auditor.evidence.moments import score
from auditor.evidence.naive_bayes import class_counts, log_likelihood
from auditor.evidence.narrow import carried_over
from auditor.evidence.proxy import N_FOLDS, OutOfFold, calibrated, fit_temperature, log_product, predictions
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.backtest import AskedScores
    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import FoldMoments

SURROGATE: Key[Surrogate] = Key("surrogate")
TRAINED_IN_ORDER: Key[NDArray[np.int16]] = Key("training in order of time")

WEIGHTS = (0.0, 0.3, 1.0)
BEHIND = 0.01


@dataclass(frozen=True)
class Surrogate:
    """Predictions ``out_of_fold``, and how they came about: by logistic regression or the proxy, with naive Bayes at
    ``weight`` against 1, and the temperatures at which the scores of each are probabilities.
    """

    out_of_fold: OutOfFold
    by_logistic: bool
    weight: float
    temperature: float
    terms_temperature: float

    def answers(self, scores: NDArray[np.float32], texts: sp.csr_matrix, counts: sp.csc_matrix) -> NDArray[np.int64]:
        """The class (m,) of each of the ``texts`` (m, V) by a linear model's ``scores`` (m, K) and the term ``counts``
        (V, K) of the classes in the rows that it was trained on.
        """
        linear = calibrated(scores, self.temperature)
        by_terms = calibrated(log_likelihood(texts, counts), self.terms_temperature)
        return np.asarray(log_product(linear, [by_terms], self.weight).argmax(axis=1))


def surrogate(phi: Features, codes: Codes, moments: FoldMoments, by_proxy: OutOfFold, by_terms: OutOfFold) -> Surrogate:
    """The surrogate that is right most often. Logistic regression that is a point behind on fold 0 is left there."""
    n_classes = by_proxy.probabilities.shape[1]
    plain = without_logistic(by_proxy, by_terms, codes)
    if not affordable(phi, n_classes):
        return plain
    right = plain.out_of_fold.predicted == codes
    scores = np.empty_like(by_proxy.probabilities)
    for fold in range(N_FOLDS):
        left = moments.folds == fold
        weights = logistic_weights(phi, codes, np.flatnonzero(~left), n_classes)
        scores[left] = score(phi, np.flatnonzero(left), weights)
        if fold == 0 and (scores[left].argmax(axis=1) == codes[left]).mean() < right[left].mean() - BEHIND:
            return plain
    trained = _weighed(predictions(scores, fit_temperature(scores, codes)), by_terms, codes, by_logistic=True)
    return max(plain, trained, key=lambda each: each.out_of_fold.accuracy(codes))


def without_logistic(by_proxy: OutOfFold, by_terms: OutOfFold, codes: Codes) -> Surrogate:
    """The proxy and naive Bayes together."""
    return _weighed(by_proxy, by_terms, codes, by_logistic=False)


def _weighed(linear: OutOfFold, by_terms: OutOfFold, codes: Codes, *, by_logistic: bool) -> Surrogate:
    def product(weight: float) -> NDArray[np.floating]:
        return log_product(linear.probabilities, [by_terms.probabilities], weight)

    # Made once more rather than kept: of thousands of classes each is as large as all else.
    best = max(WEIGHTS, key=lambda weight: float((product(weight).argmax(axis=1) == codes).mean()))
    scores = product(best)
    together = predictions(scores, fit_temperature(scores, codes))
    return Surrogate(together, by_logistic, best, linear.temperature, by_terms.temperature)


def answers_in_time(
    asked: AskedScores,
    periods: NDArray[np.int32],
    phi: Features,
    texts: sp.csr_matrix,
    codes: Codes,
    model: Surrogate,
    narrow: OutOfFold,
    by_terms: OutOfFold,
) -> NDArray[np.int16]:
    """What models trained until the end of each period say of the later rows asked: (P, q), -1 elsewhere.

    ``periods`` (n,) are those of all rows of ``phi`` (n, D) and ``texts`` (n, V). The scores ``asked`` are of narrow
    models, whose predictions by random folds are ``narrow``; ``by_terms`` are those of naive Bayes.
    """
    n_classes = asked.scores.shape[2]
    of_narrow = replace(model, temperature=narrow.temperature)
    both = log_product(narrow.probabilities[asked.rows], [by_terms.probabilities[asked.rows]], model.weight)
    now = both.argmax(axis=1).astype(np.int32)
    said = np.full(asked.scores.shape[:2], -1, np.int16)
    counts = sp.csc_matrix((texts.shape[1], n_classes), dtype=np.float32)
    weights: NDArray[np.float32] | None = None
    for cut, by_proxy in enumerate(asked.scores):
        counts = counts + class_counts(texts, codes, np.flatnonzero(periods == cut), n_classes)
        known = np.flatnonzero(np.isfinite(by_proxy[:, 0]))
        if not len(known):
            continue
        rows, scores = asked.rows[known], by_proxy[known]
        if model.by_logistic:
            seen = np.flatnonzero((periods >= 0) & (periods <= cut))
            weights = logistic_weights(phi, codes, seen, n_classes, weights)
            said[cut, known] = model.answers(score(phi, rows, weights), texts[rows], counts)
        else:
            answers = of_narrow.answers(scores, texts[rows], counts).astype(np.int16)
            said[cut, known] = carried_over(answers, now[known], model.out_of_fold.predicted[rows])
    return said
