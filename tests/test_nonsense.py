"""No figure that is none: what was seen on real exports, and what is said of the same now."""

from __future__ import annotations

import re

import pytest

from auditor.judge.gates import judge_gates
from auditor.limits import Limit
from auditor.model import CheckOutcome, GateId, Outcome
from benchmarks import nonsense
from benchmarks.results import RESULTS
from reports import numbers, text
from reports.numbers import NBSP

SAYS = {
    nonsense.wide_forecast: ("is not known: needs more months of records", r"\d+ %"),
    nonsense.two_periods: ("75 % right", r"\b100 %|\b0 %"),
    nonsense.unbounded_noise: ("unknown: Not known: how many labels are wrong. Needs", "pass|or more"),
    nonsense.far_birth: ("with less than one new one in 2 years", r"due|\b20\d\d\b"),
    nonsense.regular_births: ("with a new one every 16 months", r"due|\b20\d\d\b"),
    nonsense.few_records: ("small classes: rare", "\N{MINUS SIGN}"),
    nonsense.two_spellings: ("2 classes: 1 (70 records), 2 (70 records)", r"1\.0"),
    nonsense.hard_quarters: ("no cadence", "a cadence"),
    nonsense.cadence: ("another 3.0 points in 27 months", "(?i)retrain more often|retrain by"),
    nonsense.near_limit: ("+2.6 points", r"\+3 points"),
    nonsense.around_limit: ("unknown: Not known: accuracy that twice the records would add. Needs more", "pass"),
    nonsense.beside_limit: ("pass: Twice the records would add between 0.2 and 2.2 points", "not known"),
    nonsense.no_pay: ("nobody is told", r"\d"),
    nonsense.two_schemes: ("Map one name to the other", "mixed up"),
}  # fmt: skip


@pytest.mark.parametrize("case", nonsense.CASES, ids=lambda case: case.now.__name__)
def test_what_is_no_figure_is_not_said(case):
    says, never = SAYS[case.now]
    now = case.now().replace(NBSP, " ")
    assert says in now
    assert not re.search(never, now)


def test_the_committed_table_says_what_the_code_says():
    told = (RESULTS / "nonsense.md").read_text("utf-8")
    assert [each.now().replace(NBSP, " ").replace("|", "\\|") in told for each in nonsense.CASES].count(False) == 0


HELD = Limit(GateId.VOLUME, "gain", "gain", "It adds {}", 0.03, 0.08, "points", "", "", needs="more records")
LOW, HIGH = "gain_low", "gain_high"


@pytest.mark.parametrize(
    ("measured", "status", "said"),
    [
        ({"gain": 0.02}, "pass", "It adds 2 points"),
        ({"gain": 0.02, LOW: 0.011, HIGH: 0.029}, "pass", "It adds between 1.1 and 2.9 points"),
        ({"gain": 0.05, LOW: 0.04, HIGH: 0.06}, "caution", "It adds between 4 and 6 points"),
        ({"gain": 0.1, LOW: 0.04, HIGH: 0.16}, "caution", "It adds between 4 and 16 points"),
        ({"gain": 0.12, LOW: 0.09, HIGH: 0.16}, "fail", "It adds between 9 and 16 points"),
        ({"gain": 0.02, LOW: 0.01, HIGH: 0.031}, "unknown", "Gain (not known: needs more records)"),
        ({"gain": 0.05, LOW: 0.029, HIGH: 0.08}, "unknown", "Gain (not known: needs more records)"),
        ({"gain": 0.02, LOW: 0.01}, "unknown", "Gain (not known: needs more records)"),
        ({"gain": 0.05, LOW: 0.04}, "caution", "It adds 5 points"),
    ],
)
def test_a_figure_is_known_where_both_ends_lie_on_one_side_of_its_limit(measured, status, said):
    outcome = CheckOutcome("ALL001", "all", "All", GateId.VOLUME, Outcome.PASSED, measurements=measured)
    gate = next(each for each in judge_gates((outcome,), (HELD,)) if each.id is GateId.VOLUME)
    (criterion,) = gate.criteria
    assert (gate.status, text.measured(criterion).replace(NBSP, " ")) == (status, said)
    # What the data contract holds is the figure and its interval, whatever the words say.
    assert (criterion.observed, criterion.low, criterion.high) == tuple(measured.get(n) for n in ("gain", LOW, HIGH))


def test_what_surely_misses_its_limit_counts_for_more_than_what_may():
    other = Limit(GateId.VOLUME, "rows", "rows", "There are {}", 100, None, "count", "", "", higher_is_better=True)
    measured = {"gain": 0.02, LOW: 0.01, HIGH: 0.04, "rows": 50}
    outcome = CheckOutcome("ALL001", "all", "All", GateId.VOLUME, Outcome.PASSED, measurements=measured)
    gates = {each.id: each for each in judge_gates((outcome,), (HELD, other))}
    assert gates[GateId.VOLUME].status == "caution"


@pytest.mark.parametrize("value", [0.0251, 0.026, 0.0296, 0.02996, 0.0304])
def test_no_rounding_hides_the_side_of_a_limit(value):
    from auditor.model import Figure

    kind = numbers.beside(Figure("points", 0), value, 0.03)
    shown = float(numbers.figure(value, "points", kind.decimals, bare=True))
    assert (shown < 3) == (value < 0.03) and shown != 3
