"""A linear classifier on words beside the surrogate, and what both say of an ordinary one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from auditor.estimators.ordinary import OF_BOTH, OF_SURROGATE, ahead_of_surrogate
from auditor.evidence import linear
from auditor.evidence.naive_bayes import damped_counts
from auditor.evidence.proxy import random_folds
from auditor.evidence.tokens import tokenise
from auditor.model import LearningCurve, LearningPoint, Share
from tests.lots import numbered

N, CLASSES = 600, 3


@pytest.fixture(scope="module")
def filed():
    """Texts of forty words, five of their class; which terms are words, classes (n,), folds and lots."""
    rng = np.random.default_rng(3)
    codes = rng.integers(CLASSES, size=N).astype(np.int32)
    own = np.array([[f"w{code}x{word}" for word in range(60)] for code in range(CLASSES)])
    common = np.array([f"common{word}" for word in range(400)])
    texts = [" ".join([*rng.choice(own[code], 5), *rng.choice(common, 35)]) for code in codes]
    lots = numbered(N)
    tokens = tokenise(pl.Series(texts))
    return damped_counts(tokens), tokens.is_word, codes, random_folds(lots), lots


def curve(*points: tuple[int, float]) -> LearningCurve:
    return LearningCurve(tuple(LearningPoint(rows, right, right, right) for rows, right in points), ())


def test_it_is_held_to_the_same_rows(filed):
    texts, is_word, codes, folds, lots = filed
    knows_all = linear.ahead(texts, is_word, codes, CLASSES, folds, codes, None, lots)
    knows_none = linear.ahead(texts, is_word, codes, CLASSES, folds, (codes + 1) % CLASSES, None, lots)
    assert knows_all.value <= 0 < 0.8 < knows_none.value
    assert knows_none.value - knows_all.value == pytest.approx(1)
    assert 0 < knows_none.error < 0.02


def test_other_names_and_another_order_of_classes_change_nothing(filed):
    texts, is_word, codes, folds, lots = filed
    renamed = np.array([2, 0, 1], np.int32)[codes]
    found = linear.ahead(texts, is_word, codes, CLASSES, folds, np.zeros_like(codes), None, lots)
    again = linear.ahead(texts, is_word, renamed, CLASSES, folds, np.full_like(codes, 2), None, lots)
    assert again == found


def test_of_more_than_is_affordable_a_size_of_the_curve_is_taken(filed, monkeypatch):
    texts, is_word, codes, folds, lots = filed
    cells = texts[:, np.flatnonzero(is_word)].nnz * CLASSES
    monkeypatch.setattr(linear, "MAX_CELLS", cells // 3)
    monkeypatch.setattr(linear, "LEAST_ROWS", 150)
    found = linear.ahead(texts, is_word, codes, CLASSES, folds, codes, curve((100, 0.5), (190, 0.6), (400, 0.9)), lots)
    assert 0.1 < found.value < 0.4
    assert 0.01 < found.error < 0.1
    monkeypatch.setattr(linear, "LEAST_ROWS", 195)
    assert linear.ahead(texts, is_word, codes, CLASSES, folds, codes, curve((100, 0.5), (190, 0.6)), lots) is None


@pytest.mark.parametrize("known", [None, curve((400, 0.9))])
def test_where_no_size_is_affordable_nothing_is_measured(filed, monkeypatch, known):
    texts, is_word, codes, folds, lots = filed
    monkeypatch.setattr(linear, "MAX_CELLS", 1_000)
    assert linear.ahead(texts, is_word, codes, CLASSES, folds, codes, known, lots) is None


def test_of_ten_rows_a_class_nothing_is_measured(filed):
    texts, is_word, codes, folds, lots = filed
    assert linear.ahead(texts, is_word, codes, N // 10, folds, codes, None, lots) is None
    assert linear.ahead(texts, is_word, codes, N // 10 - 1, folds, codes, None, lots) is not None


@pytest.mark.parametrize("empty", [0, 1, 4])
def test_a_fold_that_a_large_group_leaves_empty_is_passed_over(filed, empty):
    texts, is_word, codes, folds, lots = filed
    grouped = np.where(folds == empty, (empty + 1) % 5, folds).astype(np.int8)
    found = linear.ahead(texts, is_word, codes, CLASSES, grouped, codes, None, lots)
    assert -0.2 < found.value <= 0
    alone = np.full_like(folds, 2)
    assert linear.ahead(texts, is_word, codes, CLASSES, alone, codes, None, lots) is None


def test_rows_of_one_class_are_all_filed_there(filed):
    texts, is_word, codes, folds, lots = filed
    one = np.zeros_like(codes)
    assert linear.ahead(texts, is_word, one, 1, folds, one, None, lots).value == 0


def test_an_ordinary_classifier_is_the_mean_of_both_or_like_the_surrogate():
    both, alone, apart = (ahead_of_surrogate(each) for each in (Share(0.04, 0.02), None, Share(-0.12, 0.02)))
    assert (both.value, both.choice, both.error) == pytest.approx((0.02 + OF_BOTH[0], OF_BOTH[1], 0.01))
    assert (alone.value, alone.choice, alone.error) == (*OF_SURROGATE, 0.0)
    assert both.choice < alone.choice < apart.choice
