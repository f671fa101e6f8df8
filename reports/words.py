"""The plain words that every report uses for decisions, statuses, routes and measures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.model import TRAINING, WHO, Decision, GateId, GateStatus, Outcome, Route, Severity, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.model import AuditResult, Subject

DECISIONS: Mapping[Decision, str] = {
    Decision.FINE_TUNE: "Fine-tuning is justified",
    Decision.FINE_TUNE_SUBSET: "Fine-tune these classes, prompt for the rest",
    Decision.FIX_DATA_FIRST: "Fine-tuning now would amplify bad patterns",
    Decision.PROMPT_WITH_RETRIEVAL: "Stay with prompting and retrieval",
    Decision.INCONCLUSIVE: "The data cannot answer; here is what is missing",
}

ANSWERS: Mapping[Decision, str] = {
    Decision.FINE_TUNE: "Yes",
    Decision.FINE_TUNE_SUBSET: "For some classes",
    Decision.FIX_DATA_FIRST: "Not yet: fix the data first",
    Decision.PROMPT_WITH_RETRIEVAL: "No: prompt with retrieval",
    Decision.INCONCLUSIVE: "Cannot say yet",
}

GATES: Mapping[GateId, str] = {
    GateId.VOLUME: "Volume",
    GateId.LABELS: "Labels",
    GateId.PATTERNS: "Patterns",
    GateId.STABILITY: "Stability",
    GateId.BENEFIT: "Benefit",
    GateId.GOVERNANCE: "Governance",
}

STATUSES: Mapping[GateStatus, str] = {
    GateStatus.PASS: "Pass",
    GateStatus.CAUTION: "Caution",
    GateStatus.FAIL: "Fail",
    GateStatus.UNKNOWN: "Unknown",
}

SYMBOLS: Mapping[GateStatus, str] = {
    GateStatus.PASS: "✓",
    GateStatus.CAUTION: "!",
    GateStatus.FAIL: "✕",
    GateStatus.UNKNOWN: "?",
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.PASSED: "Passed",
    Outcome.FOUND: "Found",
    Outcome.NOT_APPLICABLE: "Not applicable",
    Outcome.SKIPPED: "Skipped",
    Outcome.IGNORED: "Ignored",
    Outcome.ERRORED: "Errored",
}

ROUTES: Mapping[Route, str] = {
    Route.FINE_TUNE: "Fine-tune",
    Route.PROMPT: "Prompt",
    Route.FIX_FIRST: "Fix first",
}

SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "Critical",
    Severity.WARNING: "Warning",
    Severity.INFO: "Note",
}

SUBJECTS: Mapping[SubjectKind, tuple[str, str]] = {
    SubjectKind.DATASET: ("dataset", "datasets"),
    SubjectKind.CLASS: ("class", "classes"),
    SubjectKind.SEGMENT: ("segment", "segments"),
    SubjectKind.PERIOD: ("period", "periods"),
    SubjectKind.COLUMN: ("column", "columns"),
}

ESTIMATES: Mapping[str, tuple[str, GateId]] = {
    "accuracy_given_labels": ("Accuracy against the given labels", GateId.VOLUME),
    "accuracy_doubling_data": ("Accuracy with twice the rows", GateId.VOLUME),
    "near_duplicate_share": ("Near-duplicate rows", GateId.VOLUME),
    "label_noise_rate": ("Wrong labels", GateId.LABELS),
    "accuracy_true_labels": ("Accuracy against the true labels", GateId.LABELS),
    "conflict_rate": ("Same text, different label", GateId.LABELS),
    "amplification_ratio": ("Bad pattern after training, against before", GateId.PATTERNS),
    "repeated_noise_rate": ("Wrong labels that a trained model repeats", GateId.PATTERNS),
    "accuracy_in_6_months": ("Accuracy in six months", GateId.STABILITY),
    "churned_volume_share": ("Volume in classes that came or went", GateId.STABILITY),
    "retrieval_accuracy": ("Retrieval alone: neighbours' vote", GateId.BENEFIT),
    "retrieval_ceiling": ("Right label among the retrieved examples", GateId.BENEFIT),
    "prompt_accuracy": ("Prompt, as measured", GateId.BENEFIT),
    "monthly_volume": ("Records per month", GateId.BENEFIT),
    "tokens_per_record": ("Tokens per record", GateId.BENEFIT),
    "break_even_months": ("Months until training pays for itself", GateId.BENEFIT),
}

# What the first screen says about how far the figures reach.
SURENESS: Mapping[str, str] = {
    "accuracy_given_labels": "Right today",
    "accuracy_in_6_months": "Right in six months",
    "label_noise_rate": "Wrong labels",
}

# Control characters reach terminals; direction overrides and invisible marks let a name pose as another.
_UNSAFE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Text that is safe to show: control, direction and broken characters are replaced."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Clean text with every run of white space as one space."""
    return clean(" ".join(text.split()))


def sentence(text: str) -> str:
    """One line that starts with a capital, unless its first word is a name such as ``eBay``."""
    line = one_line(text)
    first = line.partition(" ")[0]
    return line[:1].upper() + line[1:] if first.islower() and "=" not in first and "_" not in first else line


def shorten(text: str, width: int) -> str:
    """At most ``width`` characters on one line, the last one an ellipsis where text was cut."""
    line = one_line(text)
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def plural(count: int, singular: str, many: str | None = None) -> str:
    """``1 row``, ``80,000 rows``."""
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """``a, b and 3 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more"


def subject_words(subject: Subject) -> str:
    """``class A``, ``segments payer=X, payer=Y``; empty for the whole dataset."""
    if subject.kind is SubjectKind.DATASET and not subject.names:
        return ""
    noun = SUBJECTS[subject.kind][len(subject.names) > 1]
    return f"{noun} {listed([shorten(name, 60) for name in subject.names])}".strip()


def who(gate: GateId) -> str:
    """Who can usually do something about a gate."""
    return WHO[gate]


def question(result: AuditResult) -> str:
    """What the team asked."""
    used = result.run.intake.rows_used
    return f"Should we fine-tune on {'this one record' if used == 1 else f'these {used:,} records'}?"


def conditional(result: AuditResult) -> bool:
    """Whether the answer is a yes that a gate qualifies."""
    says_yes = result.verdict.decision in TRAINING
    return says_yes and any(gate.status is not GateStatus.PASS for gate in result.gates)


def verdict_lines(result: AuditResult) -> tuple[str, str]:
    """The short answer and the sentence behind it."""
    decision = result.verdict.decision
    answer = ANSWERS[decision] + (", on conditions" if conditional(result) else "")
    return answer, sentence(result.verdict.headline) or DECISIONS[decision]
