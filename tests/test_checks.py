"""Every check against its case file in ``tests/checks``: what it must find, what it must pass.

A case makes an export with ``tests.exports`` (``export``: its arguments, ``plant``: what is changed, ``without``:
columns left out, ``sheet``: how people filled a sheet, ``annotators``: what a second one labelled again,
``taxonomy``: its lines, ``prompt``: what a prompted system answered, ``governance``: the answers,
``labelled``: when, ``people``: records of one person each, ``copied``: a share of the records again, ``group``: the
column of groups, ``split``: the share of a test part, ``again``: a column of the text that is the label),
runs one check, and states the ``outcome``, and where given: ``measured`` and ``estimated`` [low, high], the findings'
``subjects``, a part of the ``evidence`` of some finding, words that a message ``says``,
and words that a remedy ``advises``.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

import checks
from auditor.evidence.given import BATCH
from auditor.gate_limits import GATE_LIMITS
from auditor.judge.gates import judge_gates
from auditor.limits import with_overrides
from auditor.model import GateId, Outcome
from auditor.plan import steps_for
from auditor.runner import read_by
from checks import ALL_CHECKS, LIMITS
from reports import text
from tests.checking import checked, raise_again
from tests.conftest import loaded
from tests.exports import answered, copied, export, labelled, of_people, saved, twice_labelled
from tests.sheets import filled

FOLDER = Path(__file__).parent / "checks"
CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["case"] for path in sorted(FOLDER.glob("*.toml"))}
CODES = [check.code for check in ALL_CHECKS]
MAKE = {
    "export", "plant", "without", "sheet", "annotators", "taxonomy", "segments", "prompt", "governance", "labelled",
    "people", "copied", "group", "split", "again",
}  # fmt: skip
SAY = {"name", "outcome", "reason", "measured", "estimated", "subjects", "subject_first", "evidence", "says", "advises"}
# It measures what costs are made of and has nothing to object to.
NOTHING_TO_FIND = {"BEN002"}


def about(case, folder):
    """The steps about the export of a case."""
    frame = export(**case.get("export", {}), plant=case.get("plant", ()))
    settings = {}
    if "labelled" in case:
        frame = labelled(frame, **case["labelled"])
        settings["label_time"] = "labelled"
    if "people" in case:
        frame = of_people(frame, **case["people"])
    if "copied" in case:
        frame = copied(frame, case["copied"])
    if "split" in case:
        frame = frame.with_columns(split=pl.when(pl.int_range(pl.len()).shuffle(seed=3) < case["split"] * pl.len())
                                   .then(pl.lit("test")).otherwise(pl.lit("train")))  # fmt: skip
    if "again" in case:
        frame = frame.with_columns(pl.col("label").str.to_uppercase().alias(case["again"]))
        settings["text"] = ("note", case["again"])
    if "group" in case:
        settings["group"] = case["group"]
    frame = frame.drop(case.get("without", []))
    if "sheet" in case:
        truth = export(**case.get("export", {}))["label"].to_list()
        settings["sheet"] = filled(frame, truth, folder, **case["sheet"])
    if "annotators" in case:
        frame = twice_labelled(frame, **case["annotators"])
        settings["annotator"] = "who"
    if "taxonomy" in case:
        settings["taxonomy"] = saved(pl.DataFrame(case["taxonomy"]), folder, "taxonomy.csv")
    if "governance" in case:
        settings["governance"] = case["governance"]
    if "prompt" in case:
        frame = answered(frame, **case["prompt"])
        settings["prediction"] = "answer"
        if "again" in case["prompt"]:
            settings["prediction_run"] = ("answer again",)
    if "segments" in case:
        settings["segment"] = tuple(case["segments"])
    return steps_for(loaded(frame, folder, **settings), 0, limits=LIMITS)


def made_of(case):
    return json.dumps({name: case[name] for name in sorted(MAKE & case.keys())}, default=str)


# Those of several cases are kept, and with them all that was computed.
OFTEN = {each for each, cases in Counter(map(made_of, chain(*CASES.values()))).items() if cases > 2}


@pytest.fixture(scope="module")
def steps_of(tmp_path_factory):
    kept = {}

    def of(code, case):
        made = made_of(case)
        steps = kept.get(made) or about(case, tmp_path_factory.mktemp("case"))
        if made in OFTEN:
            kept[made] = steps
            for key in read_by(ALL_CHECKS, steps[BATCH], (code,)):
                steps.get(key)
        return steps

    return of


@pytest.mark.parametrize(
    ("code", "case"),
    [pytest.param(code, case, id=f"{code}: {case['name']}") for code, cases in CASES.items() for case in cases],
)
def test_case(code, case, steps_of):
    assert code in CODES, f"no check of ALL_CHECKS in checks/__init__.py has the code of tests/checks/{code}.toml"
    (check,) = (each for each in ALL_CHECKS if each.code == code)
    steps = steps_of(code, case)
    outcomes, estimates = checked(steps, select=(code,))
    (outcome,) = (each for each in outcomes if each.code == code)
    if outcome.outcome is Outcome.ERRORED:
        raise_again(check, steps)
    assert outcome.outcome == case["outcome"], outcome
    assert case.get("reason", "") in outcome.reason
    for name, (low, high) in case.get("measured", {}).items():
        assert low <= outcome.measurements[name] <= high, name
    for name, (low, high) in case.get("estimated", {}).items():
        assert low <= estimates[name].value <= high, name
    found = outcome.findings
    assert all(finding.code == code for finding in found)
    assert all(finding.said.template in check.templates for finding in found)
    if "subjects" in case:
        assert sorted(map(list, {finding.subject.names for finding in found})) == sorted(case["subjects"])
    if "subject_first" in case:
        assert found[0].subject.names[0] == case["subject_first"]
    for part in case.get("evidence", ()):
        assert any(part.items() <= finding.evidence.items() for finding in found), found
    for words in case.get("says", ()):
        assert any(words in text.message(finding.said) for finding in found), found
    for words in case.get("advises", ()):
        assert any(words in text.remedy(finding.said) for finding in found), found


def test_every_check_has_a_case_file_and_every_case_file_a_check():
    assert not (bare := set(CODES) - set(CASES)), f"tests/checks lacks a case file, CODE.toml, of {sorted(bare)}"
    assert not (lost := set(CASES) - set(CODES)), f"ALL_CHECKS in checks/__init__.py lacks {sorted(lost)}"


def test_every_file_of_a_gate_is_in_the_list_of_checks():
    files = {path.stem for path in Path(checks.__file__).parent.glob("*/*.py") if path.stem != "__init__"}
    listed = {check.run.__module__.rpartition(".")[2] for check in ALL_CHECKS}
    assert not (left := files - listed), f"never run: add {sorted(left)} to ALL_CHECKS in checks/__init__.py"


def test_a_check_reads_what_some_step_or_the_start_gives(steps):
    about = steps(export())
    read = {key for check in ALL_CHECKS for key in (*check.reads, *check.may)}
    unknown = sorted(key.name for key in read - about.steps.keys() - about.outcomes.keys())
    assert not unknown, f"no step gives {unknown}: add a Step of it under auditor/plan"


@pytest.mark.parametrize("code", CODES)
def test_a_case_file_says_what_is_found_and_what_passes(code):
    outcomes = {case["outcome"] for case in CASES[code]}
    assert {"passed"} | ({"found"} if code not in NOTHING_TO_FIND else set()) <= outcomes
    assert all(set(case) <= MAKE | SAY for case in CASES[code])
    names = [case["name"] for case in CASES[code]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("code", [check.code for check in ALL_CHECKS if check.needs])
def test_a_check_that_needs_a_role_has_a_case_without_it(code):
    assert any(case["outcome"] == "not_applicable" and case.get("without") for case in CASES[code])


@pytest.mark.parametrize("field", ["code", "name", "title", "why"])
def test_checks_are_told_apart(field):
    values = [getattr(check, field) for check in ALL_CHECKS]
    assert all(value.strip() == value != "" for value in values)
    assert len(values) == len(set(values))


@pytest.mark.parametrize("check", ALL_CHECKS, ids=CODES)
def test_every_parameter_has_a_source(check):
    assert all(parameter.source.strip() for parameter in check.parameters)
    names = [parameter.name for parameter in check.parameters]
    assert len(names) == len(set(names))
    assert check.run.__doc__


@pytest.mark.parametrize(
    ("limits", "severity", "status"),
    [
        ({}, "warning", "caution"),
        # No upper end is known without a fresh sheet.
        ({"label_noise_rate": 0.2}, None, "unknown"),
        ({"label_noise_rate": (0.01, 0.03)}, "critical", "fail"),
    ],
)
def test_a_limit_moves_the_gate_and_the_finding_together(tmp_path, limits, severity, status):
    moved = with_overrides(LIMITS, limits)
    frame = export(3_000, plant=[{"do": "flip", "where": {"share": 0.08}}])
    outcomes, _ = checked(steps_for(loaded(frame, tmp_path), 0, limits=moved), select=("LAB001",))
    found = [finding.severity for outcome in outcomes for finding in outcome.findings if not finding.subject.names]
    assert found == ([severity] if severity else [])
    labels = next(gate for gate in judge_gates(outcomes, moved) if gate.id is GateId.LABELS)
    judged = {criterion.measurement: criterion.status for criterion in labels.criteria}
    assert judged["label_noise_rate"] == status


def test_every_gate_has_a_check_and_a_limit():
    assert {check.gate for check in ALL_CHECKS} == {limit.gate for limit in GATE_LIMITS} == set(GateId)


def test_every_limit_is_measured_by_the_check_that_declares_it(steps):
    about = steps(export())
    outcomes, _ = checked(about)
    measured = {(outcome.code, name) for outcome in outcomes for name in outcome.measurements}
    # A sheet measures what this export has none for.
    declared = {(each.code, limit.measurement) for each in ALL_CHECKS if each.code != "LAB005" for limit in each.limits}
    assert declared <= measured


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.measurement)
def test_a_limit_says_where_it_comes_from_and_what_to_do(limit):
    assert limit.source.strip()
    assert limit.sentence.count("{}") == 1
    assert limit.action.endswith(".")
    assert bool(limit.mends) == limit.otherwise.endswith(".")
    assert limit.mends in {"", *(each.measurement for each in LIMITS)}
    assert limit.supersedes in {"", *(each.measurement for each in LIMITS)}


def test_no_two_checks_measure_under_one_name(steps):
    about = steps(export())
    outcomes, _ = checked(about)
    names = [name for outcome in outcomes for name in outcome.measurements]
    # The same figure of two checks is one measurement.
    repeated = {name for name in names if names.count(name) > 1}
    for name in repeated:
        assert len({outcome.measurements[name] for outcome in outcomes if name in outcome.measurements}) == 1, name
