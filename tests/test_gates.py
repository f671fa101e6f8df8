"""From measurements to gates, and the steps of limits that are not met, as tables."""

from __future__ import annotations

import pytest

from auditor.actions import actions_for
from auditor.errors import ConfigError
from auditor.gate_limits import GATE_LIMITS
from auditor.judge.gates import held, judge_gates, speaking_against
from auditor.limits import with_overrides
from auditor.model import CheckOutcome, Finding, GateId, Notice, Outcome, Severity, Subject, SubjectKind
from reports import text

HEALTHY = {
    "rows": 10_000,
    "unique_rows": 9_000,
    "covered_volume_share": 0.97,
    "doubling_gain": 0.01,
    "label_noise_rate": 0.02,
    "conflict_rate": 0.001,
    "systematic_share": 0.0,
    "repeated_systematic_share": 0.0,
    "confused_share": 0.0,
    "proven_leaks": 0,
    "starved_volume_share": 0.02,
    "decay_at_horizon": 0.01,
    "churned_volume_share": 0.0,
    "gain_in_time": 0.06,
    "routing_adds": 0.0,
    "probability_training_pays": 0.9,
    "personal_data_share": 0.0,
    "unanswered_questions": 0,
}
ABSENT = None


def measured(**changes: float | None) -> tuple[CheckOutcome, ...]:
    values = {name: value for name, value in (HEALTHY | changes).items() if value is not ABSENT}
    return (CheckOutcome("ALL001", "all", "All", GateId.VOLUME, Outcome.PASSED, measurements=values),)


def crashed(gate: GateId) -> CheckOutcome:
    return CheckOutcome("BAD001", "bad", "Bad", gate, Outcome.ERRORED, "ValueError inside the check")


def statuses(outcomes, limits=GATE_LIMITS) -> dict[str, str]:
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
        # It fails where all of its interval does.
        ({"label_noise_rate": 0.16, "label_noise_low": 0.13}, "labels", "fail"),
        ({"label_noise_rate": 0.13, "label_noise_low": 0.08}, "labels", "caution"),
        ({"doubling_gain": 0.12, "doubling_gain_low": 0.09, "doubling_gain_high": 0.15}, "volume", "fail"),
        ({"doubling_gain": 0.09, "doubling_gain_low": 0.06, "doubling_gain_high": 0.12}, "volume", "caution"),
        ({"label_noise_rate": ABSENT}, "labels", "unknown"),
        ({"conflict_rate": 0.9}, "labels", "caution"),
        ({"systematic_share": 0.002}, "patterns", "caution"),
        ({"systematic_share": 0.9}, "patterns", "caution"),
        ({"repeated_systematic_share": 0.002}, "patterns", "caution"),
        ({"repeated_systematic_share": 0.006}, "patterns", "fail"),
        ({"systematic_share": ABSENT}, "patterns", "caution"),
        ({"confused_share": 0.02}, "patterns", "caution"),
        ({"confused_share": 0.07}, "patterns", "fail"),
        ({"confused_share": 0.9, "reviewed_repeated_rate": 0.01}, "patterns", "pass"),
        ({"confused_share": 0.0, "reviewed_repeated_rate": 0.04}, "patterns", "fail"),
        ({"proven_leaks": 1}, "patterns", "caution"),
        ({"starved_volume_share": 0.9}, "patterns", "caution"),
        ({"decay_at_horizon": -0.2}, "stability", "pass"),
        ({"decay_at_horizon": 0.04}, "stability", "caution"),
        ({"decay_at_horizon": 0.9}, "stability", "caution"),
        ({"decay_at_horizon": ABSENT}, "stability", "unknown"),
        ({"churned_volume_share": 0.9}, "stability", "caution"),
        ({"gain_in_time": 0.02}, "stability", "caution"),
        ({"gain_in_time": -0.01}, "stability", "caution"),
        ({"gain_in_time": ABSENT}, "stability", "unknown"),
        ({"routing_adds": 0.04}, "stability", "caution"),
        ({"probability_training_pays": 0.8}, "benefit", "pass"),
        ({"probability_training_pays": 0.79}, "benefit", "caution"),
        ({"probability_training_pays": 0.5}, "benefit", "caution"),
        ({"probability_training_pays": 0.49}, "benefit", "fail"),
        ({"probability_training_pays": ABSENT}, "benefit", "unknown"),
        ({"personal_data_share": 0.5}, "governance", "caution"),
        ({"personal_data_share": ABSENT}, "governance", "caution"),
        ({"unanswered_questions": 13}, "governance", "caution"),
    ],
)
def test_a_measurement_decides_its_gate_and_no_other(changes, gate, status):
    expected = dict.fromkeys([each.value for each in GateId], "pass") | {gate: status}
    assert statuses(measured(**changes)) == expected


