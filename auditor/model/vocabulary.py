"""The words of an audit: gates, statuses, decisions, and how figures are said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


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
    GateId.BENEFIT: "Does training beat prompting with retrieval by enough to pay for itself?",
    GateId.GOVERNANCE: "Is it ours to run?",
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
    ORDINARY_CLASSIFIER = "ordinary_classifier"
    FIX_DATA_FIRST = "fix_data_first"
    PROMPT_WITH_RETRIEVAL = "prompt_with_retrieval"
    INCONCLUSIVE = "inconclusive"


TRAINING = frozenset({Decision.FINE_TUNE, Decision.FINE_TUNE_SUBSET})
# A yes, a repair, and what is said to be more often right, ask for so much (design, "The verdict as a decision").
SURE = 0.8


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


class Tuning(StrEnum):
    """What a trial's answers rest on. ``whole``: fine-tuning to its end; ``cut``: the best until it was stopped;
    ``probe``: a linear probe on the encoder as it is, which fine-tuning to its end did not beat on validation rows.
    """

    WHOLE = "whole"
    CUT = "cut"
    PROBE = "probe"


class Route(StrEnum):
    """Where the records of one class should go."""

    FINE_TUNE = "fine_tune"
    ORDINARY = "ordinary_classifier"
    PROMPT = "prompt"
    FIX_FIRST = "fix_first"
