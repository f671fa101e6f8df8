"""Which classes are named as taken for one another."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.estimators.confusion import beyond_chance


@pytest.mark.parametrize(
    ("errors", "rows", "named"),
    [
        (60, 200, [(0, 1)]),  # a third, surely more than a tenth
        (25, 200, []),  # an eighth may be a tenth
        (6, 20, []),  # a third of few records may be a tenth
        (28, 30, [(0, 1)]),
        (0, 200, []),
    ],
)
def test_a_pair_is_named_where_surely_more_than_a_tenth_of_the_class_is_taken_for_the_other(errors, rows, named):
    counted = np.ones((8, 8), np.int64)
    counted[0, 1] = errors
    assert beyond_chance(counted, np.full(8, rows), family_error=0.01, rate=0.1) == named


def test_errors_that_sizes_explain_name_no_pair_and_the_most_come_first():
    assert beyond_chance(np.full((9, 9), 40), np.full(9, 100), family_error=0.01, rate=0.1) == []
    two = np.ones((9, 9), np.int64)
    two[3, 4], two[5, 6] = 90, 150
    assert beyond_chance(two, np.full(9, 200), family_error=0.01, rate=0.1) == [(5, 6), (3, 4)]