SEEN_ON_A_SHEET = {
    "reviewed_noise_rate": 0.03,
    "reviewed_noise_low": 0.01,
    "reviewed_noise_high": 0.04,
    "reviewed": 200,
}
NOTHING_TOLD = CheckOutcome("LAB009", "lab", "Lab", GateId.LABELS, Outcome.NOT_APPLICABLE, "The export has no texts.")


@pytest.mark.parametrize(
    ("changes", "others", "gate", "said"),
    [
        # Of what is met the figure nearest to its limit, the first of those at theirs.
        ({}, (), "volume", "All limits are met. 97 % of the volume"),
        ({"unique_rows": 1_000}, (), "volume", "All limits are met. There are 1,000 different records"),
        (
            {"unique_rows": 1_000, "covered_volume_share": 0.9},
            (),
            "volume",
            "All limits are met. There are 1,000 different records",
        ),
        # Of what fails all of it with the limit to fail, and nothing of what only cautions.
        (
            {"unique_rows": 100, "doubling_gain": 0.09, "covered_volume_share": 0.8},
            (),
            "volume",
            "There are 100 different records (limit 200). Twice the records would add 9 points of accuracy "
            "(limit 8 points)",
        ),
        ({"label_noise_rate": 0.06}, (), "labels", "About 6 % of the labels look wrong (limit 5 %)"),
        ({"label_noise_rate": ABSENT}, (), "labels", "Not known: the checks that measure it were not run"),
        ({"label_noise_rate": ABSENT}, (NOTHING_TOLD,), "labels", "Not known: The export has no texts."),
        (
            {"label_noise_rate": 0.06, "label_noise_low": 0.04, "label_noise_high": 0.08},
            (),
            "labels",
            "Not known: labels that look wrong (a fresh sheet would tell)",
        ),
        # What is known to miss its limit counts for more than what is not known.
        (
            {"label_noise_rate": 0.06, "label_noise_low": 0.04, "label_noise_high": 0.08, "conflict_rate": 0.9},
            (),
            "labels",
            "90 % of the records have the same text",
        ),
        ({"label_noise_rate": ABSENT, "conflict_rate": ABSENT}, (NOTHING_TOLD,), "labels", "Not known: The export"),
        (
            SEEN_ON_A_SHEET,
            (),
            "labels",
            "All limits are met. A fresh sheet finds 3 % of the labels wrong (limit 5 %). A fresh sheet of 200 records "
            "puts the wrong labels at 3 % (1 % to 4 %)",
        ),
        (SEEN_ON_A_SHEET, (), "volume", "All limits are met. 97 % of the volume"),
        ({"personal_data_share": ABSENT}, (), "governance", "Part of the evidence is missing"),
        ({}, (crashed(GateId.LABELS),), "labels", "Not known: the check BAD001 did not finish"),
        # A check of another gate.
        ({}, (crashed(GateId.LABELS),), "volume", "All limits are met"),
    ],
)
def test_a_gate_says_what_it_rests_on(changes, others, gate, said):
    (found,) = (each for each in judge_gates((*measured(**changes), *others), GATE_LIMITS) if each.id == gate)
    assert text.summary(found).startswith(said)


@pytest.mark.parametrize(
    ("observed", "measurement", "severity", "limit"),
    [
        (0.2, "label_noise_rate", "critical", 0.05),
        (0.06, "label_noise_rate", "warning", 0.05),
        (0.05, "label_noise_rate", None, None),
        # A constant of the method decides, or nothing was observed: it stays as it is.
        (0.2, "", "info", 0.5),
        (None, "label_noise_rate", "info", 0.5),
    ],
)
def test_a_finding_is_as_severe_as_the_limit_of_its_figure_says(observed, measurement, severity, limit):
    whole = Subject(SubjectKind.DATASET, ())
    finding = Finding("LAB001", Severity.INFO, whole, "Something.", observed, 0.5, measurement=measurement)
    before = CheckOutcome("LAB001", "lab", "Lab", GateId.LABELS, Outcome.FOUND, findings=(finding,))
    (after,) = held((before,), GATE_LIMITS)
    assert [(each.severity, each.limit) for each in after.findings] == ([(severity, limit)] if severity else [])
    assert after.outcome is (Outcome.FOUND if severity else Outcome.PASSED)


