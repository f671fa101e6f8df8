"""The surrogate for a trained model: the proxy or logistic regression, with naive Bayes, in folds and in time."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from auditor.estimators.calendar import Calendar
from auditor.estimators.curve import learning_curve
from auditor.estimators.in_order import InOrder
from auditor.estimators.prospective_gain import prospective_gain
from auditor.evidence import logistic
from auditor.evidence.backtest import rolling_origin
from auditor.evidence.curve import held_out
from auditor.evidence.logistic import affordable, logistic_weights
from auditor.evidence.naive_bayes import class_counts, naive_bayes
from auditor.evidence.narrow import Narrow
from auditor.evidence.periods import periods_of
from auditor.evidence.proxy import fold_moments, out_of_fold, random_folds
from auditor.evidence.surrogate import answers_in_time, surrogate
from tests.lots import numbered

N, K, WORDS = 600, 4, 12


def records(seed: int, clear_features: float, clear_words: float) -> tuple[np.ndarray, sp.csr_matrix, np.ndarray]:
    """Features (N, K + 1), term counts (N, WORDS) and classes; each shows the class in that share of the records."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, K, N).astype(np.int32)

    def shown(clear: float) -> np.ndarray:
        return np.where(rng.random(N) < clear, codes, rng.integers(0, K, N))

    phi = np.hstack([np.ones((N, 1)), np.eye(K)[shown(clear_features)]]).astype(np.float32)
    word = shown(clear_words) + K * rng.integers(0, WORDS // K, N)
    texts = sp.csr_matrix((np.ones(N, np.float32), (np.arange(N), word)), shape=(N, WORDS))
    return phi, texts, codes


def both(phi, texts, codes):
    folds = random_folds(numbered(N))
    moments = fold_moments(phi, codes, K, folds)
    by_proxy = out_of_fold(phi, codes, moments)
    return by_proxy, surrogate(phi, codes, moments, by_proxy, naive_bayes(texts, codes, K, folds))


@pytest.mark.parametrize("seed", range(3))
def test_words_help_where_the_features_do_not_show_the_class(seed):
    phi, texts, codes = records(seed, 0.4, 0.9)
    alone, together = both(phi, texts, codes)
    assert together.weight > 0
    assert together.out_of_fold.accuracy(codes) > alone.accuracy(codes) + 0.2


def test_words_that_say_nothing_change_no_answer():
    phi, texts, codes = records(0, 0.9, 0.0)
    alone, together = both(phi, texts, codes)
    assert together.out_of_fold.accuracy(codes) >= alone.accuracy(codes)
    assert np.mean(together.out_of_fold.predicted == alone.predicted) > 0.95


def test_probabilities_of_the_stand_in_add_up_and_are_calibrated():
    phi, texts, codes = records(1, 0.7, 0.7)
    _, together = both(phi, texts, codes)
    probabilities = together.out_of_fold.probabilities
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert probabilities.max(axis=1).mean() == pytest.approx(together.out_of_fold.accuracy(codes), abs=0.05)


def test_answers_are_those_of_the_folds_where_the_scores_are():
    phi, texts, codes = records(2, 0.6, 0.6)
    folds = random_folds(numbered(N))
    moments = fold_moments(phi, codes, K, folds)
    by_proxy = out_of_fold(phi, codes, moments)
    model = surrogate(phi, codes, moments, by_proxy, naive_bayes(texts, codes, K, folds))
    left, rest = np.flatnonzero(folds == 0), np.flatnonzero(folds != 0)
    of_rest = moments.fit.weights(moments.total - moments.parts[0])
    scores = phi[left] @ (logistic_weights(phi, codes, rest, K) if model.by_logistic else of_rest)
    counts = class_counts(texts, codes, rest, K)
    assert (model.answers(scores, texts[left], counts) == model.out_of_fold.predicted[left]).mean() > 0.99


def fanned(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of classes that differ by their angle, at very different lengths, and the classes."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, K, N).astype(np.int32)
    angle = 0.5 * codes + rng.normal(0, 0.1, N)
    ray = rng.lognormal(0, 1.5, N)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.hstack([ray, np.ones((N, 1))]).astype(np.float32), codes


@pytest.mark.parametrize("seed", range(3))
def test_logistic_regression_stands_in_where_it_is_ahead(seed):
    phi, codes = fanned(seed)
    texts = sp.csr_matrix((N, 0), dtype=np.float32)
    alone, together = both(phi, texts, codes)
    assert together.by_logistic
    assert together.out_of_fold.accuracy(codes) > alone.accuracy(codes) + 0.1


def test_the_learning_curve_of_logistic_regression_ends_at_its_out_of_fold_accuracy():
    phi, codes = fanned(0)
    texts = sp.csr_matrix((N, 0), dtype=np.float32)
    folds = random_folds(numbered(N))
    moments = fold_moments(phi, codes, K, folds)
    _, model = both(phi, texts, codes)
    curve = learning_curve(held_out(phi, texts, codes, moments, model, numbered(N)), 0)
    assert model.by_logistic
    right = model.out_of_fold.predicted == codes
    assert curve.measured[-1].rows == N * 4 // 5
    assert curve.measured[-1].accuracy == pytest.approx((right[folds == 0].mean() + right[folds == 1].mean()) / 2)
    assert min(point.accuracy for point in curve.measured) > out_of_fold(phi, codes, moments).accuracy(codes) + 0.1


@pytest.mark.parametrize("held", [(1,), (0, 2), (0, 1, 3), (0, 1, 2, 3)])
def test_logistic_regression_answers_the_classes_that_it_saw(held):
    phi, _, codes = records(6, 1.0, 0.0)
    rows = np.flatnonzero(np.isin(codes, held))
    said = (phi @ logistic_weights(phi, codes, rows, K)).argmax(axis=1)
    assert set(said) <= set(held)
    assert (said[rows] == codes[rows]).all()


@pytest.mark.parametrize("part", [(1,), (0, 2), (0, 1, 2)])
def test_logistic_regression_goes_on_from_a_part_of_its_rows(part):
    phi, _, codes = records(8, 1.0, 0.0)
    begun = logistic_weights(phi, codes, np.flatnonzero(np.isin(codes, part)), K)
    more = np.flatnonzero(codes < 3)
    said = (phi @ logistic_weights(phi, codes, more, K, begun)).argmax(axis=1)
    assert set(said) <= {0, 1, 2}
    assert (said[more] == codes[more]).all()


def test_logistic_regression_goes_on_from_where_it_is(monkeypatch):
    phi, codes = fanned(0)
    rows = np.arange(N)
    begun = logistic_weights(phi, codes, rows[::2], K)
    for few in ("EPOCHS", "LEAST_STEPS"):
        monkeypatch.setattr(logistic, few, 1)
    nothing = np.where(np.arange(phi.shape[1]) == 1, 1e-6, 0)[:, None] * np.ones(K, np.float32)
    on, anew = ((phi @ logistic_weights(phi, codes, rows, K, start)).argmax(axis=1) for start in (begun, nothing))
    assert (on == codes).mean() > (anew == codes).mean() + 0.1


def test_a_start_that_knew_one_class_is_none():
    phi, codes = fanned(1)
    rows = np.arange(N)
    one = logistic_weights(phi, codes, np.flatnonzero(codes == 0), K)
    assert np.array_equal(logistic_weights(phi, codes, rows, K, one), logistic_weights(phi, codes, rows, K))


def test_logistic_regression_takes_few_rows_of_many_classes():
    codes = np.arange(40, dtype=np.int32) // 2 + np.arange(40, dtype=np.int32) % 2
    phi = np.hstack([np.ones((40, 1)), np.eye(21)[codes]]).astype(np.float32)
    assert ((phi @ logistic_weights(phi, codes, np.arange(40), 21)).argmax(axis=1) == codes).all()


def test_logistic_regression_is_tried_on_small_exports_only():
    assert affordable(np.broadcast_to(np.float32(0), (8000, 3257)), 150)
    assert not affordable(np.broadcast_to(np.float32(0), (80_000, 2757)), 47)


def in_time(phi, texts, codes, when, asked):
    """The backtest, the answers, and how to answer again where some labels are others, by folds that do not know."""
    periods = periods_of(("2020", "2021", "2022"), when, "year", 12)
    by_proxy, model = both(phi, texts, codes)
    folds = random_folds(numbered(N))
    narrow = Narrow(phi, fold_moments(phi, codes, K, folds), by_proxy)
    by_terms = naive_bayes(texts, codes, K, folds)

    def again(told):
        packs = np.array([0, 1, 2, 3], np.int8)
        past = rolling_origin(narrow, by_proxy.predicted, told, K, periods, packs, asked)
        return past, answers_in_time(past.asked, when, phi, texts, told, model, by_proxy, by_terms)

    return *again(codes), again


def test_answers_in_time_are_by_models_of_earlier_periods():
    phi, texts, codes = records(3, 0.5, 0.9)
    when = np.repeat([-1, 0, 1, 2], N // 4).astype(np.int32)
    asked = np.arange(N // 2, N, 3)
    past, said, _ = in_time(phi, texts, codes, when, asked)
    assert ((said >= 0) == (when[asked] > np.arange(3)[:, None])).all()
    assert (said[0] == codes[asked]).mean() > (past.predicted[0][asked] == codes[asked]).mean() + 0.1


def test_answers_in_time_read_no_later_label():
    phi, texts, codes = records(4, 0.6, 0.8)
    when = np.repeat([0, 1, 2], N // 3).astype(np.int32)
    asked = np.arange(N // 3, N, 2)
    _, before, again = in_time(phi, texts, codes, when, asked)
    told = np.where(when == 2, (codes + 1) % K, codes).astype(np.int32)
    assert np.array_equal(before, again(told)[1])


def test_the_scores_kept_are_those_that_the_backtest_answered_by():
    phi, texts, codes = records(5, 0.6, 0.6)
    when = np.tile([2, 0, 1], N // 3).astype(np.int32)
    asked = np.arange(1, N, 5)
    past, _, _ = in_time(phi, texts, codes, when, asked)
    for cut in range(2):
        later = when[asked] > cut
        assert np.isnan(past.asked.scores[cut][~later]).all()
        assert (past.asked.scores[cut][later].argmax(axis=1) == past.predicted[cut][asked[later]]).all()


def answered(trained, retrieval: float, rows: tuple[int, ...] = (100,) * 4) -> dict[str, object]:
    """Answers over four half-years, of whose rows each answers that share rightly: class 1 is right, class 0 wrong.

    ``trained`` may be the share of each cut's model.
    """
    when = np.repeat([0, 1, 2, 3], rows).astype(np.int32)
    asked = np.flatnonzero(when > 0)
    in_hundred = np.concatenate([np.arange(each) / each for each in rows])
    trained = np.broadcast_to(trained, 4)[:, None]
    earlier = when > np.arange(4)[:, None]
    found = InOrder(
        calendar=Calendar(("H1", "H2", "H3", "H4"), "half-year", 6, np.bincount(when)),
        asked=asked,
        period=when[asked],
        truth=np.ones(len(asked), np.int32),
        trained=np.where(earlier, in_hundred < trained, -1)[:, asked].astype(np.int16),
        retrieved=(in_hundred < retrieval)[asked].astype(np.int32),
    )
    return {"asked": found, "half": numbered(len(when)).uniform("routed")[asked] < 0.5}


def test_training_is_held_against_retrieval():
    found = prospective_gain(**answered(trained=0.8, retrieval=0.7), horizon=6, margin=0.03)
    assert (found.trained, found.retrieval, found.gain) == pytest.approx((0.8, 0.7, 0.1))
    assert found.months == 6


@pytest.mark.parametrize(
    ("rows", "first_counts"),
    [((100, 100, 100, 100), False), ((300, 50, 50, 100), True), ((20, 20, 20, 100), True), ((98, 98, 98, 98), True)],
    ids=["a quarter of the rows", "more than half", "none has half", "those with half answer under 200"],
)
def test_models_of_less_than_half_the_rows_count_only_where_others_say_too_little(rows, first_counts):
    found = prospective_gain(**answered([0.5, 0.8, 0.8, 0.0], 0.7, rows), horizon=6, margin=0.03)
    assert (found.trained < 0.79) == first_counts


def test_the_months_are_those_of_the_oldest_model_that_counts():
    found = answered(0.8, 0.7, (50, 50, 200, 300))
    assert prospective_gain(**found, horizon=18, margin=0.03).months == 6


def test_one_period_of_answers_is_not_taken_for_certain():
    found = prospective_gain(**answered(0.8, 0.7, (300, 0, 0, 100)), horizon=18, margin=0.03)
    assert found.low < found.gain - 0.03


def test_two_periods_that_differ_say_little():
    apart = prospective_gain(**answered([0.0, 0.9, 0.7, 0.0], 0.7), horizon=6, margin=0.03)
    assert apart.low < -0.3
