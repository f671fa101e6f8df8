"""`auditor explain`: everything that can be asked has an answer, with every threshold and its source."""

from __future__ import annotations

import pytest

from auditor.gate_limits import GATE_LIMITS
from auditor.model import Decision, GateId
from checks import ALL_CHECKS


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.code)
def test_a_check_with_its_thresholds(auditor, check):
    code, printed, _ = auditor("explain", check.code.lower())
    assert code == 0
    assert check.title in printed
    for parameter in check.parameters:
        assert f"{parameter.name} = {parameter.value:g} ({parameter.source})" in printed


@pytest.mark.parametrize("gate", GateId)
def test_a_gate_with_its_limits_and_checks(auditor, gate):
    code, printed, _ = auditor("explain", gate)
    assert code == 0
    for limit in GATE_LIMITS:
        assert (f"  {limit.measurement}: " in printed) == (limit.gate is gate)
    for check in ALL_CHECKS:
        assert (check.code in printed) == (check.gate is gate)


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_with_its_rule(auditor, decision):
    code, printed, _ = auditor("explain", decision)
    assert code == 0
    assert printed.startswith(f"{decision}: ")
    assert "Net value of a way" in printed


def test_anything_else_is_one_sentence_with_a_hint(auditor):
    code, _, complaint = auditor("explain", "LAB01")
    assert code == 2
    assert complaint.startswith("'LAB01' is no check, gate or decision. Did you mean 'LAB001'?")
