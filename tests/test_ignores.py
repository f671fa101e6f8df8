"""What the settings ignore turns no gate, stays in every report with its reason, and never turns the decision."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import jsonschema
import pytest
from rich.console import Console

from auditor.api import audit, fail_code
from auditor.config import Config
from auditor.gate_limits import GATE_LIMITS
from auditor.model import Decision, GateId, Outcome
from auditor.verdict import with_verdict
from reports import print_verdict, to_json, to_markdown
from reports.as_json import schema, to_data
from reports.from_json import from_json
from reports.html import sections
from reports.junit import to_junit
from reports.short import to_short
from tests.exports import ROLES, export, saved
from tests.report_fixtures import templates

PLANTED = (
    {"do": "flip", "where": {"share": 0.15}},
    {"do": "set", "column": "label", "value": "Billing", "where": {"label": "billing", "share": 0.3}},
    {"do": "drop", "where": {"label": "records", "since": date(2024, 1, 1)}},
)
KNOWN = "renamed in March, both are right"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A real audit: many wrong labels, a class of two spellings, one that nobody uses any more."""
    data = saved(export(600, plant=PLANTED), tmp_path_factory.mktemp("planted"))
    result, _ = audit(Config(export=data, cost={"error_cost": 2.0}, **ROLES))
    return result


def under(result, *ignores, **severities):
    """The same audit under other settings."""
    settings = dict(result.effective_config) | {"ignore": list(ignores), "severity": severities}
    cost = result.effective_config["cost"]
    return with_verdict(replace(result, effective_config=settings), GATE_LIMITS, cost, 0)


def ignoring(check, **more):
    return {"check": check, "reason": KNOWN} | more


def gate(result, name):
    return next(gate for gate in result.gates if gate.id == name)


def check(result, code):
    return next(check for check in result.checks if check.code == code)


@pytest.mark.parametrize(
    ("ignores", "severities", "name", "status", "by_limits"),
    [
        ([], {}, "labels", "fail", None),
        ([ignoring("LAB001")], {}, "labels", "pass", "fail"),
        # Its finding about the whole export is none about a class.
        ([ignoring("LAB001", **{"class": ["provider", "coverage"]})], {}, "labels", "fail", None),
        # LAB003 is held to no limit.
        ([ignoring("LAB003")], {}, "labels", "fail", None),
        ([], {"LAB001": "warning"}, "labels", "caution", "fail"),
        ([], {"LAB001": "info"}, "labels", "pass", "fail"),
        ([], {"VOL001": "critical"}, "volume", "fail", "caution"),
        ([ignoring("GOV003")], {}, "governance", "pass", "caution"),
        # Other figures of the gate are still not known.
        ([ignoring("VOL001")], {}, "volume", "unknown", "caution"),
        ([ignoring("STA003", **{"class": ["records"]})], {}, "stability", "unknown", "caution"),
        ([ignoring("LAB001", until="2000-01-01")], {}, "labels", "fail", None),
        ([ignoring("LAB001", until="2099-01-01")], {}, "labels", "pass", "fail"),
    ],
)
def test_what_is_ignored_turns_no_gate_and_the_gate_says_what_it_would_be(
    found, ignores, severities, name, status, by_limits
):
    turned = gate(under(found, *ignores, **severities), name)
    assert (turned.status, turned.by_limits) == (status, by_limits)
    sentence = "by its limits alone it would"
    assert (
        sentence in to_data(under(found, *ignores, **severities))["gates"][list(GateId).index(name)]["summary"]
    ) == (by_limits is not None)


EVERYTHING = [
    ignoring(code) for code in ("LAB001", "LAB003", "STA002", "STA003", "STA009", "BEN001", "GOV003", "VOL001")
]


def test_no_ignore_turns_the_decision(found):
    quiet = under(found, *EVERYTHING)
    assert not [finding for check in quiet.checks for finding in check.findings]
    assert quiet.verdict.decision is found.verdict.decision
    assert quiet.verdict.steps == found.verdict.steps
    assert quiet.valuation == found.valuation
    assert quiet.estimates == found.estimates
    assert quiet.classes == found.classes


def test_what_is_ignored_turns_no_exit_code(found):
    """All gates but benefit, whose figure is that of the sum and of no check, and those that stay unknown."""

    def trains(result):
        passing = tuple(
            each for each in result.gates if each.id not in {GateId.BENEFIT, GateId.STABILITY, GateId.VOLUME}
        )
        return replace(result, gates=passing, verdict=replace(result.verdict, decision=Decision.FINE_TUNE))

    assert fail_code(trains(found), "caution") == 10
    assert fail_code(trains(under(found, *EVERYTHING)), "caution") == 0
    assert fail_code(found, "verdict") == fail_code(under(found, *EVERYTHING), "verdict") == 11


