"""Intervals of shares: of one's own, and of what others get of such records."""

from __future__ import annotations

import pytest

from auditor.estimators.curve import doubling_error
from auditor.estimators.intervals import share_estimate, share_of_others


def test_where_others_neither_lead_nor_differ_it_is_the_interval_of_the_share():
    own, others = share_estimate(70, 100, ""), share_of_others(70, 100, "", ahead=0.0, spread=0.0)
    assert (others.value, others.low, others.high) == pytest.approx((own.value, own.low, own.high))


def test_of_many_records_it_is_the_spread_of_others_about_their_lead():
    found = share_of_others(7_000_000, 10_000_000, "", ahead=0.02, spread=0.04)
    assert (found.low, found.high) == pytest.approx((0.72 - 1.645 * 0.04, 0.72 + 1.645 * 0.04), abs=1e-3)


@pytest.mark.parametrize(("right", "ahead"), [(0, 0.02), (100, 0.02), (70, 0.3), (70, -0.3)])
def test_the_share_lies_inside_and_the_interval_between_none_and_all(right, ahead):
    found = share_of_others(right, 100, "", ahead, spread=0.01)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_what_twice_the_records_add_is_known_more_closely_of_more_records_as_far_as_that_was_measured():
    few, more, measured_to, many = map(doubling_error, (1_000, 4_000, 10_000, 1_000_000))
    assert (few, many) == pytest.approx((2 * more, measured_to))
