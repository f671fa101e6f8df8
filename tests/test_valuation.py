"""What the ways net, worked out by hand; and every figure beside the answer says what the sum says there."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from auditor.interval import Z_90
from auditor.judge.behind import assumptions
from auditor.judge.decision import known, rule
from auditor.judge.decision_map import decision_map
from auditor.judge.draws import Draws, draw, right_on_truth, with_floor
from auditor.judge.ranges import break_even, turns
from auditor.judge.routes import routed
from auditor.judge.valuation import judged
from auditor.judge.value import Line, Stakes, best_way, tried, worth_of_sheet
from auditor.judge.way_values import level_of, today, way_value
from auditor.model import (
    Age,
    Answers,
    ClassRoute,
    ClassRow,
    Decision,
    LabelFacts,
    Route,
    Share,
    SheetWorth,
    StepKind,
    Tried,
    Tuning,
    Way,
)
from auditor.prices import ASSUMED, MEASURED, PRICES, SET, prices
from reports import text
from tests.test_judge import FACTS, LAWS, NOISY, NOTHING, WEAK_AT_ONE, decide, one_class, prompted

PROMPT, ORDINARY, TUNED = Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED
CERTAIN = prices({})
AT_STAKE = {"monthly_volume": 1_000_000.0, "error_cost": 1.0}
BEATEN = replace(FACTS, prompt=prompted(0.78))
TRIED = replace(
    FACTS, trained=Answers(500, Share(0.9, 0.01), Share(-0.03, 0.01)), trial=Tried(2_000, 110_000_000, Tuning.CUT)
)


def known_at(facts=FACTS, **given):
    return known(facts, AT_STAKE | given, LAWS)


def valued(facts=FACTS, /, **given):
    return judged(facts, AT_STAKE | given, laws=LAWS).valuation


def nets(valuation):
    """What each way nets a month."""
    return {each.way: each.net.value for each in valuation.ways}


def over_prompt(valuation):
    """What the better trained way nets over prompting a month."""
    net = nets(valuation)
    return max(net[ORDINARY], net[TUNED]) - net[PROMPT]


# The sum.


def test_a_way_nets_its_right_answers_less_what_it_costs():
    # 24 months of 1,000 records; an error costs 2.
    stakes = Stakes(24, 1_000, 2)
    way = Line(PROMPT, np.array([0.5, 1.0]), np.zeros(2), np.array([100.0, 300.0]), np.array([0.01, 0.02]), 24_000, 24)
    assert stakes.worth == 48_000
    assert way.cost.tolist() == [100 + 240, 300 + 480]
    assert way.net(stakes.worth).tolist() == [24_000 - 340, 48_000 - 780]


def test_the_best_way_is_the_one_that_is_expected_to_net_most():
    def way(kind, *right):
        return Line(kind, np.array(right), np.zeros(2), np.zeros(2), np.full(2, 0.1), 10, 12)

    found = {ORDINARY: way(ORDINARY, 0.6, 0.6), TUNED: way(TUNED, 0.2, 0.9), PROMPT: way(PROMPT, 0.5, 0.75)}
    assert best_way(found, 100.0) is PROMPT


@pytest.mark.parametrize(
    ("way", "months", "every", "cadences"),
    [
        (ORDINARY, 24, None, [1, 2, 3, 6, 12, 24]),
        (TUNED, 24, None, [1, 2, 3, 6, 12, 24]),
        (TUNED, 6, None, [1, 2, 3, 6]),
        (TUNED, 5, None, [1, 2, 3]),
        (TUNED, 0.5, None, [0.5]),
        # What a person sets is that of the fine-tuned model.
        (TUNED, 24, 4, [4]),
        (ORDINARY, 3, 4, [1, 2, 3]),
        # Nobody trains a prompt.
        (PROMPT, 24, 4, [24]),
    ],
)
def test_a_trained_way_is_tried_at_each_cadence_within_the_horizon(way, months, every, cadences):
    drawn = draw(FACTS, LAWS, {}, 0, 10)
    assert [each.cadence for each in tried(way, drawn, FACTS, Stakes(months, 1_000, 1, every))] == cadences


def test_what_ages_fast_is_trained_often_where_that_is_cheap():
    fast = replace(FACTS, ageing=Age(0.0, 0.02, 1e-6, 1e-9, 0.0, 24.0))
    still = replace(FACTS, ageing=Age(0.0, 0.0, 1e-9, 1e-12, 0.0, 24.0))
    assert known_at(fast, retraining_hours=0.0, training_price=0.0).found[TUNED].cadence == 1
    assert known_at(still).found[TUNED].cadence == 24
    assert known_at(fast, retraining_every_months=6.0).found[TUNED].cadence == 6


@pytest.mark.parametrize("change", [{"monthly_volume": 2e6}, {"error_cost": 2.0}])
def test_twice_the_volume_or_the_cost_of_an_error_doubles_what_right_answers_are_worth(change):
    free = dict.fromkeys((*PRICES, "handling_price"), 0.0)
    once, twice = (valued(BEATEN, **free, **more) for more in ({}, change))
    assert nets(twice) == pytest.approx({way: 2 * net for way, net in nets(once).items()})
    assert twice.net_a_month.value == pytest.approx(2 * once.net_a_month.value)


def test_twice_the_volume_doubles_what_answers_cost_and_nothing_that_is_fixed():
    ways = [known_at(monthly_volume=volume, retraining_every_months=12.0).found for volume in (0.0, 1e3, 2e3)]
    for way in (PROMPT, TUNED):
        none, once, twice = (each[way].cost.mean() for each in ways)
        assert 0 < once - none == pytest.approx(twice - once)


def test_todays_handling_is_as_right_as_the_labels_and_paid_by_the_record():
    labels = LabelFacts(Share(0.1, 0.0), NOTHING, NOTHING, 0, Share(0.1, 0.0))
    today = valued(replace(FACTS, labels=labels), handling_price=0.4, months=12.0).ways[-1]
    assert (today.way, today.retrained_months) == (Way.TODAY, None)
    assert today.later.value == pytest.approx(0.9)
    assert today.cost == pytest.approx(0.4 * 12e6)
    assert today.net.value == pytest.approx(0.9e6 - 0.4e6)
    assert today.best == 0


def test_a_level_is_a_mean_and_the_middle_nine_tenths():
    found = level_of(np.arange(101.0), 7, 3)
    assert (found.value, found.low, found.high, found.rows, found.learnt) == (50, 5, 95, 7, 3)


def test_a_way_is_best_where_it_nets_more_than_each_other_one():
    now = known_at()
    given = {**AT_STAKE, "handling_price": 0.0}
    as_today = (1 - now.drawn.wrong) * now.stakes.worth
    same = replace(now, nets=dict.fromkeys(now.nets, as_today))
    assert (same.training_pays, same.tuning_pays, same.better_trained) == (0, 0, ORDINARY)
    assert [way_value(same, way).best for way in (PROMPT, ORDINARY, TUNED)] == [0, 0, 0]
    assert today(same, given)[0].best == 0
    most = as_today + np.where(np.arange(len(as_today)) % 4, 0, 1)
    ahead = replace(same, nets=same.nets | {TUNED: most})
    assert (ahead.training_pays, ahead.tuning_pays, ahead.better_trained) == (0.25, 0.25, TUNED)
    assert [way_value(ahead, way).best for way in (PROMPT, ORDINARY, TUNED)] == [0, 0, 0.25]


# What stands beside the answer.

THREE_WAYS = replace(FACTS, prompt=prompted(0.87))


def test_the_table_of_error_costs_says_what_the_sum_says_at_each():
    for row in valued(BEATEN).at_costs:
        there = valued(BEATEN, error_cost=row.error_cost)
        assert (row.best, row.training_pays) == (there.best, there.training_pays)
        assert row.net == pytest.approx(nets(there))


def test_the_way_changes_just_where_its_range_ends():
    ranges = valued(THREE_WAYS, monthly_volume=100_000.0).ranges
    assert [each.way for each in ranges] == [ORDINARY, TUNED]
    for before, after in pairwise(ranges):
        below, above = (
            valued(THREE_WAYS, monthly_volume=100_000.0, error_cost=before.high * by) for by in (0.999, 1.001)
        )
        assert (below.best, above.best) == (before.way, after.way)
        (way,) = (each for each in above.ways if each.way is after.way)
        assert after.retrained_months == way.retrained_months


def test_at_the_break_even_training_begins_to_pay():
    at = {"monthly_volume": 3_000.0, "error_cost": 1.0}
    found = valued(**at)
    for name, figure in (("monthly_volume", found.break_even_volume), ("error_cost", found.break_even_error_cost)):
        below, above = (over_prompt(valued(**at | {name: figure * by})) for by in (0.999, 1.001))
        assert below < 0 < above


def test_months_to_earn_a_first_training_back_are_counted_in_cents_too():
    """Set up for half, and 24 records of a tenth each."""
    given = dict.fromkeys(PRICES, 0.0) | {"hourly_rate": 1.0, "first_hours": 0.5, "ordinary_hours": 0.5}
    found = valued(BEATEN, **given, monthly_volume=1.0, error_cost=0.1)
    ways = {each.way: each for each in found.ways}
    saved = 0.1 * max(ways[way].later.value - ways[PROMPT].later.value for way in (ORDINARY, TUNED))
    assert 0 < 24 * saved < 0.5
    assert found.break_even_months == pytest.approx(0.5 / saved)
    assert valued(BEATEN, **given | {"first_hours": 0.0, "ordinary_hours": 0.0}).break_even_months is None


@pytest.mark.parametrize(
    ("facts", "dear", "expected"),
    [
        (BEATEN, ("prompt_hours", "prompt_upkeep_hours"), 0.0),
        (replace(FACTS, prompt=prompted(0.99)), ("first_hours", "ordinary_hours"), None),
    ],
)
def test_training_that_pays_at_any_volume_breaks_even_at_none_and_otherwise_nowhere(facts, dear, expected):
    found = valued(facts, **dict.fromkeys(dear, 1e6))
    assert (found.break_even_volume, found.break_even_error_cost) == (expected, expected)


def test_fine_tuning_nets_most_just_above_what_would_turn_it():
    at = {"monthly_volume": 3_000.0, "error_cost": 1.0}
    turns = judged(FACTS, at, laws=LAWS).turns
    for name, figure in (("monthly_volume", turns.volume_above), ("error_cost", turns.error_cost_above)):
        below, above = (valued(**at | {name: figure * by}).best for by in (0.999, 1.001))
        assert below is not TUNED
        assert above is TUNED


def test_a_prompt_measured_well_under_the_limit_leaves_it_to_fine_tuning_and_one_well_above_does_not():
    limit = judged(FACTS, AT_STAKE, laws=LAWS).turns.prompt_below
    under, above = (replace(FACTS, prompt=prompted(limit + by, rows=10**6)) for by in (-0.02, 0.02))
    assert valued(under).best is TUNED
    assert valued(above).best is PROMPT
    assert judged(under, AT_STAKE, laws=LAWS).turns.prompt_below is None


def test_where_all_ways_net_the_same_training_pays_nowhere():
    now = known_at(**dict.fromkeys(PRICES, 0.0))
    none = np.zeros_like(now.drawn.wrong)
    right = dict.fromkeys(now.nets, none + 0.8)
    alike = replace(now.drawn, true=right, at_once=none, a_month=none, prompt_loss=none)
    assert break_even(replace(now, drawn=alike)) == (None, None)


def test_a_prompt_that_gets_all_right_has_none_weaker_nor_stronger_beside_it():
    found = judged(replace(FACTS, prompt=prompted(1.0)), AT_STAKE, laws=LAWS)
    assert found.turns.prompt_below is None
    assert {digit for line in found.valuation.map.pays for digit in line} <= {"0", "3"}
    now = known_at()
    sure = replace(now.drawn, given={**now.drawn.given, PROMPT: np.full_like(now.drawn.wrong, 0.8)})
    assert now.measured is False
    assert turns(replace(now, drawn=sure)).prompt_below is None
    assert {digit for line in decision_map(replace(now, drawn=sure)).pays for digit in line} == {"0", "3"}


def test_the_map_counts_the_prompts_that_training_beats():
    """Ordinary and prompt cost nothing: where the classifier is further ahead than a prompt may be, it beats all."""
    found = valued(**dict.fromkeys(PRICES, 0.0)).map
    assert (found.volumes[0], found.volumes[-1], len(found.volumes)) == (100, pytest.approx(10**7), 31)
    assert (found.costs[0], found.costs[-1], len(found.costs)) == (pytest.approx(0.1), pytest.approx(1_000), 25)
    assert {digit for line in found.pays for digit in line} == {str(found.here)}


def test_each_bar_is_what_the_sum_comes_to_at_half_and_at_twice_the_figure():
    given = {**CERTAIN, **AT_STAKE, "retraining_every_months": 12.0}
    bars = valued(BEATEN, **given).moves
    effects = [abs(bar.at_double - bar.at_half) for bar in bars]
    assert len(bars) == 8
    assert effects == sorted(effects, reverse=True)
    assert {"error_cost", "monthly_volume", "hourly_rate"} <= {bar.key for bar in bars}
    for bar in bars:
        ends = (nets(valued(BEATEN, **given | {bar.key: by * given[bar.key]})) for by in (0.5, 2))
        assert (bar.at_half, bar.at_double) == pytest.approx([24 * (end[TUNED] - end[PROMPT]) for end in ends])


def test_what_moves_nothing_has_no_bar():
    free = dict.fromkeys(PRICES, 0.0)
    assert {bar.key for bar in valued(BEATEN, **free).moves} == {"error_cost", "monthly_volume"}


@pytest.mark.parametrize(
    ("given", "key", "value", "source"),
    [
        ({}, "error_cost", 1.0, ASSUMED),
        ({"error_cost": 5.0}, "error_cost", 5.0, SET),
        ({}, "months", 24.0, ASSUMED),
        ({}, "hourly_rate", 90.0, ASSUMED),
        ({"hourly_rate": 50.0}, "hourly_rate", 50.0, SET),
        ({}, "monthly_volume", 1_000.0, MEASURED),
        ({"monthly_volume": 7.0}, "monthly_volume", 7.0, SET),
        ({}, "training_rows", 10_000.0, MEASURED),
        ({"handling_price": 0.1}, "handling_price", 0.1, SET),
        ({}, "handling_price", None, None),
        ({}, "retraining_every_months", None, None),
    ],
)
def test_every_figure_of_the_sum_says_where_it_is_from(given, key, value, source):
    found = {each.key: (each.value, each.source) for each in assumptions(FACTS, given)}
    assert found.get(key, (None, None)) == (value, source)


@pytest.mark.parametrize(
    ("facts", "permitted", "said"),
    [
        (FACTS, True, []),
        (FACTS, False, ["nobody may train"]),
        (replace(FACTS, ageing=None), True, ["No dates"]),
        (replace(FACTS, prompt=prompted(0.4)), True, ["gets 40 % right, below what prompts reach"]),
        (replace(FACTS, prompt=prompted(0.78), vote=Share(0.95, 0.005)), True, ["below the 95 % of copying"]),
        (
            TRIED,
            True,
            ["stopped before its end"],
        ),
        (replace(FACTS, trial=Tried(2_000, 110_000_000, Tuning.CUT)), True, []),
    ],
)
def test_the_sum_says_what_it_had_to_assume(facts, permitted, said):
    found = list(map(text.message, judged(facts, AT_STAKE, laws=LAWS, permitted=permitted).valuation.notes))
    assert len(found) == len(said)
    assert all(part in note for part, note in zip(said, found, strict=True))


def test_a_figure_that_somebody_set_is_told_from_one_that_the_export_has():
    measured, stated = (judged(FACTS, given, laws=LAWS).valuation for given in ({}, AT_STAKE))
    assert (measured.monthly_volume, measured.volume_from) == (1_000, FACTS.volume_from)
    assert (stated.monthly_volume, stated.volume_from) == (1_000_000, "set in audit.toml")
    assert (measured.error_cost_set, stated.error_cost_set) == (False, True)


# What is drawn.


def test_a_price_lies_within_a_factor_of_two_and_one_that_is_set_is_certain():
    drawn = draw(FACTS, LAWS, {"hourly_rate": 50.0}, 0).price
    for key in ("input_price", "first_hours"):
        assert np.quantile(drawn[key], (0.05, 0.5, 0.95)) / PRICES[key].value == pytest.approx((0.5, 1, 2), rel=0.1)
    assert set(drawn["hourly_rate"]) == {50.0}


@pytest.mark.parametrize(
    ("right", "wrong", "expected"), [(0.76, 0.05, 0.8), (0.8, 0.0, 0.8), (0.95, 0.1, 0.995), (0.995, 0.0, 0.995)]
)
def test_mistakes_at_random_hide_how_right_a_classifier_is(right, wrong, expected):
    labels = LabelFacts(Share(wrong, 0.0), NOTHING, NOTHING, 0)
    assert right_on_truth(replace(FACTS, ordinary=Share(right, 0.003), labels=labels)) == pytest.approx(expected)


def test_the_ordinary_classifier_is_near_the_one_that_was_measured():
    drawn = draw(FACTS, LAWS, {}, 0)
    assert drawn.given[ORDINARY].mean() == pytest.approx(0.88, abs=0.001)
    assert drawn.given[ORDINARY].std() == pytest.approx(np.hypot(0.003, FACTS.choice), rel=0.05)


def test_a_sheet_says_how_many_labels_are_wrong():
    labels = LabelFacts(Share(0.05, 0.005), NOTHING, NOTHING, 0, Share(0.12, 0.005))
    drawn = draw(replace(FACTS, labels=labels), LAWS, {}, 0)
    assert drawn.wrong.mean() == pytest.approx(0.12, abs=0.001)


def test_without_a_sheet_one_export_in_five_has_mistakes_that_annotators_share():
    wrong = draw(FACTS, LAWS, {}, 0).wrong
    assert (wrong > 0).mean() == pytest.approx(0.2, abs=0.02)
    assert wrong[wrong > 0].mean() == pytest.approx(0.1, abs=0.01)
    assert wrong.max() <= 0.2


def test_a_trained_model_loses_by_its_age_and_a_prompt_part_of_what_change_takes():
    n = 2
    drawn = Draws(
        dict.fromkeys((PROMPT, ORDINARY, TUNED), np.full(n, 0.9)),
        dict.fromkeys((PROMPT, ORDINARY, TUNED), np.full(n, 0.8)),
        {}, np.full(n, 0.1), np.full(n, 0.02), np.full(n, 0.05), {}, *[np.zeros(n)] * 4,
    )  # fmt: skip
    # Half a year is the mean age of a model that is trained once a year.
    assert drawn.aged(TUNED, 12) == pytest.approx(0.8 - 0.1 - 0.02 * 6)
    assert drawn.aged(ORDINARY, 1) == pytest.approx(0.8 - 0.1 - 0.02 / 2)
    assert drawn.aged(PROMPT, 12) == pytest.approx(0.75)
    assert drawn.on_sheet(TUNED) == pytest.approx(0.7)
    assert drawn.aged(TUNED, 120) == pytest.approx(0.01)


def test_change_costs_a_prompt_between_none_and_all_of_what_it_costs_a_model():
    drawn = draw(replace(FACTS, ageing=Age(0.05, 0.0, 0.01, 1e-9, 0.0, 24.0)), LAWS, {}, 0)
    lost = drawn.at_once > 0
    assert 0.3 < lost.mean() < 0.95
    assert (drawn.prompt_loss[lost] >= 0).all()
    assert (drawn.prompt_loss[lost] <= drawn.at_once[lost]).all()
    assert drawn.prompt_loss[lost].mean() == pytest.approx(drawn.at_once[lost].mean() / 2, rel=0.1)
    assert (drawn.prompt_loss[~lost] == drawn.at_once[~lost]).all()


@pytest.mark.parametrize(
    ("ageing", "at_once", "a_month"),
    [
        # Of a loss that was seen six tenths come back; what is hardly known is shrunk towards none.
        (Age(0.1, 0.01, 1e-9, 1e-12, 0.0, 24.0), 0.06, 0.01),
        (Age(0.0, 0.01, 1e-9, 1e-5, 0.0, 24.0), 0.0, 0.007),
        (Age(0.0, 0.01, 1e-9, 1e-3, 0.0, 24.0), 0.0, 0.0),
        (None, 0.02, 0.001),
    ],
)
def test_age_costs_what_was_measured_or_what_dated_exports_show(ageing, at_once, a_month):
    drawn = draw(replace(FACTS, ageing=ageing), LAWS, {}, 0)
    assert drawn.at_once.mean() == pytest.approx(at_once, abs=0.003)
    assert drawn.a_month.mean() == pytest.approx(a_month, rel=0.05, abs=0.0015)


def test_classes_that_came_or_went_make_the_loss_less_sure():
    moving = replace(FACTS, by_class=(one_class("a", 0.5, churned=True), one_class("b", 0.5)))
    spread = [draw(facts, LAWS, {}, 0).at_once.std() for facts in (FACTS, moving)]
    assert spread == pytest.approx([1e-3, 0.2], rel=0.05)


def test_a_stronger_prompt_is_no_worse_than_the_weak_one_that_was_measured():
    before = draw(FACTS, LAWS, {}, 0)
    after = with_floor(before, prompted(0.85))
    assert after.given[PROMPT].min() == pytest.approx(0.85)
    ahead = before.given[PROMPT] > 0.85
    assert (after.given[PROMPT][ahead] == before.given[PROMPT][ahead]).all()
    assert (after.true[PROMPT] >= before.true[PROMPT]).all()


# What a fresh sheet is worth.


def on_sheet(ordinary, prompt):
    """An ensemble that neither age nor a price moves."""
    n, none = len(ordinary), np.zeros(len(ordinary))
    ways = {ORDINARY: ordinary, PROMPT: prompt, TUNED: ordinary}
    return Draws(ways, ways, dict.fromkeys(ways, none), none, none, none, {}, none, none, np.full(n, 0.9), none)


ORDINARY_RIGHT, PROMPT_RIGHT = np.random.default_rng(0).uniform(0.6, 0.9, (2, 2_000))
AHEAD = ORDINARY_RIGHT - PROMPT_RIGHT


@pytest.mark.parametrize(
    "over",
    [
        AHEAD,
        AHEAD**3,
        AHEAD**2 - 0.02,
        ORDINARY_RIGHT**2 - 0.56,
        (ORDINARY_RIGHT - 0.75) * AHEAD - 0.005,
    ],
    ids=["level", "cube", "square", "square of the classifier's", "both"],
)
def test_a_sheet_without_end_is_worth_what_knowing_all_is(over):
    known_all = np.maximum(over, 0).mean() - max(over.mean(), 0)
    found = worth_of_sheet(on_sheet(ORDINARY_RIGHT, PROMPT_RIGHT), {TUNED: over, PROMPT: 0 * over}, 10**12, 0)
    assert found == pytest.approx(known_all, rel=1e-3)


def test_a_larger_sheet_is_worth_more_and_one_that_turns_nothing_is_worth_nothing():
    drawn = on_sheet(ORDINARY_RIGHT, PROMPT_RIGHT)
    worth = [worth_of_sheet(drawn, {TUNED: AHEAD, PROMPT: 0 * AHEAD}, rows, 0) for rows in (30, 300, 3_000)]
    assert 0 < worth[0] < worth[1] < worth[2] < np.maximum(AHEAD, 0).mean()
    sure = worth_of_sheet(drawn, {TUNED: AHEAD + 1, PROMPT: 0 * AHEAD}, 300, 0)
    assert sure == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("rows", "sizes"), [(299, [100]), (300, [100, 300]), (10_000, [100, 300, 1_000, 3_000])])
def test_a_sheet_is_paid_by_the_label_and_by_the_work_to_measure(rows, sizes):
    sheets = valued(replace(FACTS, rows=rows), **CERTAIN).sheets
    assert [(sheet.rows, sheet.cost) for sheet in sheets] == [
        (size, pytest.approx(0.6 * size + 8 * 90)) for size in sizes
    ]


def test_the_sheet_advised_is_the_one_worth_most_beyond_its_cost():
    def best(*sheets):
        return replace(now, sheets=tuple(SheetWorth(rows, worth, cost) for rows, worth, cost in sheets)).best_sheet

    now = known_at()
    assert best((100, 900.0, 800.0), (300, 1_500.0, 1_000.0), (1_000, 1_600.0, 1_300.0)).rows == 300
    assert best((100, 800.0, 800.0)) is None
    assert best() is None


# The rule.


def beating(share, draws=1_000):
    """Nets under which fine-tuning beats each other way in that share of the draws."""
    tuned = np.where(np.arange(draws) < round(share * draws), 1.0, -1.0)
    return {TUNED: tuned, ORDINARY: np.zeros(draws), PROMPT: np.zeros(draws)}


SOME_SHEET = (SheetWorth(300, 2_000.0, 1_000.0),)


@pytest.mark.parametrize(
    ("share", "measured", "sheets", "decision", "measure_first"),
    [
        (0.8, False, SOME_SHEET, "fine_tune", False),
        (0.799, False, SOME_SHEET, "prompt_with_retrieval", True),
        (0.799, False, (), "prompt_with_retrieval", False),
        (0.799, True, SOME_SHEET, "fine_tune", False),
    ],
)
def test_unmeasured_a_yes_takes_four_chances_in_five(share, measured, sheets, decision, measure_first):
    now = known_at(BEATEN)
    assert now.best is TUNED
    found = rule(replace(now, nets=beating(share), measured=measured, sheets=sheets))
    assert (found.decision.value, found.measure_first) == (decision, measure_first)


@pytest.mark.parametrize(
    ("costs", "pays", "ahead", "decision"),
    [
        (0.015, 0.8, 1.0, Decision.FIX_DATA_FIRST),
        (0.0149, 0.8, 1.0, Decision.FINE_TUNE),
        (0.015, 0.799, 1.0, Decision.FINE_TUNE),
        # After the repair the best way nets no more than now.
        (0.015, 0.8, 0.0, Decision.FINE_TUNE),
    ],
)
def test_a_repair_comes_first_where_it_surely_pays_and_wrong_labels_cost_enough(costs, pays, ahead, decision):
    now = known_at(replace(NOISY, prompt=prompted(0.6, ordinary=0.75)))
    most = max(float(net.mean()) for net in now.nets.values())
    repair = replace(now.repaired, label_cost=np.full(4, costs), pays=pays, net=np.full(4, most + ahead))
    assert rule(replace(now, repaired=repair)).decision is decision


@pytest.mark.parametrize(
    ("facts", "volume"), [(replace(FACTS, rows=199), 1e6), (FACTS, 0.0), (replace(FACTS, monthly_volume=None), None)]
)
def test_without_records_the_next_step_is_another_export(facts, volume):
    found = judged(facts, {} if volume is None else {"monthly_volume": volume}, laws=LAWS)
    assert found.decision is Decision.INCONCLUSIVE
    assert [(each.kind, each.rows, each.cost, each.worth) for each in found.steps] == [(StepKind.EXPORT, 200, 0, 0)]
    assert {each.route for each in found.routes} == {Route.PROMPT}


@pytest.mark.parametrize(
    ("right", "error", "too_good"), [(0.9, 0.0, False), (0.91, 0.0, True), (0.91, 0.9, True), (0.91, 0.91, False)]
)
def test_a_model_that_surely_removes_more_than_nine_errors_in_ten_is_too_good(right, error, too_good):
    """The ordinary classifier gets none of these records."""
    now = known_at(replace(FACTS, trained=Answers(500, Share(right, error), Share(-right, 0.01))))
    assert (now.too_good, now.facts.trained is None) == (too_good, too_good)


@pytest.mark.parametrize(("right", "weak"), [(0.79, False), (0.75, True)])
def test_a_prompt_is_weak_surely_five_points_behind_the_vote(right, weak):
    """40 records and the vote each leave their error: 1.645 times both."""
    error = 0.01
    sure = Z_90 * np.hypot(error, error)
    prompt = Answers(40, Share(right, error), Share(0.1, error))
    assert known_at(replace(FACTS, prompt=prompt, vote=Share(0.77 + 0.05 + sure, error))).weak_prompt is weak


@pytest.mark.parametrize(
    ("decision", "way", "set_up"),
    [
        # 40 hours; 80 hours, and the tokens of 10,000 records of 108 in three epochs.
        (Decision.ORDINARY_CLASSIFIER, ORDINARY, 40 * 90),
        (Decision.FINE_TUNE, TUNED, 80 * 90 + 10_000 * (60 + 40 + 8) * 3 * 5 / 1e6),
    ],
)
def test_where_nothing_is_to_be_measured_the_step_is_to_act(decision, way, set_up):
    facts = {ORDINARY: THREE_WAYS, TUNED: BEATEN}[way]
    at = {ORDINARY: {"monthly_volume": 1e5, "error_cost": 0.05}, TUNED: AT_STAKE}[way]
    now = replace(known(facts, {**CERTAIN, **at}, LAWS), sheets=())
    found = rule(now)
    (step,) = found.steps
    assert found.decision is decision
    assert (step.kind, step.rows, step.cost) == (StepKind.ACT, 0, pytest.approx(set_up))
    # Before what setting up costs.
    assert step.worth == pytest.approx((now.nets[way] - now.nets[PROMPT]).mean() + set_up)


def test_a_prompt_is_the_default_and_asks_for_nothing():
    found = rule(known(FACTS, {"monthly_volume": 300.0, "error_cost": 0.05}, LAWS))
    assert found.decision is Decision.PROMPT_WITH_RETRIEVAL
    assert [(each.kind, each.rows, each.cost, each.worth) for each in found.steps] == [(StepKind.ACT, 0, 0, 0)]


def test_what_is_asked_and_measured_comes_before_a_repair_and_two_steps_are_enough():
    now = known_at(replace(NOISY, prompt=prompted(0.6, ordinary=0.75)))
    now = replace(now, sheets=SOME_SHEET, repaired=replace(now.repaired, label_cost=np.zeros(4), pays=0.8, cost=900.0))
    repair = (StepKind.REPAIR, 3_000, 900.0, pytest.approx(now.repaired.gain.mean() + 900))
    sheet = (StepKind.LARGER_SHEET, 300, 1_000.0, 2_000.0)
    asked = (StepKind.ERROR_COST, 0, 0.0, 0.0)

    def steps(now, **more):
        return [(each.kind, each.rows, each.cost, each.worth) for each in rule(now, **more).steps]

    assert steps(now) == [sheet, repair]
    assert steps(now, turns_on_error_cost=True) == [asked, sheet]
    assert steps(replace(now, repaired=replace(now.repaired, pays=0.799))) == [sheet]
    assert steps(replace(now, sheets=()), turns_on_error_cost=True) == [asked, repair]
    assert steps(replace(now, measured=False))[0][0] is StepKind.SHEET


def test_a_weak_prompt_asks_for_a_stronger_one_first():
    now = known(replace(FACTS, prompt=prompted(0.4)), {**CERTAIN, **AT_STAKE}, LAWS)
    (step,) = rule(now).steps
    assert (step.kind, step.rows, step.cost) == (StepKind.STRONGER_MODEL, 0, 8 * 90)
    assert step.worth == max(sheet.worth for sheet in now.sheets)
    assert rule(replace(now, sheets=())).steps[0].worth == 0


def test_a_repair_that_gives_nothing_back_never_pays():
    labels = replace(NOISY.labels, at_random=NOTHING, cost=NOTHING)
    found = valued(replace(NOISY, labels=labels), monthly_volume=0.0, review_price=0.0).repair
    assert (found.net, found.pays) == (0, 0)


# Class by class.


def odds(right):
    return np.log(right / (1 - right))


def test_what_a_class_answered_counts_beside_twenty_records_of_what_is_expected():
    """Both are expected at 70 %, the share of all answers that were right: (72 + 14) and (40 + 14) of 100."""
    by_class = tuple(
        replace(one_class(name, 0.5, asked=80, prompted=right), vote=0.9) for name, right in (("a", 72), ("b", 40))
    )
    a, b = known_at(replace(FACTS, by_class=by_class, prompt=prompted(0.7))).classes.prompt
    assert odds(a) - odds(b) == pytest.approx(odds(0.86) - odds(0.54))


def test_what_age_costs_lies_on_the_classes_that_came_or_went():
    by_class = (one_class("moving", 0.25, churned=True), one_class("still", 0.75))
    now = known_at(replace(FACTS, by_class=by_class, ageing=Age(0.1, 0.0, 1e-8, 1e-12, 0.0, 24.0)))
    lost = (now.drawn.at_once + now.drawn.a_month * now.found[TUNED].cadence / 2).mean()
    moving, still = now.classes.tuned
    assert lost == pytest.approx(0.06, abs=0.01)
    assert odds(still) - odds(moving) == pytest.approx(odds(0.9) - odds(0.9 * (1 - lost / 0.25)))


def test_classes_without_answers_lie_between_what_the_classifier_and_the_vote_find():
    by_class = (one_class("a", 0.5), replace(one_class("b", 0.5), vote=0.55), replace(one_class("c", 0.0), vote=None))
    a, b, c = known_at(replace(FACTS, by_class=by_class)).classes.prompt
    assert odds(a) - odds(b) == pytest.approx(odds(0.875) - odds(0.725))
    assert odds(c) - odds(b) == pytest.approx(odds(0.9) - odds(0.725))


def test_a_class_that_the_folds_never_found_is_taken_for_found_once_in_a_hundred():
    by_class = (
        one_class("half", 0.9),
        replace(one_class("never", 0.05), recall=0.0, vote=0.0),
        replace(one_class("always", 0.05), recall=1.0, vote=1.0),
    )
    found = known_at(replace(FACTS, by_class=by_class)).classes
    for of in (found.prompt, found.tuned):
        assert odds(of[2]) - odds(of[1]) == pytest.approx(odds(0.99) - odds(0.01))


def test_classes_that_the_folds_hardly_found_still_add_up_to_each_way():
    poor = replace(
        FACTS,
        ordinary=Share(0.99, 0.001),
        by_class=tuple(replace(each, recall=0.01, vote=0.01) for each in FACTS.by_class),
    )
    now = known_at(poor)
    for way in (PROMPT, ORDINARY, TUNED):
        assert (now.classes.share * now.classes.of(way)).sum() == pytest.approx(now.found[way].accuracy.mean())


def row(label):
    return ClassRow(label, 10, 10, 0.5, 0.9, 0.9, 0.8, None, None, None, Route.PROMPT, "")


def test_classes_under_one_name_are_a_row_that_goes_where_most_of_their_records_go():
    measured = [one_class("large", 0.6), one_class("other", 0.1), one_class("other", 0.3), one_class("unseen", 0.0)]
    routes = [
        ClassRoute("large", Route.PROMPT, 10.0, 0.9, False),
        ClassRoute("other", Route.PROMPT, 2.0, 0.8, True),
        ClassRoute("other", Route.FINE_TUNE, 5.0, 0.4, False),
        ClassRoute("unseen", Route.PROMPT, 0.0, 0.5, True),
    ]
    large, other = routed((row("large"), row("other")), routes, measured)
    assert (large.label, large.route, large.value_a_month, large.pooled) == ("large", Route.PROMPT, 10, False)
    assert (other.label, other.route, other.value_a_month, other.pooled) == ("other", Route.FINE_TUNE, 7, False)
    assert other.prompt_recall == pytest.approx((0.1 * 0.8 + 0.3 * 0.4) / 0.4)


@pytest.mark.parametrize(
    ("listed", "fixed"),
    [
        ((0.5, 0.1, 0.1), (True, False, False)),
        # Their mean by volume is 0.22: its part or more.
        ((0.2, 0.3, 0.15), (False, True, False)),
        ((0.2, 0.2, 0.2), (True, True, True)),
    ],
)
def test_first_are_fixed_the_classes_that_hold_their_part_of_the_listed_rows(listed, fixed):
    by_class = tuple(
        one_class(name, share, listed=part) for name, share, part in zip("abc", (0.5, 0.3, 0.2), listed, strict=True)
    )
    found = decide(replace(NOISY, by_class=by_class), 30_000)
    assert found.decision is Decision.FIX_DATA_FIRST
    assert tuple(each.route is Route.FIX_FIRST for each in found.routes) == fixed
    assert sum(each.value_a_month for each in found.routes) == pytest.approx(found.valuation.net_a_month.value)


def test_routing_is_worth_what_it_nets_over_the_best_single_way():
    now = known_at(WEAK_AT_ONE)
    best = max(net.mean() for net in now.nets.values())
    found = valued(WEAK_AT_ONE)
    assert found.subset == pytest.approx((now.subset.net.mean() - best) / 24)
    assert found.net_a_month.value == pytest.approx((now.subset.net - now.nets[PROMPT]).mean() / 24)
    assert valued(FACTS).subset is None


def test_what_a_repair_is_said_to_be_is_what_the_rule_weighed():
    facts = replace(NOISY, prompt=prompted(0.6, ordinary=0.75))
    now, said = known_at(facts), valued(facts).repair
    assert (said.rows, said.cost, said.pays) == (3_000, now.repaired.cost, now.repaired.pays)
    assert said.net == pytest.approx(now.repaired.gain.mean())
    assert said.recovered == said.label_cost.value == pytest.approx(now.drawn.repair[now.repaired.way].mean())
    # Of 15 % wrong at random 95 in 100 are found: what is right is seen to be right.
    assert said.after.value == pytest.approx((0.75 / 0.85 + 0.95 * 0.04) * (1 - 0.05 * 0.15), abs=0.005)
    assert valued(FACTS).repair is None


@pytest.mark.parametrize(
    ("facts", "name", "method"),
    [
        (
            FACTS,
            "accuracy_given_labels",
            "ordinary classifiers out of fold; its interval is for any that a team may choose",
        ),
        (FACTS, "trained_accuracy", "expected: the ordinary classifier plus the lift of published"),
        (FACTS, "prompt_accuracy", "expected: the fine-tuned model less the gap of published prompts"),
        (BEATEN, "prompt_accuracy", "measured on 1,000 records"),
        (TRIED, "trained_accuracy", "a small encoder measured on 2,000 rows, extended"),
    ],
)
def test_an_estimate_says_what_it_rests_on(facts, name, method):
    found = judged(facts, AT_STAKE, laws=LAWS).estimates[name]
    assert text.message(found.method).startswith(method)
    assert found.low < found.value < found.high


def test_a_break_even_is_an_estimate_where_there_is_one():
    facts, dear = replace(FACTS, prompt=prompted(0.99)), {"first_hours": 1e6, "ordinary_hours": 1e6}
    nowhere = judged(facts, AT_STAKE | dear, laws=LAWS).estimates
    assert not [name for name in nowhere if name.startswith("break_even")]
    found = judged(BEATEN, AT_STAKE, laws=LAWS)
    assert found.estimates["break_even_volume"].value == found.valuation.break_even_volume
