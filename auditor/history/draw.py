"""A history on a terminal: a line for each run, and how each figure moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import GateId, GateStatus
from reports import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.history.record import Record

_MARKS = {GateStatus.PASS: "+", GateStatus.CAUTION: "!", GateStatus.FAIL: "x", GateStatus.UNKNOWN: "?"}
_BARS = "▁▂▃▄▅▆▇█"
_DRAWN = 24


def drawn(records: Sequence[Record]) -> str:
    """The runs of ``records``, oldest first, and a curve of each figure that a gate holds to a limit in the last run of
    each export.
    """
    lines = [f"{'Run (UTC)':<17} {'Export':<28} {'Records':>10}  Gates   Verdict"]
    lines += [_line(record) for record in records]
    gates = ", ".join(gate.value for gate in GateId)
    lines += [f"Gates: {gates}; + pass, ! caution, x fail, ? unknown"]
    for name in dict.fromkeys(record.name for record in records):
        lines += ["", *_curves([record for record in records if record.name == name][-_DRAWN:])]
    return "\n".join(lines)


def _line(record: Record) -> str:
    gates = "".join(_MARKS[record.gates.get(gate, GateStatus.UNKNOWN)] for gate in GateId)
    return f"{record.time:%Y-%m-%d %H:%M}  {record.name[:28]:<28} {record.rows:>10,}  {gates}  {record.decision}"


def _curves(records: Sequence[Record]) -> list[str]:
    lines = [records[-1].name]
    for held in records[-1].held:
        past = [
            next((e.observed for e in record.held if e.measurement == held.measurement), None) for record in records
        ]
        if held.observed is not None:
            curve = _curve(past).ljust(min(len(records), _DRAWN))
            shown = text.figure(held.observed, held.unit)
            lines.append(f"  {_MARKS[held.status]} {curve} {shown:>12}  {held.label}")
    return lines


def _curve(values: Sequence[float | None]) -> str:
    """One bar for each value, from the least to the greatest; a gap where there is none."""
    known = [value for value in values if value is not None]
    low, span = min(known), max(known) - min(known)
    steps = len(_BARS) - 1
    return "".join(
        " " if value is None else _BARS[round(steps * (value - low) / span) if span else 0] for value in values
    )
