"""What the page shows, worked out before any template sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from auditor.model import SHARED_BY, GateStatus, Route
from reports import cover, criteria, facts, findings, numbers, text, words
from reports.plain import plain

if TYPE_CHECKING:
    from auditor.model import (
        Action,
        CheckOutcome,
        ClassRow,
        Criterion,
        Estimate,
        Gate,
        GateId,
        RunInfo,
    )

CLASSES_SHOWN = 12
PAST_AUDITS_SHOWN = 4
_OF_A_LIMIT = {"passes", "fail"}

STATUS_ORDER = (GateStatus.FAIL, GateStatus.UNKNOWN, GateStatus.CAUTION, GateStatus.PASS)


@dataclass(frozen=True)
class Tile:
    """One gate on the first screen."""

    gate: GateId
    name: str
    question: str
    status: GateStatus
    symbol: str
    word: str
    measure: str
    figure: str
    limit: str


@dataclass(frozen=True)
class EstimateLine:
    """``held`` says how often such intervals held, where that was measured."""

    name: str
    value: str
    interval: str
    method: str
    held: str


@dataclass(frozen=True)
class RouteLine:
    """What one route carries and what that is worth a month; ``start`` is the share of all routes before it.

    ``pooled`` are the members that are too small to be decided by themselves.
    """

    route: Route
    name: str
    members: tuple[ClassRow, ...]
    pooled: tuple[ClassRow, ...]
    rows: int
    share: float
    start: float
    value: float

    @property
    def decided(self) -> tuple[ClassRow, ...]:
        return tuple(row for row in self.members if not row.pooled)


def tile(gate: Gate) -> Tile:
    """The gate in one figure and the limit that it met or crossed."""
    key = key_criterion(gate)
    crossed = criteria.fail_words(key) if key and gate.status is GateStatus.FAIL else ""
    return Tile(
        gate=gate.id,
        name=words.GATES[gate.id],
        question=gate.question,
        status=gate.status,
        symbol=words.SYMBOLS[gate.status],
        word=f"{words.STATUSES[gate.status]} by settings" if gate.by_limits else words.STATUSES[gate.status],
        measure=words.sentence(key.label) if key else "",
        figure=criteria.observed_words(key) if key else "no figure",
        limit=crossed or (criteria.limit_words(key) if key else ""),
    )


def key_criterion(gate: Gate) -> Criterion | None:
    """The criterion that the gate's status rests on: for a pass, the one nearest to its limit."""
    if not gate.criteria:
        return None
    # What counts as met by the settings alone is no figure to show for a pass.
    met = gate.status is GateStatus.PASS
    same = [each for each in gate.criteria if (each.status if met else each.weight) is gate.status]
    if gate.status is GateStatus.UNKNOWN or not same:
        return min(same or gate.criteria, key=lambda criterion: STATUS_ORDER.index(criterion.status))
    measured = [criterion for criterion in same if numbers.is_number(criterion.observed)] or same
    return min(measured, key=_room) if gate.status is GateStatus.PASS else measured[0]


def _room(criterion: Criterion) -> float:
    """How far inside its limit a figure lies, relative to the limit."""
    margin = criterion.margin if criterion.margin is not None and numbers.is_number(criterion.margin) else 0.0
    return margin / (abs(criterion.pass_limit) or 1.0)


def worst_first(gate: Gate) -> list[Criterion]:
    """Every figure of the gate, what is worst first."""
    return sorted(gate.criteria, key=lambda criterion: STATUS_ORDER.index(criterion.status))


def effort(action: Action) -> str:
    """The work of a step: ``about 22 hours``, with the records to judge."""
    judged = f"{words.plural(action.rows, 'record')}" if action.rows else ""
    hours = "" if action.hours is None else f"about {words.plural(round(action.hours), 'hour')}"
    return ", ".join(part for part in (judged, hours) if part) or "not known"


def estimate_lines(estimates: Mapping[str, Estimate], gate: GateId | None) -> list[EstimateLine]:
    """The estimates that serve a gate; for no gate, those whose id is new to this report."""
    known = [key for key, (_, serves) in words.ESTIMATES.items() if serves is gate and key in estimates]
    strange = sorted(key for key in estimates if key not in words.ESTIMATES) if gate is None else []
    return [
        EstimateLine(
            name=words.ESTIMATES[key][0] if key in words.ESTIMATES else key.replace("_", " "),
            value=numbers.estimate_value(estimates[key]),
            interval=numbers.interval_words(estimates[key]),
            method=text.message(estimates[key].method),
            held=cover.words(key),
        )
        for key in known + strange
    ]


