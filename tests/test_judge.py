"""The decision in money, as tables: what was measured in, the answer out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from auditor.config import load_config
from auditor.errors import ConfigError
from auditor.governance import answers, permitted
from auditor.judge.costs import costs_of, first_training
from auditor.judge.decision import known, rule
from auditor.judge.draws import FACTOR, Laws, _together, draw
from auditor.judge.published import Law
from auditor.judge.valuation import judged
from auditor.model import (
    NOTHING_TURNS,
    Age,
    Answers,
    ClassFacts,
    ConditionKind,
    Decision,
    Facts,
    Fresh,
    LabelFacts,
    Route,
    Share,
    StepKind,
    Tried,
    Way,
)
from auditor.prices import prices
from reports import text

NOTHING = Share(0.0, 0.0)
CLEAN = LabelFacts(NOTHING, NOTHING, NOTHING, 0)
STILL = Age(0.0, 0.0, 1e-6, 1e-9, 0.0, 24.0)
LAWS = Laws(Law(0.2, 0.15, 20.0), Law(0.05, 0.08, 5.0))


def one_class(name, share, *, listed=0.0, churned=False, asked=0, prompted=0.0):
    return ClassFacts(name, share, 0.9, 0.85, asked, prompted, listed, churned)


FACTS = Facts(
    rows=10_000,
    words=30.0,
    ordinary=Share(0.88, 0.003),
    labels=CLEAN,
    ageing=STILL,
    prompt=None,
    trained=None,
    fresh=None,
    by_class=(one_class("a", 0.5), one_class("b", 0.3), one_class("c", 0.2)),
    monthly_volume=1_000.0,
    volume_from="the mean of the last twelve months",
    tokens_per_record=40.0,
    taxonomy_tokens=20.0,
    choice=0.019,
)
NOISY = replace(
    FACTS,
    ordinary=Share(0.75, 0.003),
    labels=LabelFacts(Share(0.15, 0.01), Share(0.04, 0.01), NOTHING, 3_000),
    by_class=(one_class("a", 0.5, listed=0.5), one_class("b", 0.3, listed=0.1), one_class("c", 0.2, listed=0.1)),
)
DECAYING = replace(FACTS, ageing=Age(0.15, 0.01, 1e-4, 1e-6, 0.0, 24.0))


def prompted(right, *, rows=1_000, ordinary=0.88):
    error = (right * (1 - right) / rows) ** 0.5
    return Answers(rows, Share(right, error), Share(ordinary - right, error))


def decide(facts=FACTS, volume=1_000.0, error_cost=1.0, **more):
    given = {"monthly_volume": volume, "error_cost": error_cost}
    return judged(facts, {name: value for name, value in given.items() if value is not None}, laws=LAWS, **more)


@pytest.mark.parametrize(
    ("facts", "volume", "error_cost", "decision", "measure_first"),
    [
        (FACTS, 300, 0.05, "prompt_with_retrieval", False),
        (FACTS, 1_000, 1, "prompt_with_retrieval", False),
        # Training may well pay there, but its opponent is not known.
        (FACTS, 1_000_000, 1, "prompt_with_retrieval", True),
        (replace(FACTS, prompt=prompted(0.78)), 1_000_000, 1, "fine_tune", False),
        (replace(FACTS, prompt=prompted(0.78)), 300, 1, "prompt_with_retrieval", False),
        (replace(FACTS, prompt=prompted(0.97)), 1_000_000, 1, "prompt_with_retrieval", False),
        # At high volume and cheap errors a prompt's tokens cost more than its answers save.
        (replace(FACTS, prompt=prompted(0.87)), 100_000, 0.05, "ordinary_classifier", False),
        (NOISY, 300, 1, "prompt_with_retrieval", False),
        (NOISY, 30_000, 1, "fix_data_first", False),
        (DECAYING, 30_000, 1, "prompt_with_retrieval", False),
        (replace(FACTS, rows=150), 30_000, 1, "inconclusive", False),
    ],
)
def test_the_answer_follows_from_the_sum(facts, volume, error_cost, decision, measure_first):
    found = decide(facts, volume, error_cost)
    assert (found.decision.value, found.measure_first) == (decision, measure_first)


@pytest.mark.parametrize("volume", [300, 3_000, 30_000, 1_000_000])
@pytest.mark.parametrize("error_cost", [0.05, 1, 10, 50])
@pytest.mark.parametrize("right", [0.6, 0.8, 0.9, 0.98])
def test_clean_labels_are_never_told_to_be_fixed(volume, error_cost, right):
    facts = replace(FACTS, ordinary=Share(right, 0.004))
    now = known(facts, {"monthly_volume": volume, "error_cost": error_cost}, LAWS)
    assert rule(now).decision is not Decision.FIX_DATA_FIRST


@pytest.mark.parametrize("facts", [FACTS, NOISY, DECAYING, replace(FACTS, prompt=prompted(0.8))])
@pytest.mark.parametrize("volume", [1_000, 1_000_000])
def test_the_classes_add_up_to_the_answer(facts, volume):
    found = decide(facts, volume, 10)
    assert sum(each.value_a_month for each in found.routes) == pytest.approx(found.valuation.net_a_month.value)


def test_the_one_way_that_nets_most_is_named_and_beats_the_others():
    value = decide(replace(FACTS, prompt=prompted(0.78)), 1_000_000).valuation
    net = {each.way: each.net.value for each in value.ways}
    assert value.best is max(net, key=net.__getitem__) is Way.FINE_TUNED
    assert sum(each.best for each in value.ways) == pytest.approx(1, abs=0.01)


def test_a_yes_unmeasured_takes_four_in_five():
    sure = Laws(LAWS.lift, Law(0.12, 0.01, 20.0))
    found = judged(FACTS, {"monthly_volume": 1e6, "error_cost": 1.0}, laws=sure)
    assert found.decision is Decision.FINE_TUNE
    assert found.valuation.training_pays >= 0.8
    assert found.valuation.tuning_pays >= 0.8
    assert ConditionKind.PROMPT_UNDER in {each.kind for each in found.conditions}
    assert len(found.conditions) <= 3


def test_a_weak_prompt_is_a_floor_and_no_yes_rests_on_it():
    found = decide(replace(FACTS, prompt=prompted(0.4)), 1_000_000)
    assert found.decision is Decision.PROMPT_WITH_RETRIEVAL
    assert found.measure_first
    assert found.steps[0].kind is StepKind.STRONGER_MODEL
    assert found.steps[0].cost > 0


@pytest.mark.parametrize(
    ("vote", "rows", "decision", "weak"),
    [
        # The prompt is 12 points behind: beyond what 1,000 records leave open it does worse than copying.
        (Share(0.90, 0.007), 1_000, "prompt_with_retrieval", True),
        (Share(0.83, 0.007), 1_000, "fine_tune", False),
        # 40 records leave it open.
        (Share(0.90, 0.007), 40, "fine_tune", False),
        (None, 1_000, "fine_tune", False),
    ],
)
def test_a_prompt_well_behind_the_vote_of_its_neighbours_is_a_weak_one(vote, rows, decision, weak):
    found = decide(replace(FACTS, prompt=prompted(0.78, rows=rows), vote=vote), 1_000_000)
    assert found.decision.value == decision
    assert (found.steps[0].kind is StepKind.STRONGER_MODEL) == weak
    assert any("copying the label" in text.message(said) for said in found.valuation.notes) == weak


def test_a_fresh_sheet_settles_it():
    before = decide(volume=1_000_000).valuation
    behind = Share(0.10, 0.01)
    after = decide(replace(FACTS, fresh=Fresh(1_000, Share(0.88, 0.01), Share(0.78, 0.013), behind)), 1_000_000)
    prompt = {each.way: each for each in after.valuation.ways}[Way.PROMPT]
    assert prompt.later.value == pytest.approx(0.78, abs=0.02)
    assert prompt.later.high - prompt.later.low < 0.08
    assert after.valuation.training_pays > 0.95 > before.training_pays


def tuned(facts):
    ways = {each.way: each for each in decide(facts, 1_000_000).valuation.ways}
    return ways[Way.FINE_TUNED].today, ways[Way.FINE_TUNED].today.value - ways[Way.ORDINARY].today.value


def tried(gain, *, few=0.75, weights=110_000_000, rows=1_000):
    error = (0.2 / rows) ** 0.5
    trained = Answers(rows, Share(few + gain, error), Share(-gain, error))
    return replace(FACTS, trained=trained, trial=Tried(2_000, weights))


def test_a_trial_is_extended_to_all_rows():
    today, gain = tuned(tried(0.08))
    assert (today.rows, today.learnt) == (1_000, 2_000)
    # By the root of what the ordinary classifier gets wrong, a quarter on few rows, some 13 % on all; and towards what
    # is usual.
    assert tuned(FACTS)[1] + 0.01 < gain < 0.08 * (0.133 / 0.25) ** 0.5
    expected, measured = (each[0].high - each[0].low for each in (tuned(FACTS), tuned(tried(0.08, rows=10**6))))
    assert measured < expected
    # What extends it keeps its part, however many rows were asked.
    assert measured > 0.03


def test_a_trial_moves_the_answer_with_what_it_measured():
    assert tuned(tried(-0.02))[1] < tuned(FACTS)[1] < tuned(tried(0.12))[1]
    assert tuned(tried(-0.02))[1] < tuned(tried(-0.01))[1] < tuned(tried(0.01))[1]


def test_a_loss_that_a_team_would_see_counts_no_more_than_that():
    assert tuned(tried(-0.3, few=0.8)) == tuned(tried(-0.02, few=0.8))


def test_a_larger_encoder_than_the_trials_is_ahead_by_what_published_ones_are():
    small, base = tuned(tried(0.05, weights=22_000_000)), tuned(tried(0.05))
    assert small[1] == pytest.approx(base[1] + 0.006, abs=0.006)
    assert small[0].high - small[0].low > base[0].high - base[0].low


def test_a_way_is_measured_on_the_rows_of_a_sheet_that_it_answered():
    _, later = levels(replace(FACTS, fresh=replace(SHEET, trained=None, trained_behind=None, prompt_rows=41)))
    assert (later[Way.PROMPT].rows, later[Way.ORDINARY].rows, later[Way.FINE_TUNED].rows) == (41, 300, None)


def test_a_sheet_that_scores_a_trial_extends_it_too():
    sheet = replace(SHEET, trained=Share(0.75, 0.02), trained_behind=Share(-0.08, 0.02))
    _, later = levels(replace(tried(0.08), fresh=sheet))
    assert (later[Way.FINE_TUNED].rows, later[Way.FINE_TUNED].learnt) == (300, 2_000)
    # Not what was right on the sheet: the model of all rows is to come.
    assert later[Way.FINE_TUNED].value > 0.85


SHEET = Fresh(300, Share(0.86, 0.02), Share(0.80, 0.024), Share(0.06, 0.02), Share(0.94, 0.02), Share(-0.08, 0.02))


def levels(facts):
    """Each way's accuracy today on the labels as given, and later on true ones."""
    ways = {each.way: each for each in decide(facts, 1_000_000).valuation.ways}
    return {way: each.today for way, each in ways.items()}, {way: each.later for way, each in ways.items()}


