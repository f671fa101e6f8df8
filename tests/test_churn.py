"""Classes that are born, die and move, month by month, and draws in which nothing happens."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from auditor.estimators.churn import CLASS_EVENTS, FLOWS, Event, MonthlyCounts, class_events
from auditor.evidence.churn import monthly_counts
from auditor.evidence.classes import CLASSES
from tests.exports import export

MONTHS = tuple(date(2020 + month // 12, month % 12 + 1, 1) for month in range(48))
AT = 30


def drawn(seed: int = 0, rows: float = 400, k: int = 12) -> np.ndarray:
    """Stationary Poisson counts (months, classes) with Zipf-like class shares."""
    shares = 1 / np.arange(1, k + 1)
    return np.random.default_rng(seed).poisson(rows * shares / shares.sum(), (len(MONTHS), k))


def events(counts) -> set[tuple[int, str, date]]:
    return {(each.code, each.event.value, each.month) for each in class_events(MonthlyCounts(MONTHS, counts))}


def born(counts):
    counts[:AT, 3] = 0


def died(counts):
    counts[AT:, 3] = 0


def renamed(counts):
    counts[AT:, 4] = counts[AT:, 3]
    counts[:AT, 4] = 0
    counts[AT:, 3] = 0


def merged(counts):
    counts[AT:, 4] = counts[AT:, 2] + counts[AT:, 3]
    counts[:AT, 4] = 0
    counts[AT:, 2:4] = 0


def dwindled(counts):
    counts[AT:, 3] = counts[AT:, 3] // 2


def nearly_died(counts):
    counts[AT:, 3] = 0
    counts[AT + 4, 3] = 2


def seldom(counts):
    counts[:, 3] = 0
    counts[AT : AT + 5, 3] = 1


def quiet_month(counts):
    counts[AT] = 0


def flooded(counts):
    counts[AT:, 0] *= 60


def flooded_at_first(counts):
    counts[:AT, 0] *= 60


def born_after_a_gap(counts):
    counts[AT - 3 : AT] = 0
    counts[:AT, 3] = 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (born, {(3, "born")}),
        (died, {(3, "died")}),
        (renamed, {(3, "died"), (4, "born")}),
        (merged, {(2, "died"), (3, "died"), (4, "born")}),
        (nearly_died, {(3, "died")}),
        (dwindled, set()),
        (seldom, set()),
        (quiet_month, set()),
        (flooded, set()),
        (flooded_at_first, set()),
        (born_after_a_gap, {(3, "born")}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_events_are_dated_to_the_month(change, expected):
    counts = drawn()
    change(counts)
    assert events(counts) == {(code, event, MONTHS[AT]) for code, event in expected}


@pytest.mark.parametrize("seed", range(30))
def test_nothing_happens_in_stationary_draws(seed):
    assert events(drawn(seed)) == set()
    assert events(drawn(seed, rows=60, k=30)) == set()


def test_more_rows_in_all_classes_are_no_event():
    counts = drawn()
    counts[AT:] *= 10
    assert events(counts) == set()


def test_months_without_rows_stay_as_zeros():
    times = pl.Series([date(2024, 1, 5), date(2024, 3, 1), None, date(2024, 3, 31)]).cast(pl.Datetime("us"))
    found = monthly_counts(times, np.array([0, 1, 1, 1], np.int32), 2)
    assert found.months == (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1))
    assert found.counts.tolist() == [[1, 0], [0, 0], [0, 2]]


def moved(label: str, to: str, since: date) -> dict:
    return {"do": "set", "column": "label", "value": to, "where": {"label": label, "since": since}}


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        ([moved("billing", "charges", date(2024, 2, 1))], {("billing", "charges")}),
        (
            [moved("billing", "office", date(2024, 2, 1)), moved("records", "office", date(2024, 2, 1))],
            {("billing", "office"), ("records", "office")},
        ),
        ([{"do": "drop", "where": {"label": "billing", "since": date(2024, 2, 1)}}], set()),
        ([], set()),
    ],
    ids=["renamed", "merged", "gone for good", "nothing"],
)
def test_the_texts_of_a_dead_class_are_followed(steps, plant, expected):
    found = steps(export(1_200, plant=plant))
    names = found[CLASSES].names
    assert {(names[flow.source], names[flow.target]) for flow in found[FLOWS]} == expected
    assert all(flow.share > 0.9 for flow in found[FLOWS] if flow.event is Event.DIED)


def test_undated_rows_count_for_no_event(steps):
    frame = export(1_200, plant=[{"do": "drop", "where": {"label": "billing", "until": date(2024, 2, 1)}}])
    late = frame.filter(pl.col("label") == "billing")
    undated = late.with_columns(day=None, claim=pl.col("claim") + "u").cast(dict(frame.schema))
    found = steps(pl.concat([frame, undated]))[CLASS_EVENTS]
    assert [(each.event.value, each.month) for each in found] == [("born", date(2024, 2, 1))]
    assert found[0].month - timedelta(days=1) < late["day"].min()
