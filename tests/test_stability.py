"""What the backtest's matrix is turned into: forecasts, the decay's parts, the cadence, and what became of classes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from auditor.estimators.ageing import AGEING
from auditor.estimators.changes import changes, growth, in_force
from auditor.estimators.churn import ClassEvent, Event, Flow, MonthlyCounts
from auditor.estimators.decay import DECAY_SPLIT
from auditor.estimators.forecast import FORECAST, PRIOR_ERROR, accuracy_ahead, expected, forecast
from auditor.estimators.redefinition import redefinitions
from auditor.estimators.retraining import RETRAINING
from auditor.evidence import given
from auditor.evidence.given import STRAY_DATES
from auditor.evidence.periods import PERIODS
from auditor.evidence.redefinition import between
from auditor.inputs.taxonomy import Entry
from auditor.model import ClassChange
from benchmarks.nonsense import calendar_alone
from tests.checking import checked
from tests.exports import export

NAN = float("nan")


def matrix(level, loss=0.0, periods=12):
    """Models lose ``loss`` a period; ``level`` (P,) is what a fresh one gets in each period."""
    levels = np.broadcast_to(np.asarray(level, float), periods)
    cells = np.full((periods, periods), NAN)
    for i in range(periods):
        for j in range(i + 1, periods):
            cells[i, j] = levels[j] - loss * (j - i - 1)
    return cells


ROWS = np.full(12, 500)


def test_a_longer_steady_past_narrows_the_interval():
    found = forecast(matrix(0.8), ROWS, 6, 6)
    assert found.value == pytest.approx(0.8)
    assert found.mean_error == pytest.approx(0, abs=1e-12)
    few = forecast(matrix(0.8, periods=4), ROWS[:4], 6, 6)
    assert 0.02 < found.high - found.value < few.high - few.value < 0.1


def test_the_older_the_model_gets_the_less_is_expected():
    assert expected(matrix(0.8, loss=0.02), 11, 1, 6) == pytest.approx(0.8)
    assert expected(matrix(0.8, loss=0.02), 11, 3, 6) == pytest.approx(0.78)


def test_recent_periods_weigh_more():
    assert 0.6 < expected(matrix([0.8] * 8 + [0.6] * 4), 11, 1, 6) < 0.66


def test_a_past_that_jumps_widens_the_interval():
    jumps = np.where(np.arange(12) % 4 < 2, 0.9, 0.7)
    found = forecast(matrix(jumps), ROWS, 6, 6)
    calm = forecast(matrix(0.8), ROWS, 6, 6)
    assert found.mean_error > 0.07
    assert found.value - found.low > 1.5 * (calm.value - calm.low)


def test_a_restless_present_counts_for_more_than_a_calm_past():
    calm_then_restless = np.array([0.8] * 8 + [0.65, 0.8, 0.65, 0.8])
    present, past = (forecast(matrix(each), ROWS, 6, 6) for each in (calm_then_restless, calm_then_restless[::-1]))
    assert present.high - present.low > 1.2 * (past.high - past.low)


def test_with_no_earlier_forecast_the_interval_is_that_of_other_histories():
    one = forecast(matrix(0.8, periods=2), ROWS[:2], 12, 6)
    assert (one.value, one.errors, one.mean_error, one.months) == (0.8, 0, None, 12)
    assert one.high - one.low == pytest.approx(2 * 2.132 * PRIOR_ERROR, abs=0.001)
    assert forecast(np.full((3, 3), NAN), ROWS[:3], 12, 6) is None


def test_a_window_weighs_its_periods_by_rows_and_must_be_over():
    cells = matrix([0.5, 0.5, 0.9, 0.6], periods=4)
    assert accuracy_ahead(cells, np.array([1, 1, 300, 100]), 1, 2) == pytest.approx(0.825)
    assert np.isnan(accuracy_ahead(cells, ROWS[:4], 2, 2))


@pytest.mark.parametrize("seed", range(3))
def test_intervals_cover_the_next_window_of_a_past_that_wanders(seed):
    rng = np.random.default_rng(seed)
    covered = []
    for _ in range(150):
        cells = matrix(0.7 + rng.normal(0, 0.05, 14), loss=0.01, periods=14)
        found = forecast(cells[:13, :13], np.full(13, 500), 6, 6)
        covered.append(found.low <= cells[12, 13] <= found.high)
    assert 0.84 <= np.mean(covered) <= 0.98


@pytest.mark.slow
def test_names_that_move_on_set_a_cadence(steps):
    moves = [
        {
            "do": "set",
            "column": "label",
            "value": f"{name} {year}",
            "where": {"label": name, "since": date(year, month, 1)},
        }
        for name, year, month in (
            ("billing", 2022, 9),
            ("coverage", 2023, 4),
            ("records", 2023, 11),
            ("provider", 2024, 6),
        )
    ]
    found = steps(export(3_000, plant=moves))
    assert found[RETRAINING].every_months < 12
    assert 0 < found[RETRAINING].labels_each < 1_500


@pytest.mark.slow
def test_labels_that_trade_places_cost_a_model_and_are_the_rest_of_the_decay(steps):
    swap = [
        {"do": "set", "column": "label", "value": "moved", "where": {"label": "billing", "since": date(2023, 7, 1)}},
        {"do": "set", "column": "label", "value": "billing", "where": {"label": "coverage", "since": date(2023, 7, 1)}},
    ]
    found = steps(export(2_400, plant=swap))
    split = found[DECAY_SPLIT]
    assert split.total == pytest.approx(split.new_classes + split.moved_priors + split.wording_and_rest)
    assert found[AGEING].loss(6) > 0.05
    calm = steps(export(2_400))
    assert calm[RETRAINING].every_months is None
    assert calm[RETRAINING].labels_each is None
    assert abs(calm[DECAY_SPLIT].total) < 0.02


def test_a_born_class_is_the_part_of_new_classes(steps):
    born = [{"do": "drop", "where": {"label": "billing", "until": date(2024, 7, 1)}}]
    split = steps(export(2_400, plant=born))[DECAY_SPLIT]
    assert split.new_classes > 0.02
    assert abs(split.wording_and_rest) < 0.02


MONTHS = tuple(date(2020 + month // 12, month % 12 + 1, 1) for month in range(48))
NAMES = ("a", "b", "c", "d")


def counts(**changed) -> MonthlyCounts:
    """100 rows a month for each of a to d, but for the classes given: their rows in each month."""
    table = np.full((48, 4), 100)
    for name, series in changed.items():
        table[:, NAMES.index(name)] = series
    return MonthlyCounts(MONTHS, table)


def gone(code, at=30):
    return ClassEvent(code, Event.DIED, MONTHS[at], 1000)


def new(code, at=30):
    return ClassEvent(code, Event.BORN, MONTHS[at], 1000)


def moved(event, source, target, share):
    return Flow(event, source, target, 100, share)


UNTIL, SINCE = [100] * 30 + [0] * 18, [0] * 30 + [100] * 18


@pytest.mark.parametrize(
    ("events", "flows", "monthly", "expected"),
    [
        ((gone(0), new(1)), (moved(Event.DIED, 0, 1, 0.9),), counts(), {("a", "renamed", ("b",))}),
        ((gone(0),), (moved(Event.DIED, 0, 1, 0.9),), counts(), {("a", "merged", ("b",))}),
        (
            (gone(0), gone(2), new(1)),
            (moved(Event.DIED, 0, 1, 0.9), moved(Event.DIED, 2, 1, 0.9)),
            counts(),
            {("a", "merged", ("b",)), ("c", "merged", ("b",))},
        ),
        (
            (gone(0), new(1), new(2)),
            (moved(Event.DIED, 0, 1, 0.45), moved(Event.DIED, 0, 2, 0.4)),
            counts(),
            {("a", "split", ("b", "c")), ("b", "born", ()), ("c", "born", ())},
        ),
        (
            (new(1),),
            (moved(Event.BORN, 0, 1, 0.8),),
            counts(a=[200] * 30 + [100] * 18, b=SINCE),
            {("b", "split", ("a",))},
        ),
        ((new(1),), (moved(Event.BORN, 0, 1, 0.8),), counts(b=SINCE), {("b", "born", ("a",))}),
        ((gone(0),), (), counts(a=UNTIL), {("a", "died", ())}),
    ],
    ids=["renamed", "merged into an old one", "merged into a new one", "split up", "split off", "born", "died"],
)
def test_what_became_of_a_class(events, flows, monthly, expected):
    found = changes(NAMES, events, flows, monthly)
    assert {(each.label, each.kind, each.others) for each in found} == expected
    assert {each.month for each in found} == {MONTHS[30]}


def test_a_class_that_pauses_comes_back():
    found = changes(NAMES, (), (), counts(c=[100] * 10 + [0] * 8 + [100] * 30))
    assert [(each.label, each.kind, each.month) for each in found] == [
        ("c", "dormant", MONTHS[10]),
        ("c", "returned", MONTHS[18]),
    ]


def test_months_that_one_class_fills_are_no_pause_of_the_others():
    flood = counts(**{name: [100] * 10 + [0] * 8 + [100] * 30 for name in "bcd"})
    assert changes(NAMES, (), (), flood) == ()


def test_a_class_of_one_season_is_not_one_that_pauses():
    season = [100 if 5 <= month % 12 <= 7 else 0 for month in range(48)]
    found = changes(NAMES, (), (), counts(c=season))
    assert [(each.label, each.kind, each.month.month) for each in found] == [("c", "seasonal", 6)]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_told_of_draws_in_which_nothing_happens(seed):
    drawn = np.random.default_rng(seed).poisson([40, 10, 3, 0.7], (48, 4))
    assert changes(NAMES, (), (), MonthlyCounts(MONTHS, drawn)) == ()


def test_the_taxonomy_dates_what_it_knows():
    entries = (
        Entry("A", "", None, datetime(2022, 5, 31)),
        Entry("b", "", datetime(2022, 6, 1), None),
        Entry("c", "", datetime(2010, 1, 1), None),
    )
    events, given = in_force((gone(0, at=31),), NAMES, counts(), entries)
    assert {(each.code, each.event, each.month) for each in events} == {
        (0, Event.DIED, date(2022, 5, 1)),
        (1, Event.BORN, date(2022, 6, 1)),
    }
    told = changes(NAMES, events, (), counts(), given)
    assert {each.source for each in told} == {"taxonomy"}


def test_hard_quarters_are_no_age():
    found = calendar_alone()
    slope, error = found.by_age
    assert found.a_month > 0.005
    assert abs(slope) < 2 * error < 0.01


def test_the_next_class_is_due_after_the_mean_time_between_births():
    births = tuple(ClassChange(name, "born", MONTHS[20], (), 100, "records") for name in "ab")
    found = growth(births, counts(a=SINCE, b=SINCE))
    assert (found.first, found.last, found.born_per_year) == (2, 4, 0.5)
    assert found.next_due.year == 2025
    assert growth((), counts()).next_due is None


def test_copies_of_one_text_are_no_change_of_definition():
    rng, rows, copies = np.random.default_rng(0), 400, 40
    codes = np.concatenate([np.zeros(copies), rng.random(rows) < 0.05]).astype(np.int32)
    probabilities = np.tile(np.array([0.95, 0.05, 0], np.float32), (rows + copies, 1))
    probabilities[:copies] = 0.7, 0.3, 0
    days = np.concatenate([np.zeros(copies, int), np.arange(rows) * 3])
    times = pl.Series([datetime(2022, 1, 1) + timedelta(days=int(day)) for day in days])
    periods = (days // 91).astype(np.int32)
    one_text = np.concatenate([np.zeros(copies), np.arange(1, rows + 1)]).astype(np.int64)
    (alike,), (apart,) = (
        redefinitions(between(codes, probabilities, times, periods, texts, ()))
        for texts in (one_text, np.arange(rows + copies))
    )
    assert alike.p > 0.05 > apart.p


def dated(frame: pl.DataFrame, days) -> pl.DataFrame:
    return frame.with_columns(day=pl.Series(days))


def outcomes(found):
    codes = tuple(f"STA00{number}" for number in range(1, 9))
    told, estimates = checked(found, select=codes)
    return {each.code: each for each in told if each.code in codes}, estimates


@pytest.mark.parametrize("codes", [{"STA001", "STA002", "STA003", "STA005", "STA006", "STA007", "STA008"}])
def test_one_date_for_all_is_no_time(steps, codes):
    told, _ = outcomes(steps(dated(export(400), ["2024-05-01"] * 400)))
    assert {code for code, each in told.items() if each.findings} == set()
    assert {each.outcome.value for code, each in told.items() if code in codes - {"STA003"}} == {"not_applicable"}


def test_placeholders_do_not_stretch_the_periods(steps):
    frame = export(2_000)
    days = frame["day"].to_list()
    days[:20], days[20:40] = [date(1900, 1, 1)] * 20, [date(2099, 12, 31)] * 20
    found = steps(dated(frame, days))
    assert found[STRAY_DATES] == 40
    assert found[PERIODS].calendar.names[0].startswith("2022")
    assert found[PERIODS].calendar.names[-1].startswith("2024")
    assert (found[PERIODS].codes[-40:] == -1).all()


def test_a_second_era_of_records_is_not_stray(steps):
    frame = export(1_000)
    days = [day.replace(year=day.year - 12) if row < 300 else day for row, day in enumerate(frame["day"])]
    assert steps(dated(frame, days))[STRAY_DATES] == 0


@pytest.mark.slow
def test_years_alone_are_compared_by_year_and_have_no_months(steps):
    found = steps(dated(export(3_000), [str(2015 + row % 6) for row in range(3_000)]))
    told, _ = outcomes(found)
    assert found[PERIODS].calendar.unit == "year"
    assert {code for code, each in told.items() if each.findings} == set()
    assert told["STA007"].outcome.value == "not_applicable"


def test_two_time_zones_are_one_time(steps):
    frame = export(600)
    spelled = [f"{day}T12:00:00+{'02:00' if row % 2 else '00:00'}" for row, day in enumerate(frame["day"])]
    found = steps(dated(frame, spelled))
    assert found[given.ROWS]["time"].null_count() == 0
    assert set(found[given.ROWS]["time"].dt.hour()) == {10, 12}


@pytest.mark.slow
def test_dates_missing_at_random_leave_the_forecast_where_it_was(steps):
    frame = export(3_000)
    blank = np.random.default_rng(0).random(3_000) < 0.4
    some = dated(frame, [None if gone else day for gone, day in zip(blank, frame["day"], strict=True)])
    whole, part = (steps(each)[FORECAST] for each in (frame, some))
    assert part.value == pytest.approx(whole.value, abs=0.03)


def test_an_order_without_dates_is_no_drift(steps):
    """Exports are sorted by class at times; rows of one date must not be cut in two."""
    frame = export(900).sort("label")
    days = [date(2022 + row % 3, 1, 1) for row in range(900)]
    told, _ = outcomes(steps(dated(frame, days)))
    assert not told["STA002"].findings