def test_a_sheet_that_scores_all_three_ways_measures_all_three():
    today, later = levels(replace(FACTS, fresh=SHEET))
    for way, right in ((Way.PROMPT, SHEET.prompt), (Way.ORDINARY, SHEET.ordinary), (Way.FINE_TUNED, SHEET.trained)):
        assert later[way].rows == 300
        assert later[way].value == pytest.approx(right.value, abs=0.03)
        assert later[way].low < right.value < later[way].high
    assert later[Way.FINE_TUNED].high - later[Way.FINE_TUNED].low < 0.1
    assert today == levels(FACTS)[0]


def test_answers_that_a_sheet_scores_are_not_counted_twice():
    asked = replace(FACTS, prompt=prompted(0.78, rows=300), fresh=SHEET)
    today, later = levels(asked)
    assert later == levels(replace(FACTS, fresh=SHEET))[1]
    assert today[Way.PROMPT].value == pytest.approx(0.78, abs=0.02)
    assert today[Way.PROMPT].rows == 300


def test_a_weak_prompt_stays_a_floor_when_a_sheet_scores_it():
    poor = replace(SHEET, prompt=Share(0.4, 0.03), behind=Share(0.46, 0.03), trained=None, trained_behind=None)
    found = decide(replace(FACTS, prompt=prompted(0.4, rows=300), fresh=poor), 1_000_000)
    assert found.decision is Decision.PROMPT_WITH_RETRIEVAL
    assert found.measure_first
    assert {each.way: each.later.rows for each in found.valuation.ways}[Way.PROMPT] is None


