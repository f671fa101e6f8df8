"""JUnit's XML, which CI systems show as tests: a gate is a test case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from auditor.model import GateStatus
from auditor.output import clean
from reports import first_screen, text, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Gate


def to_junit(result: AuditResult) -> str:
    """A gate that fails is a failure, one that nobody knows is skipped; a caution passes and says so in its output."""
    failed = sum(gate.status is GateStatus.FAIL for gate in result.gates)
    unknown = sum(gate.status is GateStatus.UNKNOWN for gate in result.gates)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="auditor" tests="{len(result.gates)}" failures="{failed}" skipped="{unknown}" errors="0">',
        f'<testsuite name={_quoted(result.run.source)} tests="{len(result.gates)}" failures="{failed}" '
        f'skipped="{unknown}" errors="0" timestamp="{result.run.time:%Y-%m-%dT%H:%M:%S}">',
        "<properties>",
        f'<property name="run" value={_quoted(result.run.id)}/>',
        f'<property name="decision" value={_quoted(result.verdict.decision)}/>',
        f'<property name="answer" value={_quoted(first_screen.of(result).answer)}/>',
        "</properties>",
        *(_case(gate) for gate in result.gates),
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(gate: Gate) -> str:
    said = words.sentence(text.summary(gate))
    head = f'<testcase classname="auditor.gates" name={_quoted(gate.id)} time="0"'
    match gate.status:
        case GateStatus.PASS:
            return f"{head}/>"
        case GateStatus.FAIL:
            return f'{head}><failure type="gate" message={_quoted(said)}/></testcase>'
        case GateStatus.UNKNOWN:
            return f"{head}><skipped message={_quoted(said)}/></testcase>"
        case _:
            return f"{head}><system-out>{_quoted(f'Caution: {said}')[1:-1]}</system-out></testcase>"


def _quoted(value: str) -> str:
    """As an attribute; XML has no control characters, whatever a name in the export holds."""
    shown = "".join(sign for sign in clean(words.one_line(str(value))) if sign.isprintable())
    return quoteattr(shown, {'"': "&quot;", "'": "&#39;"})
