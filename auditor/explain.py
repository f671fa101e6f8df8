"""What a check, a gate or a decision means, and every threshold behind it with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import ConfigError, did_you_mean
from auditor.gate_limits import GATE_LIMITS
from auditor.judge.decision import ASKED_BETWEEN, LABELS_COST, LEAST_ROWS
from auditor.model import QUESTIONS, SURE, Decision, GateId
from auditor.prices import ERROR_COST, MONTHS
from checks import ALL_CHECKS
from reports import numbers, text

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
    if check.limits:
        lines += ["", "Held to the limits of the gate, which [limits] in audit.toml can replace:"]
        lines += map(_limit, check.limits)
    return "\n".join(lines)


def _gate(gate: GateId) -> str:
    lines = [f"{gate}: {QUESTIONS[gate]}", "", "Limits, which [limits] in audit.toml can replace:"]
    lines += [_limit(limit) for limit in GATE_LIMITS if limit.gate is gate]
    lines += ["", "The gate is as bad as its worst limit; a figure that is missing or a check that crashed makes it"]
    lines += ["unknown or cautious. It stands beside the answer, which follows from the sum in money."]
    lines += ["", "Checks:", *(f"  {check.code} {check.title}" for check in ALL_CHECKS if check.gate is gate)]
    return "\n".join(lines)


def _limit(limit: Limit) -> str:
    side, beyond = ("more", "under") if limit.higher_is_better else ("less", "above")
    rule = f"passes at {text.figure(limit.passes, limit.unit)} or {side}"
    if limit.fail is not None:
        rule += f", fails {beyond} {text.figure(limit.fail, limit.unit)}"
    instead = f"\n    where it exists, it decides instead of {limit.supersedes}" if limit.supersedes else ""
    return f"  {limit.measurement}: {limit.label}\n    {rule} ({limit.source}){instead}"


_RULES = {
    Decision.FINE_TUNE: (
        "It nets most of the three ways. While no prompt was measured, it also beats prompting and the ordinary "
        "classifier with a chance of {sure} each; once one was measured, the expected net decides."
    ),
    Decision.FINE_TUNE_SUBSET: "As fine_tune, for some classes, where routing them is worth its trouble.",
    Decision.ORDINARY_CLASSIFIER: (
        "An ordinary classifier, trained in minutes, nets more than prompting and than fine-tuning. It can be undone "
        "as easily as a prompt, so the expected net decides."
    ),
    Decision.FIX_DATA_FIRST: (
        "Having the listed records read first, paid per record, a month later, beats acting now with a chance of "
        "{sure}, and their wrong labels cost the best way at least {labels} on true labels."
    ),
    Decision.PROMPT_WITH_RETRIEVAL: (
        "Prompting nets most; or training may, but a yes is not earned: then the headline says what to measure first."
    ),
    Decision.INCONCLUSIVE: (
        "Fewer than {rows} records, or no volume: nothing to measure with. Or the text does not tell the labels, and "
        "nobody labelled records afresh: of records with the same text too few carry the same label for any model to "
        "be right more often than wrong, or an ordinary classifier finds the classes no more often than by chance."
    ),
}


def _decision(decision: Decision) -> str:
    low, high = map(numbers.money, ASKED_BETWEEN)
    error_cost, months = numbers.money(ERROR_COST), text.figure(MONTHS, "months")
    sure, labels = text.figure(SURE, "share"), text.figure(LABELS_COST, "points")
    rule = _RULES[decision].format(sure=sure, labels=labels, rows=LEAST_ROWS)
    return "\n".join(
        [
            f"{decision}: {rule}",
            "",
            "Net value of a way = records x share right (true labels, at the age that its retraining gives) x what an "
            "error costs,",
            f"less set-up, running, upkeep and training, over {months}. The uncertain is drawn together.",
            f"Where error_cost is not set under [cost], the answer is the one at {error_cost}; where it turns "
            f"between {low} and {high},",
            "the first next step is to ask what an error costs.",
        ]
    )