def test_no_repair_puts_more_answers_right_than_are_wrong():
    # Over half of the labels look wrong; the sheet finds none wrong, and the classifier as bad as it looked.
    labels = LabelFacts(Share(0.56, 0.02), Share(0.3, 0.15), NOTHING, 900, Share(0.0, 0.01))
    facts = replace(NOISY, rows=900, ordinary=Share(0.6, 0.016), labels=labels, fresh=Fresh(88, Share(0.5, 0.01)))
    drawn = draw(facts, LAWS, {}, 0)
    for way, gained in drawn.repair.items():
        assert (gained <= 1 - drawn.true[way]).all()


def test_a_sheet_is_worth_more_the_more_is_at_stake_and_never_less_than_nothing():
    small, large = (decide(volume=volume).valuation.sheets for volume in (300, 1_000_000))
    assert all(sheet.worth >= 0 for sheet in small)
    assert all(more.worth > less.worth for less, more in zip(small, large, strict=True))
    assert decide(volume=1_000_000).steps[0].kind is StepKind.SHEET


def test_without_an_error_cost_the_first_step_is_to_ask_where_the_answer_turns_on_it():
    found = judged(FACTS, {"monthly_volume": 5_000.0}, laws=LAWS)
    assert not found.valuation.error_cost_set
    assert found.valuation.error_cost == 1
    assert found.steps[0].kind is StepKind.ERROR_COST
    assert found.steps[0].cost == 0
    assert decide(volume=5_000.0).steps[0].kind is not StepKind.ERROR_COST


