"""The result of an audit, as frozen data. Standard library only: every other module may import it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = "1.0"


class GateId(StrEnum):
    VOLUME = "volume"
    LABELS = "labels"
    PATTERNS = "patterns"
    STABILITY = "stability"
    BENEFIT = "benefit"
    GOVERNANCE = "governance"


QUESTIONS: Mapping[GateId, str] = {
    GateId.VOLUME: "Are there enough different examples, overall and per class?",
    GateId.LABELS: "Can the labels be trusted?",
    GateId.PATTERNS: "Would training amplify bad patterns?",
    GateId.STABILITY: "Will a model trained today still be right in six months?",
    GateId.BENEFIT: "Does fine-tuning beat prompting with retrieval by enough?",
    GateId.GOVERNANCE: "Is it ours to run?",
}

# The figure of a criterion as a sentence, by its measurement.
SENTENCES: Mapping[str, str] = {
    "unique_rows": "There are {} different records",
    "covered_volume_share": "{} of the volume is in classes with 50 or more examples",
    "doubling_gain": "Twice the records would add {} of accuracy",
    "label_noise_rate": "At least {} of the labels look wrong",
    "reviewed_noise_rate": "A person's review finds {} of the labels wrong",
    "conflict_rate": "{} of the records have the same text as a record with another label",
    "systematic_share": "{} of the records are filed by the habit of one source",
    "repeated_systematic_share": "A model would file {} of the records by the habit of one source",
    "confused_share": "{} of the records are filed as a class that another one is mixed up with",
    "leaked_share": "In {} of the records a code in the text gives the label away",
    "starved_volume_share": "{} of the volume is in classes that a model misses more often than not",
    "decay_at_horizon": "A model loses {} of accuracy by the horizon",
    "churned_volume_share": "{} of the volume is in classes that were born or died",
    "gain_over_retrieval": "Training adds {} of accuracy over retrieval",
    "gain_over_prompt": "Training adds {} of accuracy over the prompted system",
    "unanswered_questions": "{} questions about the running of the model have no answer",
    "personal_data_share": "{} of the records hold what looks like personal data",
}

# Who can usually do something about a gate.
WHO: Mapping[GateId, str] = {
    GateId.VOLUME: "the team that labels",
    GateId.LABELS: "an expert of the classes",
    GateId.PATTERNS: "the heads of the sources named, with an expert of the classes",
    GateId.STABILITY: "the owner of the taxonomy",
    GateId.BENEFIT: "the engineers who run the prompt",
    GateId.GOVERNANCE: "the owner of the model, with the privacy officer",
}


class GateStatus(StrEnum):
    PASS = "pass"
    CAUTION = "caution"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Decision(StrEnum):
    FINE_TUNE = "fine_tune"
    FINE_TUNE_SUBSET = "fine_tune_subset"
    FIX_DATA_FIRST = "fix_data_first"
    PROMPT_WITH_RETRIEVAL = "prompt_with_retrieval"
    INCONCLUSIVE = "inconclusive"


class Outcome(StrEnum):
    PASSED = "passed"
    FOUND = "found"
    NOT_APPLICABLE = "not_applicable"
    SKIPPED = "skipped"
    IGNORED = "ignored"
    ERRORED = "errored"


class Severity(StrEnum):
    """How much a finding weighs: ``info`` is worth knowing, ``warning`` needs a decision, ``critical`` needs work."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class SubjectKind(StrEnum):
    DATASET = "dataset"
    CLASS = "class"
    SEGMENT = "segment"
    PERIOD = "period"
    COLUMN = "column"


class Route(StrEnum):
    """Where the records of one class should go."""

    FINE_TUNE = "fine_tune"
    PROMPT = "prompt"
    FIX_FIRST = "fix_first"


