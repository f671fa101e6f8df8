"""Next steps with their cost and worth, and the conditions of a yes with their owners, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.governance import permitted
from auditor.model import WHO, ConditionKind, Decision, GateId, StepKind
from reports import numbers, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Condition, NextStep, Verdict

_ACTS = {
    Decision.FINE_TUNE: "Train a model",
    Decision.FINE_TUNE_SUBSET: "Train on the classes marked below and send the rest to the prompt",
    Decision.ORDINARY_CLASSIFIER: "Train an ordinary classifier, a matter of minutes",
    Decision.FIX_DATA_FIRST: "Have the listed records read",
    Decision.PROMPT_WITH_RETRIEVAL: "Prompt; no measurement is worth its price",
    Decision.INCONCLUSIVE: "Bring what is missing",
}
_PROMPT_OWNER = words.sentence(WHO[GateId.BENEFIT])
_LABEL_OWNER = words.sentence(WHO[GateId.LABELS])
_MODEL_OWNER = "The model's owner"


def sentence(step: NextStep, result: AuditResult) -> str:
    """The step, what it costs and what it is expected to save."""
    if step.kind is StepKind.ERROR_COST:
        return "Say what a wrongly filed record costs ([cost] error_cost): free; the answer turns on it."
    if step.kind is StepKind.TEXT:
        return "Export the text that a person reads who gives the label."
    if step.kind is StepKind.EXPORT:
        return f"{_missing(step, result)}."
    if step.kind is StepKind.ACT and not permitted(result.governance):
        return "Prompt; nobody may train on these records."
    return f"{_does(step, result.verdict.decision)}{_priced(step)}."


def short(step: NextStep) -> str:
    """The step inside of a headline."""
    if step.kind is StepKind.ERROR_COST:
        return "what a wrongly filed record costs (free)"
    things = {
        StepKind.SHEET: f"{words.plural(step.rows, 'record')} labelled afresh",
        StepKind.LARGER_SHEET: f"{words.plural(step.rows, 'more record')} labelled afresh",
        StepKind.STRONGER_MODEL: "one stronger model prompted",
        StepKind.REPAIR: f"{words.plural(step.rows, 'listed record')} read",
        StepKind.ACT: "a trial",
        StepKind.EXPORT: "what the export lacks",
        StepKind.TEXT: "a text that tells the label",
    }
    return f"{things[step.kind]} ({_cost(step)}, worth {_worth(step)})" if step.worth > 0 else things[step.kind]


def command(verdict: Verdict) -> str:
    """What to type for the first step; empty where it takes no command."""
    for step in verdict.steps[:1]:
        if step.kind in {StepKind.SHEET, StepKind.LARGER_SHEET}:
            return f"auditor sheet EXPORT --rows {step.rows}"
        if step.kind is StepKind.STRONGER_MODEL:
            return "auditor baseline EXPORT"
    return ""


def condition(each: Condition) -> str:
    """What somebody does so that the yes holds."""
    match each.kind:
        case ConditionKind.PROMPT_UNDER:
            under = "" if each.figure is None else f" under {numbers.limit(each.figure)} right"
            return f"{_PROMPT_OWNER} measure{under or ' what it gets right'}."
        case ConditionKind.REVIEW:
            return f"{_LABEL_OWNER} finds at most {numbers.limit(each.figure)} wrong."
        case ConditionKind.RETRAIN:
            return f"{_MODEL_OWNER} retrains it {numbers.every(each.figure or 1)}."
        case ConditionKind.ROUTE:
            return f"{_PROMPT_OWNER} route classes as listed."


def _does(step: NextStep, decision: Decision) -> str:
    match step.kind:
        case StepKind.SHEET:
            return f"Label {words.plural(step.rows, 'recent record')} afresh (auditor sheet --rows {step.rows})"
        case StepKind.LARGER_SHEET:
            return f"Label {words.plural(step.rows, 'more recent record')} afresh (auditor sheet --rows {step.rows})"
        case StepKind.STRONGER_MODEL:
            return "Measure one stronger prompted model on the same records (auditor baseline)"
        case StepKind.REPAIR:
            return f"Have the {words.plural(step.rows, 'listed record')} read"
        case _:
            return _ACTS[decision]


def _priced(step: NextStep) -> str:
    """``: costs $900, expected to save $14,000``."""
    parts = []
    if step.cost > 0:
        parts.append(f"costs {_cost(step)}")
    if step.worth > 0:
        parts.append(f"expected to save {_worth(step)}")
        parts = parts if step.cost > 0 else ["free", *parts]
    return f": {', '.join(parts)}" if parts else ""


def _cost(step: NextStep) -> str:
    return numbers.money(step.cost, whole=True) if step.cost > 0 else "free"


def _worth(step: NextStep) -> str:
    return numbers.money(step.worth, whole=True)


def _missing(step: NextStep, result: AuditResult) -> str:
    if result.run.intake.rows_used < step.rows:
        return f"Bring {numbers.count(step.rows)} or more records with text and label"
    return "Say how many records come a month ([cost] monthly_volume), or bring their dates"
