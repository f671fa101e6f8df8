"""Moments add and subtract, and what is solved from them is ridge regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge

from auditor.evidence.backtest import rolling_origin
from auditor.evidence.grid import LEVELS
from auditor.evidence.moments import (
    CHUNK,
    EXACT_ROWS,
    class_sums,
    discriminant,
    empty_moments,
    moments_of,
    score,
    solve,
)
from auditor.evidence.narrow import narrowed
from auditor.evidence.periods import periods_of
from auditor.evidence.proxy import (
    N_FOLDS,
    fold_moments,
    grouped_out_of_fold,
    out_of_fold,
    pack_groups,
    random_folds,
)
from tests.lots import numbered

K = 4
few = settings(max_examples=15, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


def data(seed: int, n: int = 120, width: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Features, the first one constant, whose class is visible but not certain."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, K, n).astype(np.int32)
    phi = rng.normal(size=(n, width)) + 2 * np.eye(K, width, 1)[codes]
    phi[:, 0] = 0.3
    return phi.astype(np.float32), codes


def same(left, right) -> bool:
    return (
        left.n == right.n
        and np.allclose(left.gram, right.gram, atol=1e-3)
        and np.allclose(left.cross, right.cross, atol=1e-3)
    )


@few
@given(seeds, st.integers(0, 120))
def test_moments_of_a_union_are_the_sum(seed, cut):
    phi, codes = data(seed)
    rows = np.random.default_rng(seed).permutation(len(codes))
    parts = [moments_of(phi, codes, part, K) for part in (rows[:cut], rows[cut:])]
    assert same(parts[0] + parts[1], moments_of(phi, codes, np.arange(len(codes)), K))


@few
@given(seeds, st.integers(0, 120))
def test_the_difference_is_the_rows_that_remain(seed, cut):
    phi, codes = data(seed)
    rows = np.arange(len(codes))
    whole = moments_of(phi, codes, rows, K)
    assert same(whole - moments_of(phi, codes, rows[:cut], K), moments_of(phi, codes, rows[cut:], K))


def on_grid(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features of up to 127 steps to either side, as large as they come, in columns of different grids."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(-LEVELS, LEVELS + 1, (n, 12))
    steps[:, :3] = LEVELS
    return (steps * 2.0 ** -np.arange(4, 16)).astype(np.float32), rng.integers(0, K, n).astype(np.int32)


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_moments_on_the_grid_have_the_same_bits_in_any_order_and_split(parts):
    phi, codes = on_grid(2 * EXACT_ROWS + 500)
    rows = np.random.default_rng(parts).permutation(len(codes))
    split = [moments_of(phi, codes, part, K) for part in np.array_split(rows, parts)]
    found = sum(split[1:], split[0])
    exact = phi.astype(np.float64)
    assert np.array_equal(np.tril(found.gram), np.tril(exact.T @ exact))
    assert np.array_equal(found.cross, exact.T @ np.eye(K)[codes])
    assert np.array_equal(class_sums(phi, codes, rows, K), found.cross)
    left = found - split[0]
    assert np.array_equal((left + split[0]).gram, found.gram)


def test_no_rows_add_nothing():
    phi, codes = data(0)
    some = moments_of(phi, codes, np.arange(7), K)
    assert same(empty_moments(phi.shape[1], K) + some, some)


def test_rows_beyond_one_chunk_are_counted_once():
    phi, codes = data(0, n=CHUNK + 100)
    rows = np.arange(len(codes))
    found = moments_of(phi, codes, rows, K)
    assert np.allclose(np.tril(found.gram), np.tril(phi.T @ phi), rtol=1e-3)
    assert np.allclose(found.cross, phi.T @ np.eye(K)[codes], rtol=1e-2, atol=0.1)
    weights = solve(found, 1.0)
    assert np.allclose(score(phi, rows, weights), phi @ weights, atol=1e-4)


@few
@given(seeds, st.sampled_from([0.1, 1.0, 30.0]))
def test_the_solution_is_ridge_regression_on_one_hot_labels(seed, ridge):
    phi, codes = data(seed)
    rows = np.arange(len(codes))
    ours = solve(moments_of(phi, codes, rows, K), ridge)
    theirs = Ridge(alpha=ridge, fit_intercept=False).fit(phi.astype(float), np.eye(K)[codes])
    assert np.allclose(ours, theirs.coef_.T, atol=1e-3)
    assert np.allclose(score(phi, rows, ours), theirs.predict(phi.astype(float)), atol=1e-2)


@few
@given(seeds)
def test_a_discriminant_is_linear_discriminant_analysis(seed):
    phi, codes = data(seed, n=2000)
    rows = np.arange(len(codes))
    weights = discriminant(moments_of(phi, codes, rows, K), 1e-3)
    ours = score(phi, rows, weights)
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(phi[:, 1:].astype(float), codes)
    # Half a record at the mean of all moves each of some 500 by little.
    expected = theirs.predict_log_proba(phi[:, 1:].astype(float))
    assert np.allclose(log_softmax(ours, axis=1), expected, atol=0.1)


def test_a_class_without_rows_is_the_last_that_a_discriminant_says():
    phi, codes = data(1)
    weights = discriminant(moments_of(phi, codes, np.arange(len(codes)), K + 1), 0.5)
    scores = score(phi, np.arange(len(codes)), weights)
    assert np.isfinite(scores).all()
    assert (scores.argmax(axis=1) < K).all()


def test_features_that_repeat_each_other_are_solved_too():
    phi, codes = data(0)
    doubled = np.hstack([phi, phi, 1e4 * phi])
    weights = solve(moments_of(doubled, codes, np.arange(len(codes)), K), 1e-6)
    assert np.isfinite(weights).all()


def scores_of(phi, codes, seed):
    moments = fold_moments(phi, codes, K, random_folds(numbered(len(codes), seed)))
    return moments, out_of_fold(phi, codes, moments)


@few
@given(seeds, st.integers(0, 119))
def test_a_prediction_does_not_depend_on_the_rows_own_label(seed, row):
    phi, codes = data(seed)
    changed = codes.copy()
    changed[row] = (codes[row] + 1) % K
    moments, before = scores_of(phi, codes, seed)
    after = out_of_fold(phi, changed, refolded(phi, changed, moments))
    fold = moments.folds == moments.folds[row]
    # The temperature is fitted to all rows, so the ranking is compared and not the probability.
    assert before.predicted[fold].tolist() == after.predicted[fold].tolist()
    logs = [np.log(each.probabilities[row]) * each.temperature for each in (before, after)]
    centred = [log - log.mean() for log in logs]
    assert np.allclose(*centred, atol=1e-3)


def refolded(phi, codes, moments):
    """The same folds and fit with other labels."""
    parts = tuple(moments_of(phi, codes, np.flatnonzero(moments.folds == fold), K) for fold in range(N_FOLDS))
    return type(moments)(moments.folds, parts, sum(parts[1:], parts[0]), moments.fit)


@few
@given(seeds)
def test_a_prediction_without_the_source_does_not_depend_on_the_sources_labels(seed):
    phi, codes = data(seed)
    source = np.random.default_rng(seed).integers(0, 6, len(codes)).astype(np.int32)
    moments, with_source = scores_of(phi, codes, seed)
    changed = np.where(source == 2, (codes + 1) % K, codes).astype(np.int32)
    before = grouped_out_of_fold(phi, codes, moments, source, with_source.temperature)
    after = grouped_out_of_fold(phi, changed, refolded(phi, changed, moments), source, with_source.temperature)
    left_out = source == 2
    assert before.predicted[left_out].tolist() == after.predicted[left_out].tolist()
    assert np.allclose(before.probabilities[left_out], after.probabilities[left_out], atol=1e-3)


@pytest.mark.parametrize("n", [5, 23, 100])
def test_random_folds_have_equal_sizes_and_follow_the_seed(n):
    sizes = np.bincount(random_folds(numbered(n, 3)), minlength=N_FOLDS)
    assert sizes.max() - sizes.min() <= 1
    assert random_folds(numbered(n, 3)).tolist() == random_folds(numbered(n, 3)).tolist()
    assert n < N_FOLDS * 2 or random_folds(numbered(n, 3)).tolist() != random_folds(numbered(n, 4)).tolist()


@few
@given(st.lists(st.integers(0, 8), min_size=1, max_size=60))
def test_groups_fill_the_folds(groups):
    fold_of_group = pack_groups(np.array(groups, np.int32))
    assert len(set(fold_of_group[groups].tolist())) == min(len(set(groups)), N_FOLDS)


def test_known_moments_of_the_folds_give_the_same_predictions():
    phi, codes = data(5)
    groups = np.random.default_rng(5).integers(0, 7, len(codes)).astype(np.int32)
    moments = fold_moments(phi, codes, K, random_folds(numbered(len(codes))))
    folds = pack_groups(groups)[groups]
    known = [moments_of(phi, codes, np.flatnonzero(folds == fold), K) for fold in range(N_FOLDS)]
    measured, added = (grouped_out_of_fold(phi, codes, moments, groups, 1.0, each) for each in (None, known))
    assert np.array_equal(measured.probabilities, added.probabilities)


def test_the_backtest_packs_the_periods_and_the_rows_without_a_date():
    phi, codes = data(6)
    when = np.repeat([-1, 0, 1, 2], 30)
    periods = periods_of(("2020", "2021", "2022"), when.astype(np.int32), "year", 12)
    moments = fold_moments(phi, codes, K, random_folds(numbered(len(codes))))
    narrow = narrowed(phi, codes, moments, out_of_fold(phi, codes, moments))
    packs = np.array([0, 1, 0, 1], np.int8)
    past = rolling_origin(narrow, narrow.out_of_fold.predicted, codes, K, periods, packs, np.array([40, 100]))
    for pack, members in enumerate([(0, 2), (1, -1)]):
        assert same(past.packs[pack], moments_of(phi, codes, np.flatnonzero(np.isin(when, members)), K))
