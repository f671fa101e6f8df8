"""Where a figure of ours is one of the field's, it is the same figure: scikit-learn and cleanlab on small data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import PredefinedSplit, TimeSeriesSplit, cross_val_predict, learning_curve
from sklearn.naive_bayes import MultinomialNB

from auditor.estimators.backtest import backtest
from auditor.estimators.calendar import Calendar
from auditor.estimators.curve import REPEATS
from auditor.estimators.curve import learning_curve as ours_of_rows
from auditor.evidence import label_issues as ours_of_labels
from auditor.evidence.backtest import rolling_origin
from auditor.evidence.classes import CLASSES
from auditor.evidence.curve import held_out
from auditor.evidence.moments import Fit
from auditor.evidence.naive_bayes import DAMPED_COUNTS, NAIVE_BAYES, SMOOTHING, naive_bayes
from auditor.evidence.narrow import Narrow
from auditor.evidence.periods import Periods
from auditor.evidence.proxy import FOLD_MOMENTS, N_FOLDS, fold_moments, out_of_fold, random_folds
from auditor.evidence.surrogate import without_logistic
from auditor.evidence.tokens import TOKENS
from tests.exports import export
from tests.lots import numbered

FLIPPED = [{"do": "flip", "where": {"share": 0.15}}]
K, RIDGE = 4, 1.0
# Least squares on one-hot labels; that scikit-learn counts them from -1 changes no answer among three classes or more.
LEAST_SQUARES = RidgeClassifier(alpha=RIDGE, fit_intercept=False, solver="cholesky")


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


@pytest.fixture(scope="module")
def trained():
    """Features (n, 1 + K·5) in which classes overlap, the classes, and what least squares makes of both."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, K, 1_200).astype(np.int32)
    phi = np.hstack([np.ones((len(codes), 1)), np.eye(K, 20)[codes] + 0.5 * rng.normal(size=(len(codes), 20))])
    phi = phi.astype(np.float32)
    moments = fold_moments(phi, codes, K, random_folds(numbered(len(codes))))
    moments = replace(moments, fit=Fit(RIDGE))
    return phi, codes, moments, out_of_fold(phi, codes, moments)


def test_the_backtest_is_scikit_learns_split_in_time(trained):
    """Periods of as many records each: what was trained until the end of one answers the next."""
    phi, codes, moments, by_proxy = trained
    periods = 6
    when = np.repeat(np.arange(periods, dtype=np.int32), len(codes) // periods)
    narrow = Narrow(phi, moments, by_proxy)
    calendar = Calendar(tuple(map(str, range(periods))), "year", 12, np.bincount(when))
    packs = np.zeros(periods + 1, np.int8)
    found = rolling_origin(narrow, by_proxy.predicted, codes, K, Periods(calendar, when), packs, np.empty(0, np.int64))
    scored = backtest(found.scored)
    for cut, (seen, later) in enumerate(TimeSeriesSplit(periods - 1).split(phi)):
        said = LEAST_SQUARES.fit(phi[seen], codes[seen]).predict(phi[later])
        assert (found.predicted[cut][later] == said).mean() > 0.99
        assert scored.accuracy[cut, cut + 1] == pytest.approx(accuracy_score(codes[later], said), abs=0.01)
        assert scored.macro_f1[cut, cut + 1] == pytest.approx(f1_score(codes[later], said, average="macro"), abs=0.01)


def test_the_learning_curve_is_scikit_learns(trained):
    """Of the same training rows in the same order: a fold by lot, then the other folds in turn."""
    phi, codes, moments, by_proxy = trained
    lots, no_words = numbered(len(codes)), csr_matrix((len(codes), 0), dtype=np.float32)
    model = without_logistic(by_proxy, naive_bayes(no_words, codes, K, moments.folds), codes)
    ours = ours_of_rows(held_out(phi, no_words, codes, moments, model, lots), seed=0)

    def split(repeat):
        asked, first, *others = (np.flatnonzero(moments.folds == (repeat + step) % N_FOLDS) for step in range(N_FOLDS))
        return np.concatenate([first[lots[first].order("learning curve")], *others]), asked

    sizes = [point.rows for point in ours.measured]
    splits = [split(repeat) for repeat in range(REPEATS)]
    _, _, theirs = learning_curve(LEAST_SQUARES, phi, codes, train_sizes=sizes, cv=splits)
    assert [point.accuracy for point in ours.measured] == pytest.approx(theirs.mean(axis=1), abs=0.005)
    assert theirs.mean(axis=1)[0] < theirs.mean(axis=1)[-1] - 0.02
