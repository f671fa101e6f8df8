"""What a check, a gate or a decision means, and every threshold behind it with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.actions import figure
from auditor.errors import ConfigError, did_you_mean
from auditor.limits import LIMITS, UNDECIDED, RoutePolicy
from auditor.model import QUESTIONS, Decision, GateId
from auditor.policy import DECISIVE, HEADLINES
from checks import ALL_CHECKS

if TYPE_CHECKING:
    from auditor.check import Check
    from auditor.limits import Limit


def explain(name: str) -> str:
    """Plain text about the check, gate or decision ``name``. Raises ConfigError for anything else."""
    by_code = {check.code: check for check in ALL_CHECKS}
    if check := by_code.get(name.upper()):
        return _check(check)
    if name.lower() in set(GateId):
        return _gate(GateId(name.lower()))
    if name.lower() in set(Decision):
        return _decision(Decision(name.lower()))
    known = [*by_code, *GateId, *Decision]
    raise ConfigError(
        f"'{name}' is no check, gate or decision.{did_you_mean(name, known)} "
        f"Checks: {', '.join(by_code)}. Gates: {', '.join(GateId)}. Decisions: {', '.join(Decision)}."
    )


def _check(check: Check) -> str:
    lines = [f"{check.code} {check.name}: {check.title}", "", check.why, "", f"Gate: {check.gate}."]
    if check.needs:
        lines.append(f"Needs a column for: {', '.join(sorted(check.needs))}.")
    lines += [f"{each.name} = {each.value:g} ({each.source})." for each in check.parameters]
    return "\n".join(lines)


def _gate(gate: GateId) -> str:
    lines = [f"{gate}: {QUESTIONS[gate]}", "", "Limits, which [limits] in audit.toml can replace:"]
    lines += [_limit(limit) for limit in LIMITS if limit.gate is gate]
    lines += ["", "The gate is as bad as its worst limit; a figure that is missing or a check that crashed makes it"]
    lines += ["unknown or cautious.", "", "Decides: " + (_decided_by(gate) or "no decision; it sets conditions.")]
    lines += ["", "Checks:", *(f"  {check.code} {check.title}" for check in ALL_CHECKS if check.gate is gate)]
    return "\n".join(lines)


def _limit(limit: Limit) -> str:
    side, beyond = ("more", "under") if limit.higher_is_better else ("less", "above")
    rule = f"passes at {figure(limit.passes, limit.unit)} or {side}"
    if limit.fail is not None:
        rule += f", fails {beyond} {figure(limit.fail, limit.unit)}"
    instead = f"\n    where it exists, this decides instead:\n{_limit(limit.better)}" if limit.better else ""
    return f"  {limit.measurement}: {limit.label}\n    {rule} ({limit.source}){instead}"


def _decided_by(gate: GateId) -> str:
    return ", ".join(f"{decision} where it fails" for decision, gates in DECISIVE.items() if gate in gates)


def _decision(decision: Decision) -> str:
    policy = RoutePolicy()
    asked = ", ".join(gate for gates in DECISIVE.values() for gate in gates)
    match decision:
        case Decision.FINE_TUNE:
            rule = f"None of these gates fails or is unknown: {asked}."
        case Decision.FINE_TUNE_SUBSET:
            rule = (
                "Volume or benefit fails over all classes and nothing else does, and the classes where training pays "
                f"carry at least {100 * policy.carries:.0f} % of the records. Or stability alone fails, and training "
                f"adds at least {100 * policy.margin:.0f} points where retrieval answers for the classes that move."
            )
        case Decision.INCONCLUSIVE:
            rule = f"One of these gates is unknown: {asked}."
        case Decision.FIX_DATA_FIRST:
            undecided = " or ".join(sorted(UNDECIDED))
            rule = (
                f"One of these gates fails: {', '.join(DECISIVE[decision])}. Where only {undecided} makes it fail, "
                "prompting comes first if it holds too: such texts may not decide their class at all."
            )
        case Decision.PROMPT_WITH_RETRIEVAL:
            rule = f"One of these gates fails: {', '.join(DECISIVE[decision])}."
    lines = [f"{decision}: {HEADLINES[decision]}", "", rule]
    lines += ["Where several decisions hold, the most cautious one stands; the report names the others."]
    lines += [
        "",
        "A class is worth training where",
        f"  it has at least {policy.examples} different examples,",
        f"  at most {100 * policy.noise:.0f} % of its labels look wrong,",
        f"  no single source files more than {100 * policy.habit:.0f} % of it differently,",
        "  it was neither born nor dying in the years of the export,",
        f"  and training finds at least {100 * policy.margin:.0f} points more of it than retrieved examples do.",
    ]
    return "\n".join(lines)
