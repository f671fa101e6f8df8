"""The decision on what was measured: of an audit, and of its report once more, at other limits and prices."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from auditor.actions import actions_for
from auditor.governance import permitted
from auditor.judge.gates import held, judge_gates, speaking_against
from auditor.judge.ignored import graded, heeded, ignores_of, in_force, set_aside
from auditor.judge.routes import routed
from auditor.judge.valuation import NO_ANSWER, OWN_ESTIMATES, judged
from auditor.model import NOTHING_TURNS, AuditResult, Decision, StepKind, Verdict

if TYPE_CHECKING:
    from auditor.limits import Limit

NOT_JUDGED = Verdict(Decision.INCONCLUSIVE, False, (), (), NOTHING_TURNS, (), ())


def with_verdict(measured: AuditResult, limits: tuple[Limit, ...], cost: Mapping[str, float], seed: int) -> AuditResult:
    """``measured`` with its gates held to ``limits``, its classes routed, and the decision at the figures of ``cost``.

    What the settings ignore, or how severe they call a check, turns its gates; the decision reads neither.
    Without facts there is no sum, and the decision is that the data cannot answer.
    """
    facts, run = measured.facts, measured.run
    found = judged(facts, cost, seed, permitted=permitted(measured.governance)) if facts else NO_ANSWER
    computed = {"probability_training_pays": found.valuation.training_pays} if found.valuation else {}
    settings = measured.effective_config
    severities = settings.get("severity", {})
    outcomes = set_aside(
        graded(held(heeded(measured.checks), limits), severities), in_force(ignores_of(settings), run.time.date())
    )
    gates = judge_gates(outcomes, limits, computed, run.intake.notices, severities)
    others = {name: each for name, each in measured.estimates.items() if name not in OWN_ESTIMATES}
    return replace(
        measured,
        verdict=Verdict(
            found.decision,
            found.measure_first,
            found.steps,
            found.conditions,
            found.turns,
            speaking_against(gates),
            actions_for(
                gates,
                limits,
                outcomes,
                {choice.role for choice in run.roles},
                reading_pays=any(step.kind is StepKind.REPAIR for step in found.steps),
            ),
        ),
        gates=gates,
        checks=outcomes,
        estimates={**others, **found.estimates},
        classes=routed(measured.classes, found.routes, facts.by_class) if facts else (),
        effective_config={**measured.effective_config, "limits": {each.measurement: asdict(each) for each in limits}},
        valuation=found.valuation,
    )


def judged_again(before: AuditResult, limits: tuple[Limit, ...], cost: Mapping[str, float]) -> AuditResult:
    """The audit ``before`` under other ``limits`` and ``cost``: a run of other settings on the same records.

    What lies within its limit now is no finding any more; of what crosses a narrower limit the gate tells, as the
    findings are those of the audit.
    """
    after = with_verdict(before, limits, cost, before.effective_config["seed"])
    settings = dict(after.effective_config) | {"cost": dict(cost)}
    run = after.run
    if settings != before.effective_config:
        run = replace(run, config_hash=_hash(run.config_hash, settings))
    return replace(after, run=run, effective_config=settings)


def _hash(before: str, settings: Mapping[str, Any]) -> str:
    """Names the settings: those of the audit, and the figures that it was judged by afterwards."""
    changed = json.dumps([before, settings["limits"], settings["cost"]], sort_keys=True, default=str)
    return hashlib.sha256(changed.encode()).hexdigest()[: len(before)]
