"""From measurements to gates, and from gates to the verdict, as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from auditor.errors import ConfigError
from auditor.limits import LIMITS, with_overrides
from auditor.model import CheckOutcome, ClassRow, Decision, GateId, GateStatus, Outcome, Route
from auditor.policy import decide, judge_gates, route

HEALTHY = {
    "rows": 10_000,
    "unique_rows": 9_000,
    "covered_volume_share": 0.97,
    "doubling_gain": 0.01,
    "label_noise_rate": 0.02,
    "conflict_rate": 0.001,
    "systematic_share": 0.0,
    "repeated_systematic_share": 0.0,
    "confused_share": 0.01,
    "leaked_share": 0.0,
    "starved_volume_share": 0.02,
    "decay_at_horizon": 0.01,
    "churned_volume_share": 0.0,
    "gain_in_time": 0.06,
    "routing_adds": 0.0,
    "gain_over_retrieval": 0.08,
    "personal_data_share": 0.0,
    "unanswered_questions": 0,
}
ABSENT = None


def measured(**changes: float | None) -> tuple[CheckOutcome, ...]:
    values = {name: value for name, value in (HEALTHY | changes).items() if value is not ABSENT}
    return (CheckOutcome("ALL001", "all", "All", GateId.VOLUME, Outcome.PASSED, measurements=values),)


def crashed(gate: GateId) -> CheckOutcome:
    return CheckOutcome("BAD001", "bad", "Bad", gate, Outcome.ERRORED, "ValueError inside the check")


def statuses(outcomes, limits=LIMITS) -> dict[str, str]:
    gates = judge_gates(outcomes, limits)
    assert [gate.id for gate in gates] == list(GateId)
    return {gate.id.value: gate.status.value for gate in gates}


@pytest.mark.parametrize(
    ("changes", "gate", "status"),
    [
        ({}, "volume", "pass"),
        ({"unique_rows": 1000}, "volume", "pass"),
        ({"unique_rows": 999}, "volume", "caution"),
        ({"unique_rows": 200}, "volume", "caution"),
        ({"unique_rows": 199}, "volume", "fail"),
        ({"covered_volume_share": 0.89}, "volume", "caution"),
        ({"covered_volume_share": 0.01}, "volume", "caution"),
        ({"doubling_gain": 0.04}, "volume", "caution"),
        ({"doubling_gain": 0.09}, "volume", "fail"),
        ({"doubling_gain": ABSENT}, "volume", "unknown"),
        ({"doubling_gain": ABSENT, "unique_rows": 100}, "volume", "fail"),
        ({"label_noise_rate": 0.05}, "labels", "pass"),
        ({"label_noise_rate": 0.06}, "labels", "caution"),
        ({"label_noise_rate": 0.13}, "labels", "fail"),
        ({"label_noise_rate": ABSENT}, "labels", "unknown"),
        ({"conflict_rate": 0.9}, "labels", "caution"),
        ({"systematic_share": 0.002}, "patterns", "caution"),
        ({"systematic_share": 0.9}, "patterns", "caution"),
        ({"repeated_systematic_share": 0.002}, "patterns", "caution"),
        ({"repeated_systematic_share": 0.006}, "patterns", "fail"),
        ({"systematic_share": ABSENT}, "patterns", "caution"),
        ({"confused_share": 0.05}, "patterns", "caution"),
        ({"confused_share": 0.07}, "patterns", "fail"),
        ({"confused_share": 0.9, "reviewed_repeated_rate": 0.01}, "patterns", "pass"),
        ({"confused_share": 0.0, "reviewed_repeated_rate": 0.04}, "patterns", "fail"),
        ({"leaked_share": 1.0}, "patterns", "caution"),
        ({"leaked_share": ABSENT}, "patterns", "unknown"),
        ({"starved_volume_share": 0.9}, "patterns", "caution"),
        ({"decay_at_horizon": -0.2}, "stability", "pass"),
        ({"decay_at_horizon": 0.04}, "stability", "caution"),
        ({"decay_at_horizon": 0.9}, "stability", "caution"),
        ({"decay_at_horizon": ABSENT}, "stability", "unknown"),
        ({"churned_volume_share": 0.9}, "stability", "caution"),
        ({"gain_in_time": 0.02}, "stability", "caution"),
        ({"gain_in_time": -0.01}, "stability", "fail"),
        ({"gain_in_time": ABSENT}, "stability", "unknown"),
        ({"routing_adds": 0.04}, "stability", "fail"),
        ({"gain_over_retrieval": 0.025}, "benefit", "caution"),
        ({"gain_over_retrieval": -0.05}, "benefit", "fail"),
        ({"gain_over_retrieval": ABSENT}, "benefit", "unknown"),
        ({"personal_data_share": 0.5}, "governance", "caution"),
        ({"personal_data_share": ABSENT}, "governance", "caution"),
        ({"unanswered_questions": 13}, "governance", "caution"),
    ],
)
def test_a_measurement_decides_its_gate_and_no_other(changes, gate, status):
    expected = dict.fromkeys([each.value for each in GateId], "pass") | {gate: status}
    assert statuses(measured(**changes)) == expected


@pytest.mark.parametrize("gate", GateId)
def test_a_crash_is_never_a_pass(gate):
    assert statuses((*measured(), crashed(gate)))[gate.value] == "unknown"


@pytest.mark.parametrize("limit", LIMITS, ids=[limit.measurement for limit in LIMITS])
def test_what_was_not_measured_never_passes(limit):
    assert statuses(measured(**{limit.measurement: ABSENT}))[limit.gate.value] != "pass"


def class_row(share: float, target: Route) -> ClassRow:
    return ClassRow("a", 500, 500, share, 0.9, 0.9, 0.8, 0.01, None, None, target, "")


NO_CLASSES = ()
MOST = (class_row(0.6, Route.FINE_TUNE), class_row(0.4, Route.PROMPT))
FEW = (class_row(0.4, Route.FINE_TUNE), class_row(0.6, Route.PROMPT))
NOISY, HABIT = {"label_noise_rate": 0.2}, {"repeated_systematic_share": 0.02}
THIN, DECAYING, NO_GAIN = {"unique_rows": 50}, {"gain_in_time": -0.05}, {"gain_over_retrieval": 0.0}
MIXED = {"confused_share": 0.1}
MOVING, LOST = {"routing_adds": 0.04}, {"routing_adds": 0.04, "gain_in_time": -0.02}
UNDATED = dict.fromkeys(["decay_at_horizon", "churned_volume_share", "gain_in_time", "routing_adds"], ABSENT)


@pytest.mark.parametrize(
    ("changes", "classes", "decision", "also"),
    [
        ({}, NO_CLASSES, "fine_tune", []),
        ({"label_noise_rate": 0.06, "personal_data_share": 0.5}, NO_CLASSES, "fine_tune", []),
        (NOISY, MOST, "fix_data_first", []),
        (HABIT, MOST, "fix_data_first", []),
        (DECAYING, MOST, "prompt_with_retrieval", []),
        (NO_GAIN, FEW, "prompt_with_retrieval", []),
        (THIN, FEW, "prompt_with_retrieval", []),
        (NO_GAIN, MOST, "fine_tune_subset", []),
        (THIN | NO_GAIN, MOST, "fine_tune_subset", []),
        (NOISY | NO_GAIN, MOST, "fix_data_first", ["prompt_with_retrieval"]),
        (NOISY | DECAYING, NO_CLASSES, "fix_data_first", ["prompt_with_retrieval"]),
        (MIXED, MOST, "fix_data_first", []),
        (MIXED | NO_GAIN, MOST, "prompt_with_retrieval", ["fix_data_first"]),
        (MIXED | NO_GAIN | NOISY, MOST, "fix_data_first", ["prompt_with_retrieval"]),
        (NO_GAIN | DECAYING, MOST, "prompt_with_retrieval", []),
        (MOVING, FEW, "fine_tune_subset", []),
        (MOVING | NOISY, FEW, "fix_data_first", ["prompt_with_retrieval"]),
        (LOST, MOST, "prompt_with_retrieval", []),
        (UNDATED, MOST, "inconclusive", []),
        (UNDATED | NOISY, MOST, "fix_data_first", ["inconclusive"]),
        (UNDATED | NO_GAIN, MOST, "prompt_with_retrieval", ["inconclusive"]),
        (UNDATED | NOISY | NO_GAIN, MOST, "fix_data_first", ["prompt_with_retrieval", "inconclusive"]),
        ({"personal_data_share": ABSENT}, NO_CLASSES, "fine_tune", []),
    ],
)
def test_the_most_cautious_decision_stands(changes, classes, decision, also):
    outcomes = measured(**changes)
    verdict = decide(judge_gates(outcomes), classes, outcomes)
    assert (verdict.decision, list(verdict.also_holding)) == (decision, also)
    assert verdict.headline
    assert verdict.reasons
    assert verdict.conditions


@pytest.mark.parametrize(
    ("gate", "decision"),
    [(gate, "inconclusive" if gate is not GateId.GOVERNANCE else "fine_tune") for gate in GateId],
)
def test_a_crash_makes_the_verdict_inconclusive(gate, decision):
    outcomes = (*measured(), crashed(gate))
    verdict = decide(judge_gates(outcomes), MOST, outcomes)
    assert verdict.decision == decision
    assert decision != "inconclusive" or "BAD001" in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (NOISY, ("labels", 1500, "from 20 % to the limit of 5 % after 1,500 records", "At least 20 % of")),
        (THIN, ("volume", None, "different records: 50 now, 1,000 to pass", "There are 50 different")),
        (UNDATED, ("stability", None, "makes the gate known", "Stability: Not known")),
        (DECAYING, ("stability", None, "-5 points now, 3 points to pass", "Training adds -5 points")),
    ],
)
def test_what_would_change_the_verdict_is_computed(changes, said):
    outcomes = measured(**changes)
    verdict = decide(judge_gates(outcomes), NO_CLASSES, outcomes)
    (action,) = verdict.would_change
    gate, rows, effect, reason = said
    assert (action.gate, action.rows) == (gate, rows)
    assert effect in action.effect
    assert verdict.reasons[0].startswith(reason)


def test_what_fails_comes_first_and_then_what_takes_the_least_work():
    outcomes = measured(label_noise_rate=0.13, confused_share=0.07, leaked_share=0.02, systematic_share=ABSENT)
    steps = decide(judge_gates(outcomes), NO_CLASSES, outcomes).would_change
    assert [(step.gate.value, step.rows, step.hours) for step in steps] == [
        ("labels", 800, 7),
        ("patterns", None, 16),
        ("patterns", None, 1),
        ("patterns", 150, 8),
    ]


def test_nothing_would_change_a_verdict_without_a_missed_limit():
    outcomes = measured()
    assert decide(judge_gates(outcomes), NO_CLASSES, outcomes).would_change == ()


@pytest.mark.parametrize(
    ("overrides", "changes", "status"),
    [
        ({"label_noise_rate": 0.3}, NOISY, "pass"),
        ({"label_noise_rate": (0.3, 0.5)}, NOISY, "pass"),
        ({"label_noise_rate": (0.01, 0.015)}, {}, "fail"),
        ({"label_noise_rate": (0.01, 0.5)}, {}, "caution"),
        ({"conflict_rate": 0.9}, NOISY, "fail"),
    ],
)
def test_a_limit_that_a_person_set_counts(overrides, changes, status):
    limits = with_overrides(LIMITS, overrides)
    assert statuses(measured(**changes), limits)["labels"] == status
    assert {limit.source == "set in the configuration" for limit in limits if limit.measurement in overrides} == {True}
    assert [limit for limit in limits if limit.measurement not in overrides] == [
        limit for limit in LIMITS if limit.measurement not in overrides
    ]


def test_limits_that_nobody_knows_are_refused_all_at_once_with_a_hint():
    with pytest.raises(ConfigError) as caught:
        with_overrides(LIMITS, {"label_noise": 0.1, "unique_rows": 5, "zzz": 1})
    assert str(caught.value).splitlines() == [
        "limits: 'label_noise' is not a measurement with a limit. Did you mean 'label_noise_rate'?",
        "limits: 'zzz' is not a measurement with a limit.",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Route.FINE_TUNE),
        ({"habit_share": 0.06}, Route.FIX_FIRST),
        ({"noise_rate": 0.16}, Route.FIX_FIRST),
        ({"noise_rate": None}, Route.FINE_TUNE),
        ({"unique_rows": 49}, Route.PROMPT),
        ({"unique_rows": 50}, Route.FINE_TUNE),
        ({"churned": True}, Route.PROMPT),
        ({"recall": None}, Route.PROMPT),
        ({"retrieval_recall": None}, Route.PROMPT),
        ({"recall": 0.82}, Route.PROMPT),
        ({"recall": 0.70}, Route.PROMPT),
        ({"prompt_recall": 0.89}, Route.PROMPT),
        ({"prompt_recall": 0.60}, Route.FINE_TUNE),
        ({"noise_rate": 0.5, "churned": True, "unique_rows": 3}, Route.FIX_FIRST),
    ],
)
def test_the_route_of_a_class(changes, expected):
    target, why = route(replace(SOUND, **changes))
    assert target is expected
    assert why


@dataclass(frozen=True)
class ClassFacts:
    unique_rows: int = 400
    recall: float | None = 0.9
    retrieval_recall: float | None = 0.8
    prompt_recall: float | None = None
    noise_rate: float | None = 0.02
    habit_share: float = 0.0
    churned: bool = False


SOUND = ClassFacts()
REVIEWED = {"reviewed": 200, "reviewed_noise_rate": 0.01, "reviewed_noise_low": 0.0, "reviewed_noise_high": 0.04}


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_its_headline(decision):
    cases = {
        "fine_tune": (REVIEWED, "Fine-tuning is justified"),
        "fine_tune_subset": (NO_GAIN | REVIEWED, "Fine-tune these classes, prompt for the rest"),
        "fix_data_first": (NOISY, "Fine-tuning now would amplify bad patterns"),
        "prompt_with_retrieval": (DECAYING, "Stay with prompting and retrieval"),
        "inconclusive": (UNDATED, "The data cannot answer; here is what is missing"),
    }
    changes, headline = cases[decision.value]
    outcomes = measured(**changes)
    verdict = decide(judge_gates(outcomes), MOST, outcomes)
    assert (verdict.decision, verdict.headline) == (decision, headline)


@pytest.mark.parametrize("changes", [{}, NO_GAIN])
def test_training_without_a_review_is_said_to_wait_for_one(changes):
    outcomes = measured(**changes)
    headline = decide(judge_gates(outcomes), MOST, outcomes).headline
    assert headline.endswith(", if a person's review of 200 records confirms the labels")


def test_gates_that_pass_with_care_are_conditions_of_the_verdict():
    outcomes = measured(label_noise_rate=0.06)
    gates = judge_gates(outcomes)
    assert [gate.status for gate in gates if gate.id is GateId.LABELS] == [GateStatus.CAUTION]
    assert "6 % of the labels look wrong (limit 5 %)" in decide(gates, NO_CLASSES, outcomes).conditions[-1]


@pytest.mark.parametrize(("seen", "limit"), [(0.02, "at most 5 %"), (0.06, "at most 12 %")])
def test_a_review_is_asked_for_a_limit_that_it_can_still_meet(seen, limit):
    outcomes = measured(label_noise_rate=seen)
    conditions = decide(judge_gates(outcomes), NO_CLASSES, outcomes).conditions
    assert any("A person reviews 200" in each and limit in each for each in conditions)


def test_a_review_decides_the_labels_gate_and_its_condition_goes():
    review = {"reviewed": 197, "reviewed_noise_low": 0.01, "reviewed_noise_high": 0.045}
    for rate, lower_bound, status in ((0.03, 0.2, "pass"), (0.07, 0.01, "caution"), (0.13, 0.01, "fail")):
        outcomes = measured(label_noise_rate=lower_bound, reviewed_noise_rate=rate, **review)
        gates = judge_gates(outcomes)
        labels = next(gate for gate in gates if gate.id is GateId.LABELS)
        assert labels.status == status
        assert f"A review of 197 records puts the wrong labels at {100 * rate:.2g} %" in labels.summary
        assert not any("drawn records" in each for each in decide(gates, NO_CLASSES, outcomes).conditions)
    assert any("drawn records" in each for each in decide(judge_gates(measured()), NO_CLASSES, measured()).conditions)


def test_a_review_whose_interval_reaches_over_the_limit_asks_for_a_larger_one():
    outcomes = measured(reviewed=60, reviewed_noise_rate=0.03, reviewed_noise_low=0.0, reviewed_noise_high=0.08)
    conditions = decide(judge_gates(outcomes), NO_CLASSES, outcomes).conditions
    assert "A larger review keeps the wrong labels under 5 %: the interval of this one reaches to 8 %." in conditions
