"""A step of the evidence that fails costs what hangs on it, once, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.api import audit_of, write
from auditor.batch import load
from auditor.config import Config
from auditor.errors import NotApplicable, StepFailed
from auditor.evidence import Evidence
from auditor.evidence.rows import row_table
from auditor.evidence.step import step
from auditor.limits import LIMITS
from auditor.model import Decision, GateStatus, Outcome
from checks import ALL_CHECKS
from tests.exports import ROLES, export, saved

UNTOLD = "Jane Roe, MRN 00417"
STEPS = {name: each for name, each in vars(Evidence).items() if isinstance(each, step)}
CONFIG = Config(**ROLES)
# Hang on the rows alone.
FIRST = ("classes", "tokens", "embedding", "phi", "fold_moments")


def breaks(monkeypatch, name, error=ValueError):
    """Makes a step raise; the list grows by one whenever it is computed."""
    called = []

    def compute(_):
        called.append(name)
        raise error(f"cannot read {UNTOLD}")

    monkeypatch.setattr(STEPS[name], "compute", compute)
    return called


def audited(evidence):
    return audit_of(evidence, CONFIG, LIMITS, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Evidence with every step computed, and its result."""
    path = saved(export(240), tmp_path_factory.mktemp("whole"), "in.parquet")
    computed = Evidence(load(Config(export=str(path), **ROLES)), 0, lambda _: None)
    return computed, audited(computed)


def anew(computed, without=""):
    """Evidence of the same rows; what all others take is not computed again."""
    fresh = Evidence(computed.batch, 0, lambda _: None)
    if without not in FIRST:
        fresh.__dict__ |= {name: computed.__dict__[name] for name in FIRST}
    return fresh


def quiet(outcome):
    return replace(outcome, seconds=0.0)


@pytest.mark.parametrize("name", ["retrieval", "stand_in", "duplicates", "label_quality", "_past"])
def test_a_step_that_fails_leaves_a_whole_report(whole, monkeypatch, tmp_path, name):
    called = breaks(monkeypatch, name)
    broken = anew(whole[0], name)
    result = audited(broken)
    write(result, row_table(broken), tmp_path / "out", force=False)
    assert len(called) == 1
    said = [notice.text for notice in result.run.intake.notices]
    failed = f"the step '{name.strip('_').replace('_', ' ')}' failed (ValueError)"
    assert said == [f"Something broke inside: {failed}. What hangs on it is unknown."]
    pages = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {"report.html", "report.json", "report.md", "rows.parquet"} <= set(pages)
    assert not any(UNTOLD.encode() in page for page in pages.values())
    # A yes may not rest on part of the evidence.
    assert result.verdict.decision is Decision.INCONCLUSIVE


@pytest.mark.parametrize("name", sorted(STEPS.keys() - {"classes"}))
def test_only_what_hangs_on_a_step_is_lost_with_it(whole, monkeypatch, name):
    breaks(monkeypatch, name)
    result = audited(anew(whole[0], name))
    assert [each.code for each in result.checks] == [check.code for check in ALL_CHECKS]
    gates = {gate.id: gate.status for gate in result.gates}
    for found, sound in zip(result.checks, whole[1].checks, strict=True):
        if found.outcome is Outcome.ERRORED:
            assert found.reason == f"the step '{name.strip('_').replace('_', ' ')}' failed (ValueError)"
            assert gates[found.gate] is not GateStatus.PASS
        else:
            assert quiet(found) == quiet(sound)


def test_without_classes_there_is_no_report(whole, monkeypatch):
    breaks(monkeypatch, "classes")
    with pytest.raises(StepFailed, match="the step 'classes' failed"):
        audited(anew(whole[0], "classes"))


@pytest.mark.parametrize("error", [MemoryError, OSError, KeyboardInterrupt])
def test_what_no_other_step_could_survive_ends_the_run(whole, monkeypatch, error):
    breaks(monkeypatch, "retrieval", error)
    with pytest.raises(error):
        audited(anew(whole[0]))


def test_a_reason_why_there_is_no_value_is_kept_too(whole, monkeypatch):
    called = breaks(monkeypatch, "agreement", NotApplicable)
    result = audited(anew(whole[0]))
    assert len(called) == 1
    assert result.run.intake.notices == ()
    assert Outcome.ERRORED not in {each.outcome for each in result.checks}
