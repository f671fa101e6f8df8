"""The page's second layer: a gate that does not pass in a paragraph and an action, one that passes in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.governance import permitted
from auditor.model import Decision, GateId, GateStatus, StepKind
from reports import criteria, numbers, text, view, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Criterion, Gate, Verdict

FIRST_STEP = "To pass"
# An open limit with a figure has no action in one case (`auditor.actions.actions_for`).
NO_STEP = ("Not worth it", "Reading doubtful records again costs more than it saves.")
# Where the next step says that no measurement is worth its price.
NO_MEASUREMENT = ("Not worth it", "Measuring a prompt costs more than it is expected to save.")
NO_LEAVE = ("Not possible", "Nobody may train on these records.")
# Beside the figure of the title; the rest stands in the evidence.
MOST_FIGURES = 1


@dataclass(frozen=True)
class Brief:
    """``title`` is what was found, ``said`` the sentences about it, ``action`` what somebody can do, under a word for
    what it is; None where there is nothing to do.
    """

    title: str
    said: tuple[str, ...]
    action: tuple[str, str] | None


def ordered(gates: tuple[Gate, ...]) -> list[Gate]:
    """By what the answer hangs on: the benefit is the sum itself, then what fails, is unknown, cautions, passes."""
    return sorted(
        gates,
        key=lambda gate: (
            gate.status is GateStatus.PASS,
            gate.id is not GateId.BENEFIT,
            view.STATUS_ORDER.index(gate.status),
        ),
    )


def of(gate: Gate, result: AuditResult) -> Brief:
    """The gate in brief."""
    key = view.key_criterion(gate)
    measured = key is not None and numbers.is_number(key.observed)
    said = [_held(key)] if key and measured else []
    if gate.status is not GateStatus.PASS:
        unmet = [
            _also(each) for each in view.worst_first(gate) if each is not key and each.weight is not GateStatus.PASS
        ]
        said += unmet[:MOST_FIGURES]
    if not measured:
        said += [f"{text.summary(gate).rstrip('.')}."] if gate.summary else []
    title = _found(key) if key and measured else gate.question
    return Brief(words.sentence(title), tuple(said), _action(gate, result))


def _held(criterion: Criterion) -> str:
    fails = criteria.fail_words(criterion)
    held = f"Limit: {_limit(criterion)}{f'; {fails}' if fails else ''}."
    return f"Needs {criterion.needs}. {held}" if _is_unknown(criterion) else held


def _also(criterion: Criterion) -> str:
    needs = f" Needs {criterion.needs}." if _is_unknown(criterion) else ""
    return f"{_found(criterion)}.{needs} Limit: {_limit(criterion)}."


def _found(criterion: Criterion) -> str:
    """As a sentence that can be read aloud: ``Not known: how many labels are wrong``."""
    if criterion.is_settled:
        return text.measured(criterion)
    missing = "Not known" if _is_unknown(criterion) else words.sentence(criteria.observed_words(criterion))
    return f"{missing}: {words.ASKED.get(criterion.measurement, criterion.label)}"


def _is_unknown(criterion: Criterion) -> bool:
    return numbers.is_number(criterion.observed) and not criterion.is_settled


def _limit(criterion: Criterion) -> str:
    return criteria.limit_words(criterion) if criterion.pass_limit else "0"


def _action(gate: Gate, result: AuditResult) -> tuple[str, str] | None:
    """The first step for the gate, one for the figure of its title before others, with who can do it and the work."""
    steps = [each for each in result.verdict.would_change if each.gate is gate.id]
    key = view.key_criterion(gate)
    about = [each for each in steps if key and each.effect and each.effect.fields.get("label") == key.label]
    first = next(iter(about or steps), None)
    if gate.status is GateStatus.PASS:
        return None
    if gate.id is GateId.BENEFIT and _prompts_unmeasured(result.verdict):
        return NO_MEASUREMENT if permitted(result.governance) else NO_LEAVE
    if first is None:
        measured = any(each.observed is not None and each.status is not GateStatus.PASS for each in gate.criteria)
        return NO_STEP if measured else None
    work = f": {view.effort(first)}" if first.rows or first.hours is not None else ""
    return FIRST_STEP, f"{words.sentence(first.text).rstrip('.')}. For {words.who(gate.id)}{work}."


def _prompts_unmeasured(verdict: Verdict) -> bool:
    acts = bool(verdict.steps) and verdict.steps[0].kind is StepKind.ACT
    return acts and verdict.decision is Decision.PROMPT_WITH_RETRIEVAL