@dataclass(frozen=True)
class Subject:
    """What a finding is about. ``names`` holds class names, or ``column=value`` for a segment."""

    kind: SubjectKind
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One defect, as data. ``evidence`` is JSON-ready, bounded in size, and never holds record text."""

    code: str
    severity: Severity
    subject: Subject
    message: str
    observed: float | None = None
    limit: float | None = None
    remedy: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """A headline figure with its 90 % interval; a bound that the data cannot give is None."""

    value: float
    low: float | None
    high: float | None
    unit: str
    method: str


@dataclass(frozen=True)
class CheckReport:
    """What a check's ``run`` returns. Measurements are kept whether or not anything was found."""

    measurements: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckOutcome:
    """The one line that every check has in every audit."""

    code: str
    name: str
    title: str
    gate: GateId
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0
    measurements: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One figure held against its limits. ``margin`` is the distance to the pass limit, positive when it is met."""

    measurement: str
    label: str
    status: GateStatus
    observed: float | None
    pass_limit: float
    fail_limit: float | None
    margin: float | None
    unit: str
    source: str

    @property
    def sentence(self) -> str:
        """What was measured, with ``{}`` for the figure."""
        return SENTENCES.get(self.measurement, f"{self.label[:1].upper()}{self.label[1:]}: {{}}")


@dataclass(frozen=True)
class Gate:
    id: GateId
    status: GateStatus
    summary: str
    criteria: tuple[Criterion, ...] = ()

    @property
    def question(self) -> str:
        return QUESTIONS[self.id]

    @property
    def who(self) -> str:
        return WHO[self.id]


@dataclass(frozen=True)
class Action:
    """A step that would change the verdict, with the effect that the audit computed and the work that it takes."""

    text: str
    gate: GateId
    rows: int | None = None
    effect: str = ""
    hours: float | None = None


@dataclass(frozen=True)
class Verdict:
    decision: Decision
    headline: str
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    would_change: tuple[Action, ...]
    also_holding: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class ClassRow:
    """One class of the taxonomy, as measured.

    ``gain_low`` to ``gain_high`` is the 90 % interval of ``recall`` less ``retrieval_recall``; ``ceiling_recall`` the
    share of its records whose label is among the retrieved examples; ``prompt_recall`` what a prompted system is
    expected to find, as far between the two as its measured accuracy is; None where none was measured.
    """

    label: str
    rows: int
    unique_rows: int
    volume_share: float
    recall: float | None
    precision: float | None
    retrieval_recall: float | None
    noise_rate: float | None
    first_seen: date | None
    last_seen: date | None
    route: Route
    why: str
    gain_low: float | None = None
    gain_high: float | None = None
    ceiling_recall: float | None = None
    prompt_recall: float | None = None
    habit_share: float = 0.0
    churned: bool = False


@dataclass(frozen=True)
class SegmentDoubt:
    """The share of a segment's labels that the model doubts, with its 90 % interval. Doubt is no proof."""

    column: str
    value: str
    rows: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningPoint:
    rows: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """Measured points, then the fitted power law's forecast at larger sizes."""

    measured: tuple[LearningPoint, ...]
    forecast: tuple[LearningPoint, ...]


@dataclass(frozen=True)
class BacktestMatrix:
    """Accuracy by (trained until the end of, scored on); None unless the second is the later one."""

    periods: tuple[str, ...]
    rows: tuple[int, ...]
    accuracy: tuple[tuple[float | None, ...], ...]
    in_time_accuracy: float
    horizon_months: int


@dataclass(frozen=True)
class BenefitRange:
    """Accuracies on the same held-out records, and the decision at both ends of what a prompt could reach.

    A prompted model lands between ``floor`` (the retrieved examples vote) and ``ceiling`` (the right label is among
    them); where its own answers were ``measured``, both ends are that. The decision ``at_floor`` stands as long as
    the prompt stays under ``settled_below``; None where it holds over the whole range.
    """

    trained: float
    floor: float
    ceiling: float
    measured: float | None
    at_floor: Decision
    at_ceiling: Decision
    settled_below: float | None


@dataclass(frozen=True)
class Counterfactual:
    """Steps after which the policy, run on the repaired figures, decides ``decision`` instead of ``instead_of``."""

    steps: tuple[Action, ...]
    decision: Decision
    instead_of: Decision


@dataclass(frozen=True)
class Confidence:
    """How often the decision stays the same over ``draws``: with the figures drawn anew within their intervals and
    every limit moved by up to 20 % (``stays``), and with only the one or the other.

    ``decisions`` holds the share of each decision; ``tips`` names the limits that alone, moved by 20 %, change it.
    """

    stays: float
    figures_drawn_anew: float
    limits_moved: float
    decisions: Mapping[Decision, float]
    tips: tuple[str, ...]
    draws: int


@dataclass(frozen=True)
class BenefitOverTime:
    """Accuracy per period on the same records: retrieval from all rows up to the day before, the model trained until
    the end of the period before, and the one that was trained ``horizon_months`` before; None where there is none.
    """

    periods: tuple[str, ...]
    rows: tuple[int, ...]
    retrieval: tuple[float | None, ...]
    retrained: tuple[float | None, ...]
    aged: tuple[float | None, ...]
    horizon_months: int


