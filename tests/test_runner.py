"""Every check has exactly one outcome, whatever it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.check import Check, Context, Parameter
from auditor.errors import ConfigError, NotApplicable
from auditor.judge.gates import judge_gates
from auditor.limits import Limit
from auditor.model import (
    CheckOutcome,
    CheckReport,
    Estimate,
    Finding,
    GateId,
    GateStatus,
    Outcome,
    Severity,
    Subject,
    SubjectKind,
)
from auditor.runner import validate_codes
from checks import ALL_CHECKS
from reports import text
from tests.checking import checked
from tests.exports import export

UNTOLD = "Jane Roe, MRN 00417"
FINDING = Finding("AAA003", Severity.INFO, Subject(SubjectKind.DATASET), "Something.")


def check(code: str, run: Callable[[Context], CheckReport], gate: GateId = GateId.LABELS, **more) -> Check:
    return Check(code, code.lower(), f"Title of {code}", gate, "It matters.", run, **more)


def passes(_: Context) -> CheckReport:
    return CheckReport({"steady": 1.0}, (), {"steady": Estimate(1.0, None, None, "share", "counted")})


def finds(_: Context) -> CheckReport:
    return CheckReport({"seen": 2.0}, (FINDING,))


def crashes(_: Context) -> CheckReport:
    raise ValueError(f"cannot read {UNTOLD}")


def lacks(_: Context) -> CheckReport:
    raise NotApplicable("there are no pairs of annotators")


CHECKS = (
    check("AAA001", passes),
    check("AAA002", crashes, GateId.PATTERNS),
    check("AAA003", finds),
    check("AAA004", lacks),
    check("AAA005", passes, needs=frozenset({"prediction", "time", "annotator"})),
)


@pytest.fixture
def run(steps):
    about = steps(export(60))

    def outcomes(checks=CHECKS, **options) -> dict[str, CheckOutcome]:
        found, _ = checked(about, checks, **options)
        assert [each.code for each in found] == [each.code for each in checks]
        return {each.code: each for each in found}

    return outcomes


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("passed", "errored", "found", "not_applicable", "not_applicable")),
        ({"select": ("AAA003",)}, ("skipped", "skipped", "found", "skipped", "skipped")),
        ({"select": ("AAA001", "AAA003")}, ("passed", "skipped", "found", "skipped", "skipped")),
    ],
)
def test_every_check_has_exactly_one_outcome(run, options, expected):
    assert tuple(each.outcome.value for each in run(**options).values()) == expected


@pytest.mark.parametrize(
    ("code", "options", "reason"),
    [
        ("AAA001", {}, ""),
        ("AAA002", {}, "ValueError inside the check"),
        ("AAA004", {}, "there are no pairs of annotators"),
        ("AAA005", {}, "needs a column for annotator, prediction"),
        ("AAA001", {"select": ("AAA003",)}, "not selected"),
    ],
)
def test_an_outcome_says_why(run, code, options, reason):
    assert run(**options)[code].reason == reason


def test_a_crash_stops_no_other_check_and_quotes_no_record(run):
    outcomes = run()
    assert outcomes["AAA002"].outcome is Outcome.ERRORED
    assert not outcomes["AAA002"].measurements
    assert UNTOLD not in str(outcomes)
    assert outcomes["AAA003"].findings == (FINDING,)
    assert outcomes["AAA001"].measurements == {"steady": 1.0}


def test_a_check_that_does_not_run_measures_nothing(run):
    quiet = run(select=("AAA003",))
    assert [code for code, each in quiet.items() if each.measurements or each.findings] == ["AAA003"]


def test_estimates_come_from_the_checks_that_ran(steps):
    about = steps(export(60))
    assert set(checked(about, CHECKS)[1]) == {"steady"}
    assert checked(about, CHECKS, select=("AAA003",))[1] == {}


LIMITS = tuple(
    Limit(gate, name, name, "{}", 0.5, 0.2, "share", "test", "Do it.", higher_is_better=True)
    for gate, name in ((GateId.LABELS, "steady"), (GateId.PATTERNS, "steady"))
)


def test_a_crash_makes_its_own_gate_unknown_and_no_other(run):
    gates = {gate.id: gate for gate in judge_gates(tuple(run().values()), LIMITS)}
    assert gates[GateId.LABELS].status is GateStatus.PASS
    assert gates[GateId.PATTERNS].status is GateStatus.UNKNOWN
    assert text.summary(gates[GateId.PATTERNS]) == "Not known: the check AAA002 did not finish"


def test_a_check_reads_its_parameters_and_the_horizon(run):
    seen = {}

    def reads(context: Context) -> CheckReport:
        seen.update(share=context["share"], horizon=context.horizon)
        return CheckReport()

    run((check("AAA001", reads, parameters=(Parameter("share", 0.3, "test"),)),))
    assert seen == {"share": 0.3, "horizon": 6}


@pytest.mark.parametrize(
    ("codes", "problems"),
    [
        (("VOL001", "GOV002"), []),
        (("VOL01",), ["no check has the code 'VOL01'. Did you mean 'VOL001'?"]),
        (("zzz", "lab001"), ["no check has the code 'zzz'.", "no check has the code 'lab001'. Did you mean 'LAB001'?"]),
    ],
)
def test_unknown_codes_are_refused_all_at_once(codes, problems):
    if not problems:
        validate_codes(ALL_CHECKS, codes)
        return
    with pytest.raises(ConfigError) as caught:
        validate_codes(ALL_CHECKS, codes)
    assert str(caught.value).splitlines() == problems
