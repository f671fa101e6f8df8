"""JUnit's XML, which CI systems show as tests: a gate is a test case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from auditor.model import GateStatus
from auditor.output import clean
from reports import findings, first_screen, text, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, CheckOutcome, Gate

# What every file of these starts with.
DECLARATION = '<?xml version="1.0"'


def to_junit(result: AuditResult) -> str:
    """A gate that fails is a failure, one that nobody knows is skipped; a caution passes and says so in its output.

    A check with findings that the settings ignore is one more test case, skipped.
    """
    ignored = [check for check in result.checks if check.ignored]
    failed = sum(gate.status is GateStatus.FAIL for gate in result.gates)
    tests = len(result.gates) + len(ignored)
    skipped = sum(gate.status is GateStatus.UNKNOWN for gate in result.gates) + len(ignored)
    lines = [
        f'{DECLARATION} encoding="UTF-8"?>',
        f'<testsuites name="auditor" tests="{tests}" failures="{failed}" skipped="{skipped}" errors="0">',
        f'<testsuite name={_quoted(result.run.source)} tests="{tests}" failures="{failed}" '
        f'skipped="{skipped}" errors="0" timestamp="{result.run.time:%Y-%m-%dT%H:%M:%S}">',
        "<properties>",
        f'<property name="run" value={_quoted(result.run.id)}/>',
        f'<property name="decision" value={_quoted(result.verdict.decision)}/>',
        f'<property name="answer" value={_quoted(first_screen.of(result).answer)}/>',
        "</properties>",
        *(_case(gate) for gate in result.gates),
        *map(_ignored, ignored),
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(gate: Gate) -> str:
    said = words.sentence(text.summary(gate))
    head = f'<testcase classname="auditor.gates" name={_quoted(gate.id)} time="0"'
    match gate.status:
        case GateStatus.PASS if gate.by_limits is None:
            return f"{head}/>"
        case GateStatus.FAIL:
            return f'{head}><failure type="gate" message={_quoted(said)}/></testcase>'
        case GateStatus.UNKNOWN:
            return f"{head}><skipped message={_quoted(said)}/></testcase>"
        case _:
            word = words.STATUSES[gate.status]
            return f"{head}><system-out>{_quoted(f'{word}: {said}')[1:-1]}</system-out></testcase>"


def _ignored(check: CheckOutcome) -> str:
    reasons = "; ".join(dict.fromkeys(map(findings.reason, check.ignored)))
    said = f"{words.plural(len(check.ignored), 'finding')} ignored: {reasons}"
    head = f'<testcase classname="auditor.ignored" name={_quoted(f"{check.code} {check.title}")} time="0"'
    return f"{head}><skipped message={_quoted(said)}/></testcase>"


def _quoted(value: str) -> str:
    """As an attribute; XML has no control characters, whatever a name in the export holds."""
    shown = "".join(sign for sign in clean(words.one_line(str(value))) if sign.isprintable())
    return quoteattr(shown, {'"': "&quot;", "'": "&#39;"})
