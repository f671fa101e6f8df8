"""A comparison in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.history.compare import Comparison, GateMoved
from auditor.model import Change, MovedFigure
from reports import numbers, text

if TYPE_CHECKING:
    from auditor.history.record import Record


def said(found: Comparison) -> list[str]:
    """Every line of the comparison: what is no fair pair, the five named figures, then gate by gate."""
    lines = [f"From {_run(found.before)} to {_run(found.after)}"]
    lines += [f"Not comparable: {each}" for each in found.obstacles]
    if found.after.content.fingerprint and found.before.content.fingerprint == found.after.content.fingerprint:
        lines.append("Both runs read the same records.")
    if found.new_rows is not None:
        lines.append(
            "The newer export holds the older one: the figures named first are about the "
            f"{numbers.count(found.new_rows)} records that came."
        )
    lines += ["", *map(_figure, found.named)]
    for gate in found.gates:
        lines += ["", _gate(gate), *map(_figure, gate.figures)]
    return [*lines, "", verdict(found)]


def verdict(found: Comparison) -> str:
    """One sentence: what is worse, or that nothing is."""
    if found.obstacles:
        return f"Not comparable: {' '.join(found.obstacles)}"
    if not found.worse:
        return "Nothing got worse beyond noise."
    named = [_worse(each) for each in found.named if each.change is Change.WORSE]
    fell = [f"gate {gate.gate} fell from {gate.before} to {gate.after}" for gate in found.gates if gate.fell]
    return f"Worse: {'; '.join([*named, *fell])}."


def _worse(moved: MovedFigure) -> str:
    about = f" ({', '.join(moved.names[:3])}{' and others' if len(moved.names) > 3 else ''})" if moved.names else ""
    return f"{moved.label}{about}, {' to '.join(text.figures((moved.before, moved.after), moved.unit))}"


def _run(record: Record) -> str:
    return f"{record.name} of {record.time:%Y-%m-%d %H:%M} ({numbers.count(record.rows)} records)"


def _gate(moved: GateMoved) -> str:
    if moved.before is moved.after:
        return f"{str(moved.gate).capitalize()}: {moved.after}"
    fell = ", beyond noise" if moved.fell else ""
    return f"{str(moved.gate).capitalize()}: {moved.before} to {moved.after}{fell}"


_MARKS = {Change.BETTER: "+", Change.WORSE: "-", Change.WITHIN: "~", Change.UNKNOWN: "?", Change.SAME: "="}


def _figure(moved: MovedFigure) -> str:
    before, after = text.figures((moved.before, moved.after), moved.unit)
    values = after if moved.change is Change.SAME else f"{before} to {after}, {moved.change}"
    names = f" ({', '.join(moved.names[:5])})" if moved.names else ""
    return f"  {_MARKS[moved.change]} {moved.label}{names}: {values}"
