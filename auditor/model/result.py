"""The run, and everything that a report may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auditor.model.corrections import Corrections
from auditor.model.facts import Facts
from auditor.model.findings import CheckOutcome, Estimate
from auditor.model.measured import ClassRow, LearningCurve, SegmentDoubt
from auditor.model.over_time import BacktestMatrix, BenefitOverTime, Stability
from auditor.model.running import GovernanceAnswer
from auditor.model.since import Since
from auditor.model.verdict import Gate, Verdict
from auditor.model.vocabulary import Decision, GateId
from auditor.model.ways import Valuation

SCHEMA_VERSION = "2.7"


@dataclass(frozen=True)
class RoleChoice:
    """Which column plays a role, and why the audit took it."""

    role: str
    columns: tuple[str, ...]
    given: bool
    reason: str


@dataclass(frozen=True)
class Notice:
    """How the export was read where nothing in it decides, in one sentence that names the key of ``[read]`` which does.

    The ``gates`` that hang on it are unknown until it is settled. It quotes no record.
    """

    text: str
    gates: tuple[GateId, ...] = ()


@dataclass(frozen=True)
class Intake:
    """Every row read, and what became of it. ``rows_used`` counts rows with text and label that are no ``copies``."""

    rows_read: int
    rows_used: int
    empty_text: int
    missing_label: int
    copies: int
    missing_date: int
    unreadable_date: int
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Content:
    """Names the records that were audited, whatever file and order they stand in.

    ``sample`` are the least keys of records, by which a later run tells whether it holds these; no report shows them.
    """

    fingerprint: str = ""
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunInfo:
    id: str
    time: datetime
    tool_version: str
    config_hash: str
    data_fingerprint: str
    source: str
    intake: Intake
    roles: tuple[RoleChoice, ...]
    first_date: date | None
    last_date: date | None
    seconds: Mapping[str, float]
    content: Content = Content()


@dataclass(frozen=True)
class Example:
    """A record whose label is doubtful, its text masked. Only in a result that somebody asked to hold record text."""

    row_id: int
    label: str
    suggested_label: str
    text: str


@dataclass(frozen=True)
class PastAudit:
    """An earlier audit: the records it used, its decision, and the figures that it held against limits."""

    time: datetime
    rows: int
    decision: Decision
    figures: Mapping[str, float | None]


@dataclass(frozen=True)
class AuditResult:
    """Everything that a report may show. ``facts`` are what the decision rests on, None where they could not be
    computed.
    """

    run: RunInfo
    verdict: Verdict
    gates: tuple[Gate, ...]
    estimates: Mapping[str, Estimate]
    checks: tuple[CheckOutcome, ...]
    classes: tuple[ClassRow, ...]
    learning_curve: LearningCurve | None
    backtest: BacktestMatrix | None
    effective_config: Mapping[str, Any]
    examples: tuple[Example, ...] = ()
    history: tuple[PastAudit, ...] = ()
    segments: tuple[SegmentDoubt, ...] = ()
    valuation: Valuation | None = None
    benefit_over_time: BenefitOverTime | None = None
    stability: Stability | None = None
    governance: tuple[GovernanceAnswer, ...] = ()
    facts: Facts | None = None
    corrections: Corrections | None = None
    since: Since | None = None
    schema_version: str = SCHEMA_VERSION