@dataclass(frozen=True)
class Forecast:
    """Accuracy over the ``months`` after training ends, with a 90 % interval from the errors of earlier forecasts.

    ``errors`` is the number of those, ``mean_error`` their mean size; None without any.
    """

    months: int
    value: float
    low: float | None
    high: float | None
    errors: int
    mean_error: float | None


@dataclass(frozen=True)
class DecaySplit:
    """What past models lost of the accuracy that random folds promise. The three parts add up to ``total``."""

    total: float
    new_classes: float
    moved_priors: float
    wording_and_rest: float


@dataclass(frozen=True)
class AgePoint:
    """Mean accuracy ``months`` after training ended; ``low`` to ``high`` holds 90 % of the training ends."""

    months: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Retraining:
    """How old a model may get before its age costs more than ``tolerance``, and the new labels it takes by then.

    ``every_months`` None: its age costs less, up to the oldest model seen, of ``seen_months``. ``labels_each`` None:
    not known, or nothing to relabel.
    """

    every_months: float | None
    labels_each: int | None
    tolerance: float
    seen_months: int


@dataclass(frozen=True)
class ClassChange:
    """What happened to ``label`` from the first day of ``month`` on, with the classes that it has to do with.

    ``kind`` is born, died, dormant, returned, seasonal, renamed, merged or split. ``source`` is "records", or
    "taxonomy" where the date is the one that ``--taxonomy`` gives.
    """

    label: str
    kind: str
    month: date
    others: tuple[str, ...]
    rows: int
    source: str


@dataclass(frozen=True)
class ClassTimeline:
    """A class's share of the rows of each period, and its changes."""

    label: str
    shares: tuple[float, ...]
    changes: tuple[ClassChange, ...]


@dataclass(frozen=True)
class Growth:
    """Classes in use at the start and at the end, new ones a year, and when the next is due."""

    first: int
    last: int
    born_per_year: float
    next_due: date | None


@dataclass(frozen=True)
class Stability:
    """How the records and the models of the past fared over time. ``macro_f1`` is as `BacktestMatrix.accuracy`.

    ``choice`` says which periods the records were divided into, and why.
    """

    periods: tuple[str, ...]
    choice: str
    macro_f1: tuple[tuple[float | None, ...], ...]
    ages: tuple[AgePoint, ...]
    forecast: Forecast | None
    decay: DecaySplit | None
    retraining: Retraining | None
    timeline: tuple[ClassTimeline, ...]
    growth: Growth | None


@dataclass(frozen=True)
class GovernanceAnswer:
    """One question about the running of a model. Both ``answer`` and ``not_applicable`` None: nobody answered it."""

    key: str
    question: str
    answer: str | None
    not_applicable: str | None

    @property
    def open(self) -> bool:
        return self.answer is None and self.not_applicable is None


@dataclass(frozen=True)
class Assumption:
    """One figure that costs rest on; ``source`` says whether it was measured, set by a person or assumed."""

    key: str
    label: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class TornadoBar:
    """The net after `Cost.payback_months` with one figure halved and doubled, all others as they are."""

    key: str
    label: str
    at_half: float
    at_double: float


@dataclass(frozen=True)
class Cost:
    """Prompting against a tuned model, in the currency of the prices.

    ``tuned_per_month`` carries its part of the retrainings. ``net_after_payback`` is what training has saved, less
    what it cost, after ``payback_months``. ``break_even_months`` None: it never pays for itself;
    ``break_even_volume``: records a month from which it does so in time, None for no volume.
    """

    prompt_per_month: float
    tuned_per_month: float
    first_training: float
    each_retraining: float
    retraining_every_months: float
    prompt_tokens: float
    payback_months: int
    net_after_payback: float
    break_even_months: float | None
    break_even_volume: float | None
    assumptions: tuple[Assumption, ...]
    tornado: tuple[TornadoBar, ...]


@dataclass(frozen=True)
class RoleChoice:
    """Which column plays a role, and why the audit took it."""

    role: str
    columns: tuple[str, ...]
    given: bool
    reason: str


@dataclass(frozen=True)
class Intake:
    """Every row read, and what became of it. ``rows_used`` counts rows with text and label."""

    rows_read: int
    rows_used: int
    empty_text: int
    missing_label: int
    missing_date: int
    unreadable_date: int


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
    """Everything that a report may show."""

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
    benefit: BenefitRange | None = None
    benefit_over_time: BenefitOverTime | None = None
    counterfactuals: tuple[Counterfactual, ...] = ()
    confidence: Confidence | None = None
    stability: Stability | None = None
    governance: tuple[GovernanceAnswer, ...] = ()
    cost: Cost | None = None
    schema_version: str = SCHEMA_VERSION
