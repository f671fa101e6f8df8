"""An audit held against the last one of the same export in a history, for its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from auditor.history.compare import compared
from auditor.history.record import read, slim
from auditor.history.store import before
from auditor.history.words import verdict
from auditor.model import MovedGate, Since
from reports import to_json

if TYPE_CHECKING:
    from auditor.history.record import Record
    from auditor.model import AuditResult


def since_last(result: AuditResult, earlier: tuple[Record, ...]) -> Since | None:
    """None where ``earlier`` holds no run of this export."""
    if not earlier:
        return None
    record = read(slim(json.loads(to_json(result)), result.run.content), result.run.source)
    last = before(earlier, record)
    if last is None:
        return None
    found = compared(last, record)
    return Since(
        last.id,
        last.time,
        verdict(found),
        found.worse,
        found.named,
        tuple(MovedGate(each.gate, each.before, each.after, each.fell) for each in found.gates),
    )
