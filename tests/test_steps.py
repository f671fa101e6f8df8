"""A step that fails costs what hangs on it, once, and nothing else."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from auditor.api import ASSEMBLED, result_of, write
from auditor.batch import load
from auditor.config import Config
from auditor.content import content_of
from auditor.errors import NotApplicable, StepFailed
from auditor.estimators.agreement import AGREEMENT
from auditor.evidence.backtest import PAST
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import BATCH, ROWS
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.rows import ROW_TABLE, without_results
from auditor.evidence.surrogate import SURROGATE
from auditor.gate_limits import GATE_LIMITS
from auditor.model import Decision, GateStatus, Outcome
from auditor.plan import STEPS, steps_for
from auditor.plan.resolver import Resolver
from auditor.plan.step import Step
from auditor.results import Key
from auditor.runner import read_by
from checks import ALL_CHECKS
from tests.exports import ROLES, export, saved

UNTOLD = "Jane Roe, MRN 00417"
CONFIG = Config(**ROLES)
KEYS = {each.key.name: each.key for each in STEPS}


def audited(steps):
    results = steps.run(read_by(ALL_CHECKS, steps[BATCH]) | ASSEMBLED)
    return results, result_of(
        results, steps, CONFIG, GATE_LIMITS, datetime(2026, 1, 1, tzinfo=UTC), content_of(results[BATCH].frame)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Every step run on the same rows, nothing let go of, and the result."""
    path = saved(export(240), tmp_path_factory.mktemp("whole"), "in.parquet")
    steps = steps_for(load(Config(export=str(path), **ROLES)), 0, limits=GATE_LIMITS)
    for each in STEPS:
        steps.get(each.key)
    return steps, audited(steps.but({}))[1]


def broken(steps, key, error=ValueError):
    """The same steps where ``key`` raises: what does not hang on it is known; and how often it was run."""
    called = []

    def raises(_):
        called.append(key)
        raise error(f"cannot read {UNTOLD}")

    known = steps.but({key: None}).outcomes
    del known[key]
    return Resolver([replace(each, compute=raises) if each.key == key else each for each in STEPS], known), called


def quiet(outcome):
    return replace(outcome, seconds=0.0)


@pytest.mark.parametrize("key", [RETRIEVAL, SURROGATE, DUPLICATES, LABEL_QUALITY, PAST], ids=lambda key: key.name)
def test_a_step_that_fails_leaves_a_whole_report(whole, tmp_path, key):
    steps, called = broken(whole[0], key)
    results, result = audited(steps)
    table = results.unless_lost(ROW_TABLE)
    write(result, without_results(steps[BATCH]) if table is None else table, tmp_path / "out", force=False)
    assert len(called) == 1
    said = [notice.text for notice in result.run.intake.notices]
    failed = f"the step '{key.name}' failed (ValueError)"
    assert said == [f"Something broke inside: {failed}. What hangs on it is unknown."]
    pages = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {"report.html", "report.json", "report.md", "rows.parquet"} <= set(pages)
    assert not any(UNTOLD.encode() in page for page in pages.values())
    # A yes may not rest on part of the evidence.
    assert result.verdict.decision is Decision.INCONCLUSIVE


@pytest.mark.parametrize("name", sorted(KEYS.keys() - {"classes"}))
def test_only_what_hangs_on_a_step_is_lost_with_it(whole, name):
    steps, _ = broken(whole[0], KEYS[name])
    _, result = audited(steps)
    assert [each.code for each in result.checks] == [check.code for check in ALL_CHECKS]
    gates = {gate.id: gate.status for gate in result.gates}
    for found, sound in zip(result.checks, whole[1].checks, strict=True):
        if found.outcome is Outcome.ERRORED:
            assert found.reason == f"the step '{name}' failed (ValueError)"
            assert gates[found.gate] is not GateStatus.PASS
        else:
            assert quiet(found) == quiet(sound)


def test_without_classes_there_is_no_report(whole):
    with pytest.raises(StepFailed, match="the step 'classes' failed"):
        audited(broken(whole[0], CLASSES)[0])


@pytest.mark.parametrize("error", [MemoryError, OSError, KeyboardInterrupt])
def test_what_no_other_step_could_survive_ends_the_run(whole, error):
    with pytest.raises(error):
        audited(broken(whole[0], RETRIEVAL, error)[0])


def test_a_reason_why_there_is_no_value_is_kept_too(whole):
    steps, called = broken(whole[0], PAST, NotApplicable)
    _, result = audited(steps)
    assert len(called) == 1
    assert result.run.intake.notices == ()
    assert Outcome.ERRORED not in {each.outcome for each in result.checks}


def test_what_a_batch_lacks_is_not_computed(whole):
    steps, called = broken(whole[0], AGREEMENT)
    with pytest.raises(NotApplicable, match="name them with --id, --annotator"):
        _ = steps[AGREEMENT]
    assert not called


ONE, TWO, THREE = (Key[int](name) for name in ("one", "two", "three"))


@pytest.fixture
def chain(whole):
    """Two steps after what is given, and what was run."""
    ran = []

    def plus(key):
        def compute(of):
            ran.append(key.name)
            return of[key] + 1

        return compute

    steps = (Step(TWO, plus(ONE), (ONE,)), Step(THREE, plus(TWO), (TWO,)))
    return Resolver(steps, {BATCH: whole[0][BATCH], ONE: 1}), ran


def test_a_value_is_let_go_of_after_its_last_reader(chain):
    steps, ran = chain
    assert steps.run({THREE})[THREE] == 3
    assert TWO not in steps.outcomes
    assert ONE in steps.outcomes
    assert ran == ["one", "two"]


def test_an_audit_leaves_memory_with_its_last_reader(tmp_path):
    """Without a pass of the garbage collector: a reason kept with its frames would hold all that was computed."""
    steps = steps_for(load(Config(export=saved(export(240), tmp_path), **ROLES)), seed=0)
    assert steps.get(AGREEMENT) is None
    left = weakref.ref(steps[SURROGATE].out_of_fold)
    gc.disable()
    try:
        del steps
        assert left() is None
    finally:
        gc.enable()


def test_a_value_that_is_wanted_stays_and_is_computed_once(chain):
    steps, ran = chain
    found = steps.run({TWO, THREE})
    assert (found[TWO], found[THREE], steps[TWO]) == (2, 3, 2)
    assert ran == ["one", "two"]


def test_what_hangs_on_a_changed_value_is_computed_anew(chain):
    steps, ran = chain
    assert steps[THREE] == 3
    assert steps.but({TWO: 10})[THREE] == 11
    assert ran == ["one", "two", "two"]


def test_a_result_that_nobody_declared_cannot_be_read(chain):
    with pytest.raises(KeyError):
        _ = chain[0].run({THREE})[ONE]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key.name)
def test_a_step_needs_what_some_step_or_the_start_gives(step, whole):
    known = {each.key for each in STEPS} | set(whole[0].outcomes)
    assert set(step.reads) <= known


def test_no_two_steps_give_one_result():
    assert len(KEYS) == len(STEPS)


def test_texts_that_no_step_reads_are_forgotten(tmp_path):
    some = export(60).with_columns(note=pl.when(pl.int_range(60) > 5).then("note"))
    batch = load(Config(export=saved(some, tmp_path), **ROLES))
    steps = steps_for(batch, seed=0, forget_texts=True)
    assert steps[BATCH].frame["text"].to_list() == ["text" if text else None for text in batch.frame["text"]]
    assert steps[ROWS]["text"].to_list() == steps_for(batch, seed=0)[ROWS]["text"].to_list()
