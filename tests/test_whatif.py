"""The policy on what might be: the range of a prompt, repaired data, figures drawn anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.limits import LIMITS
from auditor.model import Action, ClassRow, Decision, Estimate, GateId, Route
from auditor.policy import decide, judge_gates
from auditor.whatif import (
    TRAINING,
    Repair,
    benefit_range,
    confidence,
    counterfactuals,
    decision_with,
    repairs,
    rerouted,
    turning_points,
)
from tests.test_policy import measured

PROMPT = {"trained_accuracy": 0.88, "prompt_floor": 0.80, "prompt_ceiling": 0.95, "gain_over_ceiling": -0.07}
SURE = PROMPT | {"prompt_ceiling": 0.82, "gain_over_ceiling": 0.06}


def class_row(label: str = "a", share: float = 1.0, **changes: object) -> ClassRow:
    row = ClassRow(label, 500, 500, share, 0.9, 0.9, 0.8, 0.01, None, None, Route.PROMPT, "")
    return rerouted(row, **changes)


def test_a_verdict_that_holds_over_the_range_says_so():
    found = benefit_range(measured(**SURE), ())
    assert (found.at_floor, found.at_ceiling, found.settled_below) == ("fine_tune", "fine_tune", None)


def test_a_verdict_that_hangs_on_the_prompt_names_the_accuracy_that_it_must_not_reach():
    outcomes = measured(**PROMPT)
    found = benefit_range(outcomes, ())
    assert (found.at_floor, found.at_ceiling) == ("fine_tune", "prompt_with_retrieval")
    # The gate fails where training adds less than two points.
    assert found.settled_below == pytest.approx(0.86, abs=0.002)
    conditions = decide(judge_gates(outcomes), (), outcomes, found).conditions
    assert any("stays under 86" in each and "auditor baseline" in each for each in conditions)
    settled = decide(judge_gates(outcomes), (), outcomes, benefit_range(measured(**SURE), ())).conditions
    assert not any("auditor baseline" in each for each in settled)


def test_at_the_ceiling_the_classes_are_routed_anew():
    classes = (class_row(share=0.6, ceiling_recall=0.99), class_row("b", 0.4, retrieval_recall=0.9))
    assert [row.route for row in classes] == ["fine_tune", "prompt"]
    outcomes = measured(**PROMPT | {"gain_over_retrieval": 0.0, "gain_over_ceiling": -0.1})
    found = benefit_range(outcomes, classes)
    assert (found.at_floor, found.at_ceiling) == ("fine_tune_subset", "prompt_with_retrieval")
    # Its recall of 0.9 is 3 points above retrieval until 7 of the 19 points to the ceiling.
    assert found.settled_below == pytest.approx(0.80 + 0.15 * 7 / 19, abs=0.003)


def test_a_measured_prompt_replaces_the_range():
    beside = {"gain_over_prompt": -0.02, "prompt_accuracy": 0.91, "trained_accuracy_beside_prompt": 0.89}
    found = benefit_range(measured(**PROMPT | beside), ())
    assert (found.at_floor, found.at_ceiling, found.measured) == (
        "prompt_with_retrieval",
        "prompt_with_retrieval",
        0.91,
    )


def test_without_retrieval_there_is_no_range():
    assert benefit_range(measured(gain_over_retrieval=None), ()) is None


def of_repairs(**changes: float):
    outcomes = measured(**changes)
    return counterfactuals(outcomes, (), repairs(outcomes, ()))


def test_the_step_with_the_least_work_that_changes_the_decision_is_found():
    (only,) = of_repairs(label_noise_rate=0.13, conflict_rate=0.03)
    assert [(step.gate, step.rows) for step in only.steps] == [("labels", 800)]
    assert (only.instead_of, only.decision) == ("fix_data_first", "fine_tune")


def test_both_steps_are_named_where_neither_is_enough():
    (only,) = of_repairs(label_noise_rate=0.13, repeated_systematic_share=0.02, systematic_share=0.03)
    assert sorted((step.gate.value, step.rows) for step in only.steps) == [("labels", 800), ("patterns", 300)]
    assert only.decision == "fine_tune"


def test_another_decision_and_training_are_told_apart():
    merging = Repair(Action("merge", GateId.PATTERNS, None, "", 16), {"gain_over_retrieval": 0.05})
    outcomes = measured(label_noise_rate=0.13, gain_over_retrieval=0.0)
    first, second = counterfactuals(outcomes, (), (*repairs(outcomes, ()), merging))
    assert (len(first.steps), first.decision) == (1, "prompt_with_retrieval")
    assert (len(second.steps), second.decision) == (2, "fine_tune")


def test_a_repaired_class_is_routed_anew():
    habit = class_row(habit_share=0.2)
    outcomes = measured(repeated_systematic_share=0.02, systematic_share=0.03, gain_over_retrieval=0.0)
    assert habit.route == "fix_first"
    (first,) = counterfactuals(outcomes, (habit,), repairs(outcomes, (habit,)))
    assert first.decision == "fine_tune_subset"


@pytest.mark.parametrize("changes", [{}, {"decay_at_horizon": 0.3}])
def test_no_step_is_named_where_none_is_needed_or_none_helps(changes):
    assert of_repairs(**changes) == ()


def test_the_decision_to_fine_tune_names_each_figure_that_turns_it():
    found = {each.measurement: each for each in turning_points(measured(gain_over_retrieval=0.06), ())}
    gain = found["gain_over_retrieval"]
    assert (gain.observed, gain.at, gain.below, gain.decision) == (0.06, 0.02, True, "prompt_with_retrieval")
    assert found["label_noise_rate"].decision == "fix_data_first"
    assert found["reviewed_repeated_rate"].observed is None
    assert not {"conflict_rate", "unique_rows"} & set(found)


def test_a_figure_that_another_one_stands_in_for_turns_nothing():
    names = {each.measurement for each in turning_points(measured(reviewed_noise_rate=0.01), ())}
    assert "reviewed_noise_rate" in names
    assert "label_noise_rate" not in names


def test_a_limit_that_a_person_moved_beyond_failing_is_the_one_that_counts():
    moved = tuple(replace(x, passes=0.15) if x.measurement == "label_noise_rate" else x for x in LIMITS)
    noise = next(x for x in turning_points(measured(), (), moved) if x.measurement == "label_noise_rate")
    assert noise.at == 0.15


@pytest.mark.parametrize("changes", [{"label_noise_rate": 0.2}, {"gain_over_retrieval": 0.0}])
def test_only_the_decision_to_fine_tune_names_them(changes):
    outcomes = measured(**changes)
    assert decision_with(outcomes, (class_row(),)) is not Decision.FINE_TUNE
    assert turning_points(outcomes, (class_row(),)) == ()


def test_confidence_is_certain_far_from_every_limit():
    found = confidence(measured(), (), {})
    assert (found.stays, found.tips) == (1, ())
    assert found.decisions == {Decision.FINE_TUNE: 1}


def test_confidence_falls_near_a_limit_and_names_it():
    near = {"label_noise_rate": 0.119}
    estimates = {"label_noise_rate": Estimate(0.119, 0.1, 0.14, "share", "")}
    found = confidence(measured(**near), (), estimates)
    assert 0.2 < found.stays < 0.8
    assert found.figures_drawn_anew < 0.8
    assert found.tips == ("labels that look wrong, at least",)
    assert sum(found.decisions.values()) == pytest.approx(1)
    assert confidence(measured(**near), (), estimates) == found


def test_confidence_without_intervals_counts_only_the_limits():
    found = confidence(measured(doubling_gain=0.075), (), {})
    assert found.figures_drawn_anew == 1
    assert 0 < found.limits_moved < 1


@pytest.mark.parametrize("limit", [limit for limit in LIMITS if limit.fail is not None], ids=lambda x: x.measurement)
def test_the_policy_reads_the_changed_figure(limit):
    assert decision_with(measured(), (), changes={limit.measurement: limit.fail}) in TRAINING
    past = limit.fail - 0.01 - limit.fail / 2 if limit.higher_is_better else 2 * limit.fail
    assert decision_with(measured(), (), changes={limit.measurement: past}) is not Decision.FINE_TUNE


def test_a_route_follows_its_class():
    row = class_row()
    assert replace(rerouted(row, noise_rate=0.5), noise_rate=0.01, route=row.route, why=row.why) == row
    assert rerouted(row, noise_rate=0.5).route == "fix_first"