def cells(found, volume, error_cost):
    """The digit of the cell next to that point."""
    return int(found.pays[nearest(found.costs, error_cost)][nearest(found.volumes, volume)])


def nearest(values, value):
    return min(range(len(values)), key=lambda at: abs(np.log(values[at] / value)))


@pytest.mark.parametrize("volume", [300.0, 1_000.0, 30_000.0, 1_000_000.0])
@pytest.mark.parametrize("error_cost", [0.2, 1.0, 20.0])
def test_the_map_says_of_a_point_what_the_sum_says_there(volume, error_cost):
    found = decide(volume=volume, error_cost=error_cost).valuation
    trained, prompt = (
        max(each.net.value for each in found.ways if (each.way is Way.PROMPT) is prompts) for prompts in (False, True)
    )
    assert (found.map.here >= 2) is (trained > prompt)
    # The map itself does not hang on today's point.
    assert found.map.pays == decide().valuation.map.pays
    assert abs(found.map.here - cells(found.map, volume, error_cost)) <= 1


def test_training_pays_sooner_where_more_is_at_stake_and_the_prompt_is_weaker():
    def total(facts):
        return sum(int(digit) for line in decide(facts).valuation.map.pays for digit in line)

    pays = decide().valuation.map.pays
    assert all(sorted(line) == list(line) for line in pays)
    assert all(sorted(column) == list(column) for column in zip(*pays, strict=True))
    assert total(replace(FACTS, prompt=prompted(0.78))) > total(FACTS) > total(replace(FACTS, prompt=prompted(0.97)))


def test_ranges_of_error_costs_meet_and_end_openly():
    ranges = decide().valuation.ranges
    assert ranges[0].low == 0
    assert ranges[-1].high is None
    assert all(one.high == other.low and one.way is not other.way for one, other in pairwise(ranges))


def test_what_turns_it_does_turn_it():
    found = decide(volume=3_000)
    assert found.decision is Decision.PROMPT_WITH_RETRIEVAL
    for figure, moved in (
        (found.turns.volume_above, {"volume": found.turns.volume_above * 1.05}),
        (found.turns.error_cost_above, {"volume": 3_000, "error_cost": found.turns.error_cost_above * 1.05}),
    ):
        assert figure
        assert decide(**moved).valuation.best is Way.FINE_TUNED
        # Not surely: a yes takes a prompt that was measured, and is no better than expected.
        assert found.turns.prompt_first
        right = float(known(FACTS, AT_STAKE, LAWS).drawn.given[Way.PROMPT].mean())
        assert decide(replace(FACTS, prompt=prompted(right)), **moved).decision is Decision.FINE_TUNE


def test_without_leave_to_train_nothing_turns_it_and_no_measurement_is_sold():
    found = judged(FACTS, {"monthly_volume": 3_000.0, "error_cost": 1.0}, permitted=False, laws=LAWS)
    assert found.decision is Decision.PROMPT_WITH_RETRIEVAL
    assert found.turns == NOTHING_TURNS
    assert [step.kind for step in found.steps] == [StepKind.ACT]


