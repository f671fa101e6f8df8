"""What would change the verdict: one action per limit that is not met, with its computed size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from auditor.limits import Limit
from auditor.model import (
    COUNT,
    Action,
    CheckOutcome,
    Criterion,
    Field,
    Figure,
    Gate,
    GateId,
    GateStatus,
    Kind,
    Said,
    Template,
    measurements,
)

# House assumptions (2026): half a minute to judge one record, an hour to name a column.
RECORDS_AN_HOUR = 120
HOURS_TO_NAME_A_COLUMN = 1

MAKES_KNOWN = Template("makes_known", "makes the gate known")
AS_A_WHOLE = "{label}: {now} now, {passes} to pass"
BY_RECORDS = "{label}: from {now} to the limit of {passes} after {records} records"
TO_KNOW: Mapping[GateId, str] = {
    GateId.STABILITY: "Name the column with the date of each record (--time).",
    GateId.PATTERNS: "Name the columns that say where a record comes from (--segment, --annotator).",
}


def actions_for(
    gates: tuple[Gate, ...],
    limits: tuple[Limit, ...],
    outcomes: tuple[CheckOutcome, ...],
    roles: Collection[str] = (),
    *,
    reading_pays: bool = True,
) -> tuple[Action, ...]:
    """One action per one of the ``limits`` that is not met and one per gate that lacks a column; ``roles`` have one.

    Where reading records again would not pay, nobody is told to, though it would turn a limit. A figure whose interval
    holds its limit takes what would tell.

    First what a gate fails on, then what it does not know, then what it is cautious of; within each the least work
    first, and last the steps whose work nobody can tell.
    """
    measured = measurements(outcomes)
    by_name = {limit.measurement: limit for limit in limits}
    actions: list[tuple[GateStatus, Action]] = []
    for gate in gates:
        open_criteria = [c for c in gate.criteria if c.weight is not GateStatus.PASS]
        lacks = gate.id in TO_KNOW and not (gate.id is GateId.STABILITY and "time" in roles)
        if lacks and any(c.observed is None for c in open_criteria):
            named = Action(TO_KNOW[gate.id], gate.id, None, MAKES_KNOWN.of(), HOURS_TO_NAME_A_COLUMN)
            actions.append((GateStatus.UNKNOWN, named))
        for held in open_criteria:
            limit = by_name[held.measurement]
            if held.observed is None or (limit.counted and limit.hours is None and not reading_pays):
                continue
            actions.append(
                (held.weight, _action(held, limit, measured) if held.is_settled else _telling(held, gate.id))
            )
    order = (GateStatus.FAIL, GateStatus.UNKNOWN, GateStatus.CAUTION)
    ranked = sorted(actions, key=lambda pair: (order.index(pair[0]), inf if pair[1].hours is None else pair[1].hours))
    return tuple(action for _, action in ranked)


def _action(criterion: Criterion, limit: Limit, measured: Mapping[str, float]) -> Action:
    """Shares of records are turned into the count that lies between the observed share and the limit."""
    excess = abs(criterion.margin or 0)
    needed = round(excess * int(measured.get("rows", 0))) if limit.counted else None
    hours = hours_to_judge(needed) if needed is not None and limit.hours is None else limit.hours
    action = limit.action_where(measured, excess)
    return Action(action, limit.gate, needed, _effect(limit, criterion.observed, needed), hours)


def _telling(held: Criterion, gate: GateId) -> Action:
    return Action(f"Bring {held.needs}: {held.label} is not known.", gate, None, MAKES_KNOWN.of(), None)


def _effect(limit: Limit, now: float | None, records: int | None) -> Said:
    unit = Figure(limit.unit)
    fields: dict[str, Field] = {"label": Kind.WORDS, "now": unit, "passes": unit, "records": COUNT}
    template = Template("effect", AS_A_WHOLE if records is None else BY_RECORDS, fields=fields)
    return template.of(label=limit.label, now=now, passes=limit.passes, records=records)


def hours_to_judge(rows: int) -> float:
    """A person's hours for so many records, one at the least."""
    return max(1, round(rows / RECORDS_AN_HOUR))
