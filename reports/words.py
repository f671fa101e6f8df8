"""The plain words that every report uses for decisions, statuses, routes and measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import WHO, Decision, GateId, GateStatus, Outcome, Route, Severity, Tuning, Way
from auditor.output import clean
from reports.numbers import count as number
from reports.numbers import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.model import AuditResult

DECISIONS: Mapping[Decision, str] = {
    Decision.FINE_TUNE: "Fine-tune",
    Decision.FINE_TUNE_SUBSET: "Fine-tune some classes",
    Decision.ORDINARY_CLASSIFIER: "Ordinary classifier",
    Decision.FIX_DATA_FIRST: "Fix the data first",
    Decision.PROMPT_WITH_RETRIEVAL: "Prompt",
    Decision.INCONCLUSIVE: "No answer",
}

ANSWERS: Mapping[Decision, str] = {
    Decision.FINE_TUNE: "Yes: fine-tune",
    Decision.FINE_TUNE_SUBSET: "Yes, for some classes: fine-tune these, prompt for the rest",
    Decision.ORDINARY_CLASSIFIER: "No: an ordinary classifier does it",
    Decision.FIX_DATA_FIRST: "Not yet: fix the data first",
    Decision.PROMPT_WITH_RETRIEVAL: "No: prompt",
    Decision.INCONCLUSIVE: "The data cannot answer",
}

# A way as a row of a table, as what somebody does, as a thing, and as advice.
WAYS: Mapping[Way, str] = {
    Way.PROMPT: "Prompt",
    Way.ORDINARY: "Ordinary classifier",
    Way.FINE_TUNED: "Fine-tuned model",
    Way.TODAY: "Today's handling",
}
DOING: Mapping[Way, str] = {
    Way.PROMPT: "Prompting",
    Way.ORDINARY: "An ordinary classifier",
    Way.FINE_TUNED: "Fine-tuning",
    Way.TODAY: "Today's handling",
}
A_WAY: Mapping[Way, str] = {
    Way.PROMPT: "a prompt",
    Way.ORDINARY: "an ordinary classifier",
    Way.FINE_TUNED: "a fine-tuned model",
    Way.TODAY: "today's handling",
}
ADVICE: Mapping[Way, str] = {
    Way.PROMPT: "prompt",
    Way.ORDINARY: "an ordinary classifier",
    Way.FINE_TUNED: "fine-tune",
    Way.TODAY: "today's handling",
}

# What stands behind a trial's figure.
TUNING: Mapping[Tuning, str] = {
    Tuning.CUT: "; tuning was cut short",
    Tuning.PROBE: "; a linear probe, as tuning gained nothing",
}

GATES: Mapping[GateId, str] = {
    GateId.VOLUME: "Volume",
    GateId.LABELS: "Labels",
    GateId.PATTERNS: "Patterns",
    GateId.STABILITY: "Stability",
    GateId.BENEFIT: "Benefit",
    GateId.GOVERNANCE: "Governance",
}

# What a limit asks for where its figure is not known and the name of the figure would say that it is.
ASKED: Mapping[str, str] = {"label_noise_rate": "how many labels are wrong"}

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
    Route.ORDINARY: "Ordinary classifier",
    Route.PROMPT: "Prompt",
    Route.FIX_FIRST: "Fix first",
}

SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "Critical",
    Severity.WARNING: "Warning",
    Severity.INFO: "Note",
}

ESTIMATES: Mapping[str, tuple[str, GateId]] = {
    "accuracy_doubling_data": ("Accuracy with twice the rows", GateId.VOLUME),
    "near_duplicate_share": ("Near-duplicate rows", GateId.VOLUME),
    "label_noise_rate": ("Wrong labels", GateId.LABELS),
    "accuracy_true_labels": ("Accuracy against the true labels", GateId.LABELS),
    "person_error_rate": ("Wrong labels of one person who fills a sheet", GateId.LABELS),
    "conflict_rate": ("Same text, different label", GateId.LABELS),
    "amplification_ratio": ("Bad pattern after training, against before", GateId.PATTERNS),
    "repeated_noise_rate": ("Labels biased by a source that a model repeats", GateId.PATTERNS),
    "accuracy_in_6_months": ("Accuracy in six months", GateId.STABILITY),
    "churned_volume_share": ("Volume in classes that came or went", GateId.STABILITY),
    "prompt_accuracy": ("Prompted model", GateId.BENEFIT),
    "accuracy_given_labels": ("Ordinary classifier", GateId.BENEFIT),
    "trained_accuracy": ("Fine-tuned model", GateId.BENEFIT),
    "prompt_accuracy_true_labels": ("Prompted model on the fresh sheet", GateId.BENEFIT),
    "prompt_behind_true_labels": ("Ordinary classifier less prompted model, same records", GateId.BENEFIT),
    "trained_accuracy_true_labels": ("Fine-tuned model on the fresh sheet", GateId.BENEFIT),
    "trained_behind_true_labels": ("Ordinary classifier less fine-tuned model, same records", GateId.BENEFIT),
    "retrieval_accuracy": ("Neighbours' vote", GateId.BENEFIT),
    "retrieval_ceiling": ("Right label among the retrieved examples", GateId.BENEFIT),
    "monthly_volume": ("Records per month", GateId.BENEFIT),
    "tokens_per_record": ("Tokens per record", GateId.BENEFIT),
    "net_value_a_month": ("The answer over prompting, a month", GateId.BENEFIT),
    "probability_training_pays": ("Chance that training pays", GateId.BENEFIT),
    "break_even_volume": ("Break-even volume", GateId.BENEFIT),
    "break_even_error_cost": ("Break-even error cost", GateId.BENEFIT),
    "break_even_months": ("Months until training pays for itself", GateId.BENEFIT),
}


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
    return f"{number(count)} {singular if count == 1 else many or singular + 's'}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """``a, b and 3 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {number(len(names) - most + 1)} more"


def joined(names: Sequence[str], word: str = "and") -> str:
    """``a, b and c``."""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def either(parts: Sequence[str]) -> str:
    """``a; b; or c``, for parts that may hold commas."""
    return "; ".join([*parts[:-1], f"or {parts[-1]}" if len(parts) > 1 else parts[-1]]) if parts else ""


def inside(text: str) -> str:
    """A sentence as it stands inside of another: no capital, unless its first word is a name or an acronym."""
    line = one_line(text).rstrip(".")
    first = line.partition(" ")[0]
    return line[:1].lower() + line[1:] if first[1:].islower() or len(first) == 1 else line


def all_classes(value: float) -> str:
    """What the routes of all classes add up to: the figure on top."""
    if not value:
        return "Every class goes to the prompt."
    return f"Together the routes net {money(value, whole=True)} a month over prompting."


def who(gate: GateId) -> str:
    """Who can usually do something about a gate."""
    return WHO[gate]


def question(result: AuditResult) -> str:
    """What the team asked."""
    used = result.run.intake.rows_used
    return f"Should we fine-tune on {'this one record' if used == 1 else f'these {number(used)} records'}?"
