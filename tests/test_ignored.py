"""What the settings ignore or grade, as tables: nothing of it reads a record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auditor.gate_limits import GATE_LIMITS
from auditor.judge.gates import judge_gates
from auditor.judge.ignored import Ignore, counts_as, graded, heeded, ignores_of, in_force, notices, set_aside
from auditor.model import CheckOutcome, Finding, GateId, GateStatus, Ignored, Outcome, Severity, Subject, SubjectKind

KNOWN = "renamed in March, both are right"


def about(kind, *names):
    return Finding("LAB003", Severity.INFO, Subject(SubjectKind(kind), names), "Something.")


@pytest.mark.parametrize(
    ("ignore", "covered", "left"),
    [
        ({}, [about("dataset"), about("class", "A"), about("segment", "payer=N"), about("period", "2024-01")], []),
        ({"classes": ("A",)}, [about("class", "A")], [about("class", "A", "B"), about("class", "B"), about("dataset")]),
        ({"classes": ("A", "B")}, [about("class", "A", "B"), about("class", "B", "A"), about("class", "B")], []),
        ({"segments": ("payer=N",)}, [about("segment", "payer=N")], [about("segment", "payer=S"), about("class", "N")]),
        ({"segments": ("payer",)}, [about("segment", "payer=N"), about("column", "payer")], [about("column", "site")]),
        (
            {"segments": ("payer", "site=1")},
            [about("segment", "payer=N", "site=1")],
            [about("segment", "payer=N", "site=2"), about("period", "2024-01")],
        ),
    ],
)
def test_a_finding_is_covered_where_all_that_it_names_is(ignore, covered, left):
    given = Ignore("LAB003", KNOWN, **ignore)
    assert [each for each in (*covered, *left) if given.covers(each)] == covered


def test_an_ignore_holds_up_to_its_day():
    last = date(2026, 11, 28)
    given = [Ignore("LAB003", KNOWN, last)]
    assert in_force(given, last) and not in_force(given, last + timedelta(days=1))
    assert not notices(given, last, (), {})


@pytest.mark.parametrize(
    ("ignore", "said"),
    [
        (
            Ignore("LAB003", KNOWN, date(2026, 1, 31)),
            "The [[ignore]] of LAB003 ran out on 2026-01-31: what it covered counts again.",
        ),
        (
            Ignore("LAB003", KNOWN, classes=("biling",)),
            "The [[ignore]] of LAB003 names the class 'biling', which no report of this export names. Did you mean "
            "'billing'?",
        ),
        (
            Ignore("PAT003", KNOWN, segments=("payr=north",)),
            "The [[ignore]] of PAT003 names the column 'payr', which this audit does not read. Did you mean 'payer'?",
        ),
        (
            Ignore("PAT003", KNOWN, segments=("payer=nort",)),
            "The [[ignore]] of PAT003 names 'payer=nort', which no report of this export names. Did you mean 'north'?",
        ),
        (Ignore("PAT003", KNOWN, segments=("payer=north", "payer", "amount", "amount=5")), None),
        (Ignore("LAB003", KNOWN, classes=("billing",)), None),
    ],
)
def test_an_ignore_that_does_not_hold_is_said(ignore, said):
    found = notices([ignore], date(2026, 11, 28), ("billing", "coverage"), {"payer": ("north", "south"), "amount": ()})
    assert [each.text for each in found] == ([said] if said else [])


def test_the_settings_of_a_report_hold_the_ignores_of_its_audit():
    settings = {
        "ignore": [
            {"check": "LAB003", "reason": KNOWN, "until": "2026-11-28", "class": ["A"]},
            {"check": "PAT003", "reason": KNOWN, "segment": ["payer"]},
        ]
    }
    assert ignores_of(settings) == (
        Ignore("LAB003", KNOWN, date(2026, 11, 28), classes=("A",)),
        Ignore("PAT003", KNOWN, segments=("payer",)),
    )
    assert ignores_of({}) == ()


A, B = about("class", "A"), about("class", "B")
ABOUT_A, WHOLE = Ignore("LAB003", KNOWN, date(2026, 11, 28), classes=("A",)), Ignore("LAB003", "a whole check")

ABOUT_B = Ignore("LAB003", "another class", classes=("B",))


def outcome(outcome, *findings, **more):
    return CheckOutcome("LAB003", "lab", "Lab", GateId.LABELS, Outcome(outcome), findings=findings, **more)


def ignored(*findings, by=ABOUT_A):
    return tuple(Ignored(finding, by.reason, by.until) for finding in findings)


@pytest.mark.parametrize(
    ("before", "ignores", "after"),
    [
        (outcome("found", A, B), [], outcome("found", A, B)),
        (outcome("found", A, B), [Ignore("LAB001", KNOWN)], outcome("found", A, B)),
        (outcome("found", A, B), [ABOUT_A], outcome("found", B, ignored=ignored(A))),
        (outcome("found", B), [ABOUT_A], outcome("found", B)),
        # All of its findings are covered: it is ignored, by the first reason.
        (outcome("found", A), [ABOUT_A], outcome("ignored", reason=KNOWN, ignored=ignored(A))),
        (outcome("found", A, B), [WHOLE], outcome("ignored", reason="a whole check", ignored=ignored(A, B, by=WHOLE))),
        # One of the class and one of the check: the first that covers a finding says why.
        (
            outcome("found", A, B),
            [ABOUT_A, WHOLE],
            outcome("ignored", reason="a whole check", ignored=(*ignored(A), *ignored(B, by=WHOLE))),
        ),
        # Of two classes, each with its ignore: the first reason.
        (
            outcome("found", A, B),
            [ABOUT_A, ABOUT_B],
            outcome("ignored", reason=KNOWN, ignored=(*ignored(A), *ignored(B, by=ABOUT_B))),
        ),
        # A check that found nothing is ignored as a whole, or as it was.
        (outcome("passed"), [WHOLE], outcome("ignored", reason="a whole check")),
        (outcome("passed"), [ABOUT_A], outcome("passed")),
        # One that did not answer stays as it is.
        *((outcome(each), [WHOLE], outcome(each)) for each in ("not_applicable", "skipped", "errored")),
    ],
)
def test_what_an_ignore_covers_stands_apart_from_what_is_left(before, ignores, after):
    assert set_aside((before,), ignores) == (after,)


@pytest.mark.parametrize(
    "plain", [outcome("found", B, A), outcome("found", A), outcome("passed"), outcome("not_applicable", reason="why")]
)
def test_heeded_again_nothing_is_ignored(plain):
    (quiet,) = set_aside((plain,), [ABOUT_A])
    assert heeded((quiet,)) == (plain,)


def test_a_check_is_as_severe_as_the_settings_say_and_the_others_as_they_were():
    other = CheckOutcome("LAB001", "lab", "Lab", GateId.LABELS, Outcome.FOUND, findings=(B,))
    first, second = graded((outcome("found", A, B), other), {"LAB003": "critical"})
    assert [each.severity for each in first.findings] == [Severity.CRITICAL, Severity.CRITICAL]
    assert second == other


PASS, CAUTION, FAIL, UNKNOWN = GateStatus.PASS, GateStatus.CAUTION, GateStatus.FAIL, GateStatus.UNKNOWN


@pytest.mark.parametrize(
    ("status", "of", "severity", "counted"),
    [
        *((status, "found", None, status) for status in GateStatus),
        *((status, "ignored", None, PASS) for status in GateStatus),
        (FAIL, "ignored", "critical", PASS),
        *((status, "found", "info", PASS) for status in (CAUTION, FAIL)),
        *((status, "found", "warning", CAUTION) for status in (CAUTION, FAIL)),
        *((status, "found", "critical", FAIL) for status in (CAUTION, FAIL)),
        # It settles nothing that is not known, and makes nothing of what is within its limit.
        *((UNKNOWN, "found", severity, UNKNOWN) for severity in Severity),
        *((PASS, "found", severity, PASS) for severity in Severity),
    ],
)
def test_a_severity_says_what_crossing_a_limit_comes_to(status, of, severity, counted):
    assert counts_as(status, outcome(of), severity) is counted


def test_a_gate_says_what_it_would_be_by_its_limits_alone():
    noisy = outcome("found", measurements={"label_noise_rate": 0.2, "conflict_rate": 0.0})
    for severities, found in (({}, (FAIL, None)), ({"LAB003": "warning"}, (CAUTION, FAIL))):
        labels = judge_gates((noisy,), GATE_LIMITS, severities=severities)[list(GateId).index(GateId.LABELS)]
        assert (labels.status, labels.by_limits) == found