def silent_checks(checks: tuple[CheckOutcome, ...], gate: GateId) -> list[CheckOutcome]:
    """The checks of a gate that gave no answer."""
    return [check for check in checks if check.gate is gate and check.outcome in facts.SILENT]


def answered(checks: tuple[CheckOutcome, ...]) -> str:
    """How many checks could say something."""
    silent = sum(check.outcome in facts.SILENT for check in checks)
    said = f"{len(checks) - silent} of {words.plural(len(checks), 'check')} gave an answer."
    return " ".join([said, *findings.ignored_said(checks)])


def action_words(action: Action) -> str:
    """The step and the effect that the audit computed for it."""
    step, effect = words.sentence(action.text), words.one_line(text.effect(action))
    return f"{step} ({effect})" if effect else step


def outcome_reason(check: CheckOutcome) -> str:
    found = [words.plural(len(check.findings), "finding")] if check.findings else []
    if check.ignored:
        found.append(f"{words.plural(len(check.ignored), 'finding')} ignored")
    if check.reason:
        return words.sentence(": ".join([*found, check.reason]))
    return ", ".join(found)


def ranked_classes(classes: tuple[ClassRow, ...]) -> list[ClassRow]:
    return sorted(classes, key=lambda row: (-row.rows, row.label))


def routes(classes: tuple[ClassRow, ...]) -> list[RouteLine]:
    """The classes of each route, the largest first, and how much volume it carries."""
    lines: list[RouteLine] = []
    for route in (Route.FINE_TUNE, Route.ORDINARY, Route.PROMPT, Route.FIX_FIRST):
        members = tuple(row for row in ranked_classes(classes) if row.route is route)
        lines.append(
            RouteLine(
                route=route,
                name=words.ROUTES[route],
                members=members,
                pooled=tuple(row for row in members if row.pooled),
                rows=sum(row.rows for row in members),
                share=sum(row.volume_share for row in members),
                start=sum(line.share for line in lines),
                value=sum(row.value_a_month for row in members),
            )
        )
    return lines


def seen(row: ClassRow) -> str:
    """When a class was in use, to the month."""
    if not row.first_seen or not row.last_seen:
        return "–"
    first, last = f"{row.first_seen:%Y-%m}", f"{row.last_seen:%Y-%m}"
    return first if first == last else f"{first} to {last}"


def source_name(run: RunInfo) -> str:
    """The last part of the source: enough to know the export, nothing about the machine."""
    return PurePath(run.source.replace("\\", "/")).name or run.source or "unnamed export"


def intake_lines(run: RunInfo) -> list[tuple[str, str]]:
    intake = run.intake
    unused = intake.rows_read - intake.rows_used
    return [
        ("Records read", numbers.count(intake.rows_read)),
        ("Records used", numbers.count(intake.rows_used)),
        ("Left out", numbers.count(unused)),
        ("No text", numbers.count(intake.empty_text)),
        ("No label", numbers.count(intake.missing_label)),
        ("A copy of another", numbers.count(intake.copies)),
        ("No date (used, but not for time)", numbers.count(intake.missing_date)),
        ("Date not readable (used, but not for time)", numbers.count(intake.unreadable_date)),
    ]


def words_shown(run: RunInfo) -> str:
    """Which words of texts the report holds: where the audit knows whose a record is, a name is one person's."""
    column = next((choice.columns[0] for choice in run.roles if choice.role == "group" and choice.columns), None)
    sharers = f"values of '{column}'" if column else "records, near duplicates being one,"
    return f"Of the texts only words that {SHARED_BY} different {sharers} share are shown."


def lineage_lines(run: RunInfo) -> list[tuple[str, str]]:
    span = f"{run.first_date} to {run.last_date}" if run.first_date and run.last_date else "no dates"
    return [
        ("Source", run.source),
        ("Dates", span),
        ("Data fingerprint", run.data_fingerprint),
        ("Configuration hash", run.config_hash),
        ("Run", run.id),
        ("Time", moment(run)),
        ("Tool version", run.tool_version),
    ]


def moment(run: RunInfo) -> str:
    """The run's time as written in the result: no clock and no locale of the reader's machine."""
    zone = run.time.tzname() or ""
    return f"{run.time:%Y-%m-%d %H:%M} {zone}".strip()


def config_lines(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as dotted names, in order of name; of a limit its figures, as its gate says the rest."""
    lines: list[tuple[str, str]] = []
    for key in sorted(config, key=str):
        value, name = config[key], f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            shown = {each: value[each] for each in _OF_A_LIMIT} if value.keys() >= _OF_A_LIMIT else value
            lines += config_lines(shown, f"{name}.")
        else:
            lines.append((name, json.dumps(plain(value), ensure_ascii=False)))
    return lines
