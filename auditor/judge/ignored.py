"""Findings that the settings set aside, and checks whose severity they set. Nothing here reads a record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.errors import did_you_mean
from auditor.model import CheckOutcome, Finding, GateStatus, Ignored, Notice, Outcome, Severity, SubjectKind

_HAS_ANSWERED = (Outcome.PASSED, Outcome.FOUND, Outcome.IGNORED)


@dataclass(frozen=True)
class Ignore:
    """One ``[[ignore]]`` of the settings, in force up to and with the day ``until``.

    It covers what ``check`` finds about ``classes``, or about ``segments`` (a column, or ``column=value``); about
    anything where it names neither.
    """

    check: str
    reason: str
    until: date | None = None
    classes: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.classes and not self.segments

    def covers(self, finding: Finding) -> bool:
        """A finding about several classes or values is covered where all of them are named."""
        names = finding.subject.names
        match finding.subject.kind:
            case _ if self.is_whole:
                return True
            case SubjectKind.CLASS:
                return bool(self.classes) and set(names) <= set(self.classes)
            case SubjectKind.SEGMENT | SubjectKind.COLUMN:
                return bool(self.segments) and all({name, _column(name)} & set(self.segments) for name in names)
            case _:
                return False


def ignores_of(settings: Mapping[str, Any]) -> tuple[Ignore, ...]:
    """Those of the settings, as the ``effective_config`` of a report holds them."""
    return tuple(
        Ignore(
            each["check"],
            each["reason"],
            date.fromisoformat(each["until"]) if "until" in each else None,
            tuple(each.get("class", ())),
            tuple(each.get("segment", ())),
        )
        for each in settings.get("ignore", ())
    )


def in_force(ignores: Sequence[Ignore], day: date) -> tuple[Ignore, ...]:
    """Those of the ``ignores`` that have not run out before ``day``."""
    return tuple(each for each in ignores if each.until is None or each.until >= day)


def notices(
    ignores: Sequence[Ignore], day: date, classes: Collection[str], sources: Mapping[str, Collection[str]]
) -> tuple[Notice, ...]:
    """Which of the ``ignores`` do not hold on ``day``, and which name what is not there.

    ``classes`` are those that a report may name; ``sources`` the columns, each with its values, none where a report
    names none of them.
    """
    said = []
    for each in ignores:
        if each not in in_force([each], day):
            said.append(f"The [[ignore]] of {each.check} ran out on {each.until}: what it covered counts again.")
            continue
        for name in each.classes:
            if name not in classes:
                said.append(
                    f"The [[ignore]] of {each.check} names the class '{name}', which no report of this export names."
                    f"{did_you_mean(name, classes)}"
                )
        for name in each.segments:
            column, value = _column(name), name.partition("=")[2]
            if column not in sources:
                said.append(
                    f"The [[ignore]] of {each.check} names the column '{column}', which this audit does not read."
                    f"{did_you_mean(column, sources)}"
                )
            elif value and sources[column] and value not in sources[column]:
                said.append(
                    f"The [[ignore]] of {each.check} names '{name}', which no report of this export names."
                    f"{did_you_mean(value, sources[column])}"
                )
    return tuple(map(Notice, said))


def heeded(outcomes: tuple[CheckOutcome, ...]) -> tuple[CheckOutcome, ...]:
    """``outcomes`` as if nothing were ignored."""

    def of(outcome: CheckOutcome) -> CheckOutcome:
        if outcome.outcome not in _HAS_ANSWERED:
            return outcome
        findings = (*outcome.findings, *(each.finding for each in outcome.ignored))
        found = Outcome.FOUND if findings else Outcome.PASSED
        return replace(outcome, outcome=found, findings=findings, ignored=(), reason="")

    return tuple(map(of, outcomes))


def set_aside(outcomes: tuple[CheckOutcome, ...], ignores: Sequence[Ignore]) -> tuple[CheckOutcome, ...]:
    """``outcomes`` with every finding that one of the ``ignores`` covers apart from the others.

    A check that is ignored as a whole, or all of whose findings are, has the outcome ``ignored`` and the first reason.
    """

    def of(outcome: CheckOutcome) -> CheckOutcome:
        own = [each for each in ignores if each.check == outcome.code]
        if not own or outcome.outcome not in _HAS_ANSWERED:
            return outcome
        by_finding = [
            (finding, next((each for each in own if each.covers(finding)), None)) for finding in outcome.findings
        ]
        ignored = tuple(Ignored(finding, by.reason, by.until) for finding, by in by_finding if by)
        left = tuple(finding for finding, by in by_finding if not by)
        whole = next((each.reason for each in own if each.is_whole), "")
        if left or not (ignored or whole):
            return replace(outcome, findings=left, ignored=ignored)
        reason = whole or ignored[0].reason
        return replace(outcome, outcome=Outcome.IGNORED, reason=reason, findings=(), ignored=ignored)

    return tuple(map(of, outcomes))


def graded(outcomes: tuple[CheckOutcome, ...], severities: Mapping[str, str]) -> tuple[CheckOutcome, ...]:
    """``outcomes`` whose findings are as severe as ``severities`` says of their check."""

    def of(outcome: CheckOutcome) -> CheckOutcome:
        severity = Severity(severities[outcome.code])
        return replace(outcome, findings=tuple(replace(each, severity=severity) for each in outcome.findings))

    return tuple(of(each) if each.code in severities else each for each in outcomes)


def counts_as(status: GateStatus, outcome: CheckOutcome, severity: str | None) -> GateStatus:
    """What a figure of ``outcome`` with this ``status`` by its limits counts as in its gate.

    Nothing where its check is ignored. A severity says what crossing a limit comes to: a note, a caution or a failure;
    it settles nothing that is not known.
    """
    if outcome.outcome is Outcome.IGNORED:
        return GateStatus.PASS
    if severity is None or status not in {GateStatus.FAIL, GateStatus.CAUTION}:
        return status
    match Severity(severity):
        case Severity.INFO:
            return GateStatus.PASS
        case Severity.WARNING:
            return GateStatus.CAUTION
        case Severity.CRITICAL:
            return GateStatus.FAIL


def _column(name: str) -> str:
    return name.partition("=")[0]
