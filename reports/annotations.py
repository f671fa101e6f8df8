"""Lines by which GitHub's runners mark a run: a gate that fails, is cautious or not known."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from auditor.model import GateStatus
from auditor.output import say
from reports import text, words

if TYPE_CHECKING:
    from auditor.model import AuditResult

_LEVELS = {GateStatus.FAIL: "error", GateStatus.CAUTION: "warning", GateStatus.UNKNOWN: "notice"}


def annotate(result: AuditResult) -> None:
    """Where GitHub runs it, and nowhere else."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for gate in result.gates:
        if level := _LEVELS.get(gate.status):
            said = words.one_line(words.sentence(text.summary(gate))).replace("%", "%25")
            say(f"::{level} title=auditor, {words.GATES[gate.id].lower()}::{said}")
