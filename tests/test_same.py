"""What moves code changes no figure: audits held to what ``tests/golden`` says of them."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from auditor.api import audit
from auditor.config import Config
from auditor.evidence import retrieval
from checks import ALL_CHECKS
from tests import golden
from tests.conftest import real_data
from tests.exports import ROLES, export, saved


@pytest.fixture(scope="module")
def found(audited_sample, tmp_path_factory):
    made_up, _ = audit(golden.made_up(tmp_path_factory.mktemp("made_up")))
    return {"sample": golden.said(audited_sample.result), "made_up": golden.said(made_up)}


def held_to_golden(name, found):
    """Without a doubt where BLAS rounds as it did for the file; elsewhere figures by their own noise, and no number in
    a sentence.
    """
    blas, golden_said = golden.written(name)
    same_bits = blas == golden.blas()
    tolerance = golden.MOVED if same_bits else golden.ELSEWHERE
    assert found.figures == pytest.approx(golden_said.figures, rel=tolerance, abs=tolerance)
    if same_bits:
        assert found.words == golden_said.words
    else:
        assert outcomes(found) == outcomes(golden_said)


def outcomes(found):
    by_check = {code: words[0] for code, words in found.words["checks"].items()}
    return by_check, found.words["verdict"]["decision"], [status for status, _ in found.words["gates"].values()]


@pytest.mark.parametrize("name", ["sample", "made_up"])
def test_figures_outcomes_and_sentences_stand_still(found, name):
    held_to_golden(name, found[name])


def test_real_questions_stand_still(tmp_path):
    real_data("banking77.parquet")
    result, _ = audit(golden.banking77(tmp_path))
    held_to_golden("banking77", golden.without_names(golden.said(result)))


def test_every_check_passes_or_finds_somewhere():
    ran = {
        code
        for name in ("sample", "made_up")
        for code, (outcome, *_) in golden.written(name)[1].words["checks"].items()
        if outcome in ("passed", "found")
    }
    assert ran == {check.code for check in ALL_CHECKS}


def test_an_audit_keeps_to_one_blas_thread_from_start_to_end(tmp_path):
    seen = set()

    def look(title):
        if title != "Reading the export":
            seen.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    with threadpool_limits(2, "blas"):
        audit(Config(export=saved(export(300), tmp_path), **ROLES), look)
    assert seen == {1}


@pytest.mark.xfail(reason="a failure of a computation is no value yet", strict=True)
def test_a_failed_retrieval_costs_no_report(tmp_path, monkeypatch):
    def broken(*_):
        raise ArithmeticError

    monkeypatch.setattr(retrieval, "retrieve", broken)
    result, _ = audit(golden.made_up(tmp_path))
    outcomes_of = {check.code: check.outcome for check in result.checks}
    assert outcomes_of["BEN001"] == "errored"
    assert outcomes_of["LAB001"] == "found"
