"""Findings as a reader wants them: one entry for each check that found something, the gravest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.model import Severity
from reports import text, words

if TYPE_CHECKING:
    from auditor.model import CheckOutcome, Finding, GateId, Ignored

SHOWN = 2
LISTED = 60

_ORDER = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True)
class Found:
    """What one check found: some of it in full, the rest to unfold, and how many stand in report.json alone.

    ``remedy`` is empty for a line whose remedy has just been given.
    """

    code: str
    title: str
    severity: Severity
    word: str
    count: int
    shown: tuple[Line, ...]
    more: tuple[Line, ...]
    untold: int


@dataclass(frozen=True)
class Line:
    message: str
    remedy: str


def found(checks: tuple[CheckOutcome, ...], gate: GateId) -> list[Found]:
    """An entry for each check of the gate with findings, the gravest first."""
    entries = [_entry(check) for check in checks if check.gate is gate and check.findings]
    return sorted(entries, key=lambda entry: _ORDER.index(entry.severity))


@dataclass(frozen=True)
class SetAside:
    """A finding that the settings ignore: what it says, and why it does not count, up to which day."""

    code: str
    message: str
    reason: str


def ignored(checks: tuple[CheckOutcome, ...], gate: GateId) -> list[SetAside]:
    """What the settings ignore of the gate's checks."""
    own = [(check, each) for check in checks if check.gate is gate for each in check.ignored]
    return [
        SetAside(check.code, words.sentence(text.found(each.finding)), words.sentence(reason(each)))
        for check, each in own
    ]


def reason(each: Ignored) -> str:
    """Why a finding is ignored, and until when."""
    return f"{each.reason.rstrip('.')} (until {each.until})" if each.until else each.reason


def ignored_count(checks: tuple[CheckOutcome, ...]) -> int:
    return sum(len(check.ignored) for check in checks)


def ignored_said(checks: tuple[CheckOutcome, ...]) -> list[str]:
    """How many findings the settings ignore, and where they stand; nothing where there is none."""
    count = ignored_count(checks)
    which = "it stands in its gate with its reason" if count == 1 else "they stand in their gates with their reasons"
    return [f"The settings ignore {words.plural(count, 'finding')}: {which}."] if count else []


def gravest(findings: tuple[Finding, ...]) -> list[Finding]:
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def _entry(check: CheckOutcome) -> Found:
    ranked = gravest(check.findings)
    lines = []
    for before, finding in zip([None, *ranked], ranked, strict=False):
        remedy = text.remedy(finding.said)
        repeated = before is not None and text.remedy(before.said) == remedy
        lines.append(Line(words.sentence(text.found(finding)), "" if repeated else words.sentence(remedy)))
    return Found(
        code=check.code,
        title=words.shorten(check.title, 100),
        severity=ranked[0].severity,
        word=words.SEVERITIES[ranked[0].severity],
        count=len(ranked),
        shown=tuple(lines[:SHOWN]),
        more=tuple(lines[SHOWN:LISTED]),
        untold=max(0, len(lines) - LISTED),
    )