def test_what_leads_to_a_repair_is_no_yes():
    turns = judged(NOISY, {"monthly_volume": 3_000.0, "error_cost": 1.0}, laws=LAWS).turns
    assert judged(NOISY, AT_STAKE, laws=LAWS).decision is Decision.FIX_DATA_FIRST
    assert turns.error_cost_above is None
    assert turns.volume_above is None


def test_todays_handling_is_a_way_too():
    given = {"monthly_volume": 1_000.0, "error_cost": 1.0, "handling_price": 0.0}
    value = judged(FACTS, given, laws=LAWS).valuation
    today = value.ways[-1]
    assert today.way is Way.TODAY
    assert today.net.value > max(each.net.value for each in value.ways[:-1])
    assert decide().valuation.ways[-1].way is Way.FINE_TUNED


def test_answers_that_a_model_knew_by_heart_do_not_count():
    heart = Answers(500, Share(0.999, 0.001), Share(-0.119, 0.01))
    found = decide(replace(FACTS, trained=heart), 1_000_000)
    assert "too good" in " ".join(map(text.message, found.valuation.notes))
    honest = Answers(500, Share(0.92, 0.01), Share(-0.04, 0.01))
    tuned = {each.way: each for each in decide(replace(FACTS, trained=honest)).valuation.ways}[Way.FINE_TUNED]
    assert tuned.today.rows == 500
    assert tuned.today.value == pytest.approx(0.92, abs=0.015)


def test_without_dates_it_says_what_it_assumed():
    assert "No dates" in " ".join(map(text.message, decide(replace(FACTS, ageing=None)).valuation.notes))


AGED = Age(0.2, 0.0, 1e-4, 1e-8, 0.0, 24.0)


def test_classes_that_a_prompt_answers_better_go_to_it_where_routing_pays():
    classes = (
        one_class("still", 0.7, asked=700, prompted=525),
        one_class("moving", 0.3, churned=True, asked=300, prompted=297),
    )
    found = decide(replace(FACTS, by_class=classes, ageing=AGED, prompt=prompted(0.822)), 1_000_000, 10)
    assert found.decision is Decision.FINE_TUNE_SUBSET
    assert [each.route for each in found.routes] == [Route.FINE_TUNE, Route.PROMPT]


def test_classes_that_moved_are_no_reason_to_route_by_themselves():
    classes = (one_class("still", 0.7), one_class("moving", 0.3, churned=True))
    found = decide(replace(FACTS, by_class=classes, ageing=AGED, prompt=prompted(0.84)), 1_000_000, 10)
    assert found.decision is not Decision.FINE_TUNE_SUBSET


@pytest.mark.parametrize(
    ("governance", "allowed"),
    [
        ({}, True),
        ({"consent": "Treatment contract, section 4"}, True),
        ({"consent": "No, only for billing"}, False),
        ({"licence": "none"}, False),
        ({"owner": "no one yet"}, True),
        ({"licence": {"not_applicable": "our own records"}}, True),
    ],
)
def test_only_a_stated_lack_of_permission_vetoes(governance, allowed):
    assert permitted(answers(governance)) is allowed
    found = decide(replace(FACTS, prompt=prompted(0.7)), 1_000_000, permitted=permitted(answers(governance)))
    assert (found.decision is Decision.FINE_TUNE) is allowed


def test_the_same_facts_give_the_same_figures():
    assert decide() == decide()


def test_what_is_measured_moves_what_goes_with_it():
    before, after = (
        draw(facts, LAWS, {}, 0) for facts in (FACTS, replace(FACTS, fresh=Fresh(2_000, Share(0.84, 0.008))))
    )
    assert np.mean(after.true[Way.ORDINARY]) == pytest.approx(0.845, abs=0.01)
    assert np.mean(after.true[Way.FINE_TUNED]) < np.mean(before.true[Way.FINE_TUNED]) - 0.005
    # More labels are wrong than was thought, which misleads what learns from them, and not the prompt.
    assert np.mean(after.wrong) > np.mean(before.wrong) + 0.005
    assert np.mean(after.true[Way.PROMPT]) == pytest.approx(np.mean(before.true[Way.PROMPT]), abs=0.005)


