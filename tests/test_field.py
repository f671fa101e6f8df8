"""Where a figure of ours is one of the field's, it is the same figure: scikit-learn and cleanlab on small data."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.naive_bayes import MultinomialNB

from auditor.evidence import label_issues as ours_of_labels
from auditor.evidence.classes import CLASSES
from auditor.evidence.naive_bayes import DAMPED_COUNTS, NAIVE_BAYES, SMOOTHING
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.evidence.tokens import TOKENS
from tests.exports import export

FLIPPED = [{"do": "flip", "where": {"share": 0.15}}]


@pytest.fixture
def found(steps):
    return steps(export(300, own_words=2, plant=FLIPPED))


def by_scikit_learn(found, method):
    """Multinomial naive Bayes on the same counts, across the same folds."""
    model = MultinomialNB(alpha=SMOOTHING, fit_prior=False)
    folds = PredefinedSplit(found[FOLD_MOMENTS].folds)
    return cross_val_predict(model, found[DAMPED_COUNTS], found[CLASSES].codes, cv=folds, method=method)


def test_naive_bayes_out_of_fold_is_scikit_learns(found):
    ours, theirs = found[NAIVE_BAYES], by_scikit_learn(found, "predict_log_proba")
    assert (ours.predicted == theirs.argmax(axis=1)).all()
    # A temperature stands between them, one number for all rows.
    ours_apart, theirs_apart = (np.log(each)[:, :1] - np.log(each) for each in (ours.probabilities, np.exp(theirs)))
    some = np.abs(theirs_apart) > 0.1
    assert np.ptp(ours_apart[some] / theirs_apart[some]) < 0.01


def test_label_issues_are_cleanlabs(found):
    codes, probabilities = found[CLASSES].codes, by_scikit_learn(found, "predict_proba")
    ours = ours_of_labels.find_label_issues(codes, probabilities)
    assert (ours.flagged == find_label_issues(codes, probabilities, filter_by="prune_by_noise_rate", n_jobs=1)).all()
    assert ours.confident_joint == pytest.approx(compute_confident_joint(codes, probabilities, calibrate=True))
    assert ours.flagged.any()


def test_words_are_counted_as_scikit_learn_counts_them(found):
    """Of plain text in one case and without digits; we count pairs of words beside them."""
    texts = export(300, own_words=2, plant=FLIPPED)["note"]
    theirs = CountVectorizer().fit(texts)
    assert set(theirs.get_feature_names_out()) <= set(found[TOKENS].terms)
