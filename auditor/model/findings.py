"""What a check gives: findings, estimates, measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from auditor.model.vocabulary import GateId, Outcome, Severity, SubjectKind
from auditor.model.words import Said, Words


@dataclass(frozen=True)
class Subject:
    """What a finding is about. ``names`` holds class names, or ``column=value`` for a segment."""

    kind: SubjectKind
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One defect, as data. ``evidence`` is JSON-ready, bounded in size, and never holds record text.

    ``measurement`` names the limit that ``observed`` is held to; empty where a constant of the method decides.
    """

    code: str
    severity: Severity
    subject: Subject
    said: Said
    observed: float | None = None
    limit: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    measurement: str = ""


@dataclass(frozen=True)
class Ignored:
    """A finding that the settings set aside, the reason that they give, and the last day on which they do."""

    finding: Finding
    reason: str
    until: date | None = None


@dataclass(frozen=True)
class Estimate:
    """A headline figure with its 90 % interval; a bound that the data cannot give is None."""

    value: float
    low: float | None
    high: float | None
    unit: str
    method: Words


@dataclass(frozen=True)
class CheckReport:
    """What a check's ``run`` returns. Measurements are kept whether or not anything was found."""

    measurements: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckOutcome:
    """The one line that every check has in every audit. One whose findings are all ``ignored`` turns no gate."""

    code: str
    name: str
    title: str
    gate: GateId
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0
    measurements: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    ignored: tuple[Ignored, ...] = ()


def measurements(outcomes: tuple[CheckOutcome, ...]) -> dict[str, float]:
    """Every figure of every check by its name."""
    return {name: value for outcome in outcomes for name, value in outcome.measurements.items()}