def test_what_found_nothing_is_no_finding_of_a_limit():
    skipped = CheckOutcome("LAB001", "lab", "Lab", GateId.LABELS, Outcome.SKIPPED)
    assert held((skipped,), GATE_LIMITS) == (skipped,)


@pytest.mark.parametrize("gate", GateId)
def test_a_crash_is_never_a_pass(gate):
    assert statuses((*measured(), crashed(gate)))[gate.value] == "unknown"


@pytest.mark.parametrize(
    "limit", [each for each in GATE_LIMITS if not each.supersedes], ids=lambda each: each.measurement
)
def test_what_was_not_measured_never_passes(limit):
    assert statuses(measured(**{limit.measurement: ABSENT}))[limit.gate.value] != "pass"


NOISY, THIN = {"label_noise_rate": 0.2}, {"unique_rows": 50}
DECAYING = {"gain_in_time": -0.05}
UNDATED = dict.fromkeys(["decay_at_horizon", "churned_volume_share", "gain_in_time", "routing_adds"], ABSENT)


def steps(outcomes):
    return actions_for(judge_gates(outcomes, GATE_LIMITS), GATE_LIMITS, outcomes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (NOISY, ("labels", 1500, "from 20 % to the limit of 5 % after 1,500 records")),
        (THIN, ("volume", None, "different records: 50 now, 1,000 to pass")),
        (UNDATED, ("stability", None, "makes the gate known")),
        (DECAYING, ("stability", None, "\N{MINUS SIGN}5 points now, 3 points to pass")),
    ],
)
def test_the_step_for_a_missed_limit_is_computed(changes, said):
    (action,) = steps(measured(**changes))
    gate, rows, effect = said
    assert (action.gate, action.rows) == (gate, rows)
    assert effect in text.effect(action)


@pytest.mark.parametrize(("churned", "told"), [(0.0, "Train again"), (0.01, "Train again"), (0.04, "Map renamed")])
def test_classes_are_mapped_where_so_many_records_moved_with_them_as_a_model_loses_too_many(churned, told):
    (action,) = steps(measured(decay_at_horizon=0.06, churned_volume_share=churned))
    assert action.text.startswith(told)


def test_what_fails_comes_first_and_then_what_takes_the_least_work():
    outcomes = measured(label_noise_rate=0.13, confused_share=0.07, proven_leaks=1, systematic_share=ABSENT)
    assert [(step.gate.value, step.rows, step.hours) for step in steps(outcomes)] == [
        ("labels", 800, 7),
        ("patterns", None, 16),
        ("patterns", None, 1),
        ("patterns", None, 8),
    ]


def test_no_step_without_a_missed_limit():
    assert steps(measured()) == ()


def test_what_fails_speaks_against_the_answer_first():
    outcomes = measured(label_noise_rate=0.06, doubling_gain=0.09, probability_training_pays=0.3)
    gates = judge_gates(outcomes, GATE_LIMITS)
    assert [gate.value for gate in speaking_against(gates)] == ["volume", "benefit", "labels"]


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
    limits = with_overrides(GATE_LIMITS, overrides)
    assert statuses(measured(**changes), limits)["labels"] == status
    assert {limit.source == "set in the configuration" for limit in limits if limit.measurement in overrides} == {True}
    assert [limit for limit in limits if limit.measurement not in overrides] == [
        limit for limit in GATE_LIMITS if limit.measurement not in overrides
    ]


def test_a_gate_that_hangs_on_how_the_export_was_read_is_unknown():
    notices = (Notice("The dates are read day first.", (GateId.STABILITY,)), Notice("'-' is a class."))
    gates = {gate.id: gate for gate in judge_gates(measured(), GATE_LIMITS, notices=notices)}
    assert gates[GateId.STABILITY].status == "unknown"
    assert text.summary(gates[GateId.STABILITY]) == "Not known: The dates are read day first."
    assert gates[GateId.LABELS].status == "pass"


def test_limits_that_nobody_knows_are_refused_all_at_once_with_a_hint():
    with pytest.raises(ConfigError) as caught:
        with_overrides(GATE_LIMITS, {"label_noise": 0.1, "unique_rows": 5, "zzz": 1})
    assert str(caught.value).splitlines() == [
        "limits: 'label_noise' is not a measurement with a limit. Did you mean 'label_noise_rate'?",
        "limits: 'zzz' is not a measurement with a limit.",
    ]