def test_an_ignored_finding_stands_in_every_report_with_its_reason(found):
    plain, quiet = found, under(found, ignoring("LAB003", until="2099-01-31"))
    assert not check(quiet, "LAB003").findings
    page = sections(quiet)["gate-labels"]
    assert "1 finding ignored by the settings" in page
    assert f"{KNOWN[0].upper()}{KNOWN[1:]} (until 2099-01-31)" in page
    assert "The settings ignore 1 finding" in sections(quiet)["checks"]
    data = next(each for each in to_data(quiet)["checks"] if each["code"] == "LAB003")
    before = next(each for each in to_data(plain)["checks"] if each["code"] == "LAB003")
    assert (data["outcome"], data["findings"]) == ("ignored", [])
    assert data["ignored"] == [{"finding": before["findings"][0], "reason": KNOWN, "until": "2099-01-31"}]
    jsonschema.validate(json.loads(to_json(quiet)), schema())
    assert "The settings ignore 1 finding" in to_markdown(quiet)
    assert to_short(quiet)["ignored"] == 1
    console = Console(file=io.StringIO(), width=80, color_system=None)
    print_verdict(quiet, console, "out")
    assert "The settings ignore 1 finding" in console.file.getvalue()
    case = next(
        each
        for each in ElementTree.fromstring(to_junit(quiet)).iter("testcase")  # noqa: S314 (our own file)
        if each.get("classname") == "auditor.ignored"
    )
    assert case.get("name").startswith("LAB003")
    assert case.find("skipped").get("message") == f"1 finding ignored: {KNOWN} (until 2099-01-31)"


def test_a_turned_gate_is_said_before_anything_else(found):
    quiet = under(found, ignoring("LAB001"))
    said = "The settings turn Labels (fail by its limits)."
    assert said in to_data(quiet)["verdict"]["reasons"]
    assert said in sections(quiet)["verdict"] and "Pass by settings" in sections(quiet)["verdict"]
    assert said not in sections(found)["verdict"]
    console = Console(file=io.StringIO(), width=80, color_system=None)
    print_verdict(quiet, console, "out")
    assert console.file.getvalue().splitlines()[2].strip(" -") == said
    suite = ElementTree.fromstring(to_junit(quiet))[0]  # noqa: S314 (our own file)
    labels = next(each for each in suite.iter("testcase") if each.get("name") == "labels")
    assert "it would fail" in labels.find("system-out").text
    assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
    assert int(suite.get("skipped")) == len(list(suite.iter("skipped")))


def test_without_settings_nothing_is_said_of_ignores(found):
    plain = under(found)
    assert plain == found
    assert not any(check.ignored for check in found.checks)
    for page in (to_markdown(found), "".join(sections(found).values()), to_junit(found)):
        assert "ignore" not in page.replace("&#34;ignore&#34;", "").split("Settings")[0].split("glossary")[0]


def test_a_report_is_judged_again_under_its_ignores(found):
    quiet = under(found, ignoring("LAB001"), ignoring("LAB003", **{"class": ["billing"]}), VOL001="info")
    read = from_json(json.loads(to_json(quiet)), templates(found))
    again = with_verdict(read, GATE_LIMITS, quiet.effective_config["cost"], 0)
    assert [(each.status, each.by_limits) for each in again.gates] == [
        (each.status, each.by_limits) for each in quiet.gates
    ]
    assert to_data(again)["checks"] == to_data(quiet)["checks"]


def test_run_reads_them_from_the_settings_file(auditor, tmp_path):
    saved(export(240, plant=PLANTED), tmp_path, "in.parquet")
    (tmp_path / "audit.toml").write_text(
        "select = ['LAB003', 'VOL001', 'VOL002', 'VOL003']\n[severity]\nVOL001 = 'info'\n"
        f"[[ignore]]\ncheck = 'LAB003'\nclass = 'billing'\nreason = '{KNOWN}'\nuntil = 2099-01-31\n"
        "[[ignore]]\ncheck = 'VOL001'\nreason = 'small by design'\nuntil = 2024-01-31\n"
        f"[[ignore]]\ncheck = 'LAB003'\nclass = 'biling'\nreason = '{KNOWN}'\n"
    )
    code, printed, _ = auditor(
        "run", "in.parquet", "--text", "note", "--label", "label", "--config", "audit.toml", "--out", "out"
    )
    assert code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    outcomes = {each["code"]: each["outcome"] for each in report["checks"]}
    assert (outcomes["LAB003"], outcomes["VOL001"]) == (Outcome.IGNORED, Outcome.PASSED)
    volume = next(each for each in report["gates"] if each["id"] == "volume")
    counted = {each["measurement"]: (each["status"], each["counts_as"]) for each in volume["evidence"]}
    assert counted["unique_rows"] == ("caution", "pass")
    assert "The settings ignore 1 finding" in printed
    printed = " ".join(printed.split())
    assert "The [[ignore]] of VOL001 ran out on 2024-01-31: what it covered counts again." in printed
    assert "names the class 'biling', which no report of this export names. Did you mean 'billing'?" in printed
