"""What moves code changes no figure: audits held to what ``tests/golden`` says of them."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import polars as pl
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from auditor.api import audit
from auditor.config import Config
from auditor.evidence import retrieval
from checks import ALL_CHECKS
from tests import golden
from tests.conftest import real_data
from tests.exports import CLASSES, ROLES, export, saved


@pytest.fixture
def found(request, tmp_path):
    """What an audit says, by the name of its golden file."""

    def of(name):
        if name == "sample":
            return golden.said(request.getfixturevalue("audited_sample").result)
        return golden.said_of(golden.made_up(tmp_path))

    return of


def held_to_golden(name, found):
    """To the last digit where BLAS rounds as it did for the file; elsewhere nearly, and no number in a sentence."""
    blas, golden_said = golden.written(name)
    same_bits = blas == golden.blas()
    tolerance = golden.MOVED if same_bits else golden.ELSEWHERE
    moved = f"if a change means to move them: python -m tests.golden {name}"
    names = found.figures.keys() ^ golden_said.figures.keys()
    assert not names, f"figures that came or went, {sorted(names)}; {moved}"
    assert found.figures == pytest.approx(golden_said.figures, rel=tolerance, abs=tolerance), moved
    if same_bits:
        assert found.words == golden_said.words, moved
    else:
        assert outcomes(found) == outcomes(golden_said)


def outcomes(found):
    by_check = {code: words[0] for code, words in found.words["checks"].items()}
    return by_check, found.words["verdict"]["decision"], [status for status, _ in found.words["gates"].values()]


@pytest.mark.parametrize("name", [pytest.param("sample", marks=pytest.mark.slow), "made_up"])
def test_figures_outcomes_and_sentences_stand_still(found, name):
    held_to_golden(name, found(name))


@pytest.mark.slow
def test_real_questions_stand_still(tmp_path):
    real_data("banking77.parquet")
    held_to_golden("banking77", golden.without_names(golden.said_of(golden.banking77(tmp_path))))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """An audit and its settings: rows in their first order, in one file."""
    config = golden.made_up(tmp_path_factory.mktemp("plain"), sheet=False)
    return config, golden.said_of(config)


@pytest.mark.slow
@pytest.mark.parametrize(("files", "threads", "kernels"), [(1, "1", ""), (7, "2", "Nehalem")])
def test_neither_order_nor_files_nor_threads_nor_kernels_move_a_figure(
    plain, tmp_path, monkeypatch, files, threads, kernels
):
    config, first = plain
    monkeypatch.setenv("POLARS_MAX_THREADS", threads)
    monkeypatch.setenv("OPENBLAS_CORETYPE", kernels)
    # Both stand once a process has begun.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        again = process.submit(golden.said_of, golden.shuffled(config, tmp_path, files)).result()
    assert again.figures == pytest.approx(first.figures, rel=golden.ALIKE, abs=golden.ALIKE)
    assert again.words == first.words


@pytest.mark.slow
def test_another_seed_moves_figures_and_no_outcome_of_counts(plain):
    config, first = plain
    other = golden.said_of(replace(config, seed=1))
    moved = {name.split()[0] for name in first.figures if first.figures[name] != other.figures.get(name)}
    assert {"accuracy_given_labels", "retrieval_accuracy", "accuracy_in_6_months"} <= moved
    assert not {"near_duplicate_share", "conflict_rate", "monthly_volume"} & moved


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


@pytest.mark.slow
def test_a_failed_retrieval_costs_no_report(tmp_path, monkeypatch):
    def broken(*_):
        raise ArithmeticError

    monkeypatch.setattr(retrieval, "retrieve", broken)
    result, _ = audit(golden.made_up(tmp_path))
    outcomes_of = {check.code: check.outcome for check in result.checks}
    assert outcomes_of["BEN001"] == "errored"
    assert outcomes_of["LAB001"] == "passed"


@pytest.mark.slow
def test_classes_by_other_names_are_the_same_classes(tmp_path):
    """What reads names is what a prompt costs that lists them."""
    frame = export(300)
    opaque = {name: f"k{number}" for number, name in enumerate(sorted(CLASSES, reverse=True))}

    def figures(frame):
        result, _ = audit(Config(export=saved(frame, tmp_path, "export.csv"), **ROLES))
        return {name: each for name, each in result.estimates.items() if "break_even" not in name}

    assert figures(frame.with_columns(pl.col("label").replace(opaque))) == figures(frame)
