"""Whatever an audit sums over rows: parts add up to the whole, to the last bit, however the rows are split."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.evidence.agreement import added
from auditor.evidence.churn import monthly_counts
from auditor.evidence.counted import crossed
from auditor.evidence.duplicate_classes import SideRows, filed
from auditor.evidence.grid import LEVELS, Gridded
from auditor.evidence.moments import EXACT_ROWS, class_sums, moments_of
from auditor.evidence.naive_bayes import class_counts

ROWS, K, WIDTH = 2 * EXACT_ROWS + 300, 5, 9
RNG = np.random.default_rng(0)
CODES = RNG.integers(K, size=ROWS).astype(np.int32)
OTHER = RNG.integers(3, size=ROWS)
PHI = Gridded(
    RNG.integers(-LEVELS, LEVELS + 1, (ROWS, WIDTH)).astype(np.int8), np.float32(2.0) ** RNG.integers(-9, -3, WIDTH)
)
# Counts of eighths, so that float32 holds their sums.
TEXTS = sp.csr_matrix(RNG.integers(-20, 9, (ROWS, 40)).clip(0).astype(np.float32) / 8)
DAYS = pl.Series([datetime(2024, 1, 1) + timedelta(days=int(day)) for day in RNG.integers(900, size=ROWS)])
# Three at most, so that what is divided by one less of them has no rounding.
LABELS = RNG.multinomial(RNG.integers(4, size=ROWS), np.full(K, 1 / K))
MONTHS = pl.date_range(datetime(2024, 1, 1), datetime(2026, 6, 30), "1mo", eager=True).to_list()


def by_month(rows: np.ndarray) -> np.ndarray:
    found = monthly_counts(DAYS[rows], CODES[rows], K)
    of = dict(zip(found.months, found.counts, strict=True))
    return np.stack([of.get(month, np.zeros(K, int)) for month in MONTHS])


def labels_given(rows: np.ndarray) -> np.ndarray:
    """Each row stands for a record with labels of its own."""
    votes = added(LABELS[rows], annotators=3)
    return np.array([votes.items, *votes.by_class, votes.pairs, votes.equal, votes.unequal, votes.beside])


SUMS = {
    "products of features": lambda rows: moments_of(PHI, CODES, rows, K).gram,
    "features by class, with the products": lambda rows: moments_of(PHI, CODES, rows, K).cross,
    "features by class": lambda rows: class_sums(PHI, CODES, rows, K),
    "terms by class": lambda rows: class_counts(TEXTS, CODES, rows, K).toarray(),
    "rows by two codes": lambda rows: crossed(CODES[rows], OTHER[rows], K, 3),
    "rows by month and class": by_month,
    "rows by side and class": lambda rows: filed(SideRows(None, "", OTHER[rows] == 1), CODES[rows], K),
    "labels by several people": labels_given,
}


@pytest.mark.parametrize("name", SUMS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), parts=st.integers(2, 9))
def test_the_sum_of_all_rows_is_that_of_its_parts(name, seed, parts):
    of = SUMS[name]
    part = np.random.default_rng(seed).integers(parts, size=ROWS)
    rows = [np.flatnonzero(part == number) for number in range(parts)]
    np.testing.assert_array_equal(sum(of(each) for each in rows), of(np.random.default_rng(seed).permutation(ROWS)))