def test_costs_are_the_sum_of_their_parts():
    price = prices({"hourly_rate": 100.0, "input_price": 1.0, "cached_input_price": 0.0, "output_price": 0.0})
    prompt = costs_of(Way.PROMPT, price, FACTS, 24, 24)
    assert prompt.fixed == 100 * (24 + 24 * 2)
    assert prompt.per_record == pytest.approx((20 * (40 + 8) + 40) / 1e6)
    ordinary = costs_of(Way.ORDINARY, price, FACTS, 24, 12)
    assert ordinary.fixed == 100 * (40 + 1 + 24 * 2) + 24 * 30
    tuned = costs_of(Way.FINE_TUNED, price, FACTS, 24, 12)
    training = 10_000 * (60 + 40 + 8) * 3 * 5 / 1e6
    assert first_training(price, FACTS) == pytest.approx(8_000 + training)
    assert tuned.fixed == pytest.approx(8_000 + 2 * training + 100 * (16 + 24 * 4))


def test_answers_that_differ_when_asked_again_have_a_price():
    steady, inconsistent = (replace(prompted(0.87), inconsistency=share) for share in (0.0, 0.2))
    cost = {}
    for name, answers_ in (("steady", steady), ("inconsistent", inconsistent)):
        cost[name] = decide(replace(FACTS, prompt=answers_), 1_000_000).valuation.ways[0].cost
    price = prices({})["review_price"] * float(np.exp(FACTOR**2 / 2))
    assert cost["inconsistent"] - cost["steady"] == pytest.approx(24 * 1e6 * 0.2 * price, rel=0.03)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("input_prise = 1", "'input_prise' is not a figure of cost. Did you mean 'input_price'?"),
        ("input_price = -1", "'cost.input_price' must be a number, 0 or more"),
        ("retraining_every_months = 0", "'retraining_every_months' must be above 0"),
        ("error_cost = 0", "'error_cost' must be above 0; leave it out where nobody knows it"),
        ("months = 0", "'months' must be above 0"),
        ("error_cost = 1e12", "'error_cost' is more than a thousand million"),
        ("monthly_volume = 5e-324", "'monthly_volume' is less than a thousand-millionth"),
        ('error_cost = "5 EUR"', "all prices stand in one currency, without its sign"),
    ],
)
def test_wrong_prices_are_refused(tmp_path, line, said):
    path = tmp_path / "audit.toml"
    path.write_text(f"[cost]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    assert said in str(caught.value)


AT_STAKE = {"monthly_volume": 1_000_000.0, "error_cost": 1.0}
WEAK_AT_ONE = replace(
    FACTS,
    prompt=prompted(0.82),
    by_class=(
        one_class("a", 0.5, asked=500, prompted=495),
        one_class("b", 0.3, asked=300, prompted=150),
        one_class("c", 0.2, asked=200, prompted=175),
    ),
)


def test_what_training_costs_at_first_is_earned_back_month_by_month():
    """By what is saved in a month after all that is paid in it: hours, hosting and retraining."""
    facts = replace(FACTS, prompt=prompted(0.78))
    now, months = known(facts, AT_STAKE, LAWS), decide(facts, 1_000_000).valuation.break_even_months
    trained, prompt = now.found[now.better_trained], now.found[Way.PROMPT]
    right = (trained.accuracy - prompt.accuracy).mean() * 1_000_000
    answers = (trained.per_record - prompt.per_record).mean() * 1_000_000
    running = ((trained.fixed - trained.once) - (prompt.fixed - prompt.once)).mean() / 24
    assert 0 < months < 24
    assert (right - answers - running) * months == pytest.approx((trained.once - prompt.once).mean())


def test_a_way_that_never_nets_more_earns_nothing_back():
    # Its upkeep takes more than it saves, though it is right more often.
    facts = replace(FACTS, prompt=prompted(0.78))
    assert decide(facts, 300).valuation.break_even_months is None
    assert decide(replace(FACTS, prompt=prompted(0.97)), 300).valuation.break_even_months is None


def test_what_a_sheet_says_of_a_prompt_is_as_sure_beside_the_classifier_as_alone():
    # A prompt that answered all records, and a model that answered a third of them.
    prompt = Share(0.80, 0.024), Share(0.06, 0.02), 1.0
    tuned = Share(0.94, 0.018), Share(-0.08, 0.03), 1 / 3
    found = _together(Share(0.86, 0.02), [prompt, tuned])
    assert found == pytest.approx(found.T)
    assert np.diag(found) == pytest.approx([0.02**2, 0.02**2, 0.03**2])
    # What the model shares with the classifier on its third: (3 * 0.02**2 + 0.018**2 - 0.03**2) / 2.
    assert 0.02**2 - found[0, 2] == pytest.approx((3 * 0.02**2 + 0.018**2 - 0.03**2) / 2 / 3)
    alone = np.array([1, -1, 0])
    assert alone @ found @ alone == pytest.approx(0.024**2)


def test_no_answers_say_which_classifier_a_team_would_choose():
    facts = replace(FACTS, ordinary=Share(0.88, 0.002), choice=0.02)
    asked = replace(facts, prompt=replace(prompted(0.8, rows=10**6), ordinary_error=0.0003))
    sheet = replace(facts, fresh=Fresh(10**6, Share(0.86, 0.0003), Share(0.8, 0.0004), Share(0.06, 0.0004)))
    for told in (facts, asked, sheet):
        right = known(told, AT_STAKE, LAWS).drawn.given[Way.ORDINARY]
        assert right.std() == pytest.approx(0.02, rel=0.1)


def test_a_repair_is_paid_by_the_row_and_comes_a_month_late():
    now = known(replace(NOISY, prompt=prompted(0.6, ordinary=0.75)), AT_STAKE, LAWS)
    found, worth = now.repaired, 24 * 1_000_000
    # A month of what the best way is ahead of the prompt that answers until then.
    waited = (now.nets[now.best].mean() - now.nets[Way.PROMPT].mean()) / 24
    reading = 3_000 * now.drawn.price["review_price"]
    assert waited > 0
    assert found.gain == pytest.approx(now.drawn.repair[found.way] * worth * 23 / 24 - reading - waited)
    assert found.net == pytest.approx(now.nets[found.way] + found.gain)
    assert (found.cost, found.pays) == pytest.approx((reading.mean(), (found.gain > 0).mean()))


def test_training_for_the_classes_at_which_a_prompt_is_weak():
    found = decide(WEAK_AT_ONE, 1_000_000)
    assert found.decision is Decision.FINE_TUNE_SUBSET
    assert [each.route is Route.FINE_TUNE for each in found.routes] == [False, True, True]
    assert [each.kind for each in found.conditions] == [
        ConditionKind.ROUTE,
        ConditionKind.REVIEW,
        ConditionKind.RETRAIN,
    ]
    assert found.valuation.subset > 0


def test_two_ways_side_by_side_cost_both_and_a_router():
    now = known(WEAK_AT_ONE, AT_STAKE, LAWS)
    prompt, tuned, classes = now.found[Way.PROMPT], now.found[Way.FINE_TUNED], now.classes
    part = classes.share[now.subset.kept].sum()
    right = (classes.share * np.where(now.subset.kept, classes.tuned, classes.prompt)).sum()
    router = now.drawn.price["routing_hours"] * now.drawn.price["hourly_rate"]
    answers = 24e6 * (part * tuned.per_record.mean() + (1 - part) * prompt.per_record.mean())
    cost = prompt.fixed.mean() + tuned.fixed.mean() + router.mean() + answers
    assert now.subset.net.mean() == pytest.approx(right * 24e6 - cost)
    # As unsure as both are, each for its part.
    assert now.subset.net.std() < max(now.nets[way].std() for way in (Way.PROMPT, Way.FINE_TUNED))


def test_the_classes_add_up_to_each_way():
    now = known(WEAK_AT_ONE, AT_STAKE, LAWS)
    for way in (Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED):
        assert (now.classes.share * now.classes.of(way)).sum() == pytest.approx(now.found[way].accuracy.mean())
    a, b, c = now.classes.prompt
    assert a > c > b


@pytest.mark.parametrize(
    ("rows", "volume", "pooled"),
    [(2_000, 1_000.0, False), (1_999, 1_000.0, True), (2_000, 999.0, True)],
)
def test_a_class_is_decided_by_itself_from_20_records_and_10_a_month(rows, volume, pooled):
    by_class = (one_class("a", 0.99), one_class("b", 0.01))
    now = known(replace(FACTS, rows=rows, by_class=by_class), {"monthly_volume": volume, "error_cost": 1.0}, LAWS)
    assert now.classes.pooled.tolist() == [False, pooled]


@pytest.mark.parametrize(("rows", "decision"), [(199, "inconclusive"), (200, "prompt_with_retrieval")])
def test_under_200_rows_nothing_is_decided(rows, decision):
    assert decide(replace(FACTS, rows=rows)).decision.value == decision
