"""The one place of every limit that a gate or a route is held to, each with its source."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from auditor.errors import ConfigError, did_you_mean
from auditor.model import GateId, GateStatus, Severity


@dataclass(frozen=True)
class Limit:
    """What a gate asks of one measurement. ``higher_is_better`` says on which side of the limits it should lie.

    ``fail`` None means that this measurement alone never fails its gate. ``missing`` is the gate's status
    where the measurement does not exist; None where that says nothing. ``better`` decides instead where its own
    measurement exists.
    """

    gate: GateId
    measurement: str
    label: str
    passes: float
    fail: float | None
    unit: str
    source: str
    higher_is_better: bool = False
    missing: GateStatus | None = None
    better: Limit | None = None

    def decisive(self, measured: Container[str]) -> Limit:
        """The better limit where its measurement is among those ``measured``, else this one."""
        return self.better if self.better and self.better.measurement in measured else self

    def status(self, value: float) -> GateStatus:
        """On which side of the limits ``value`` lies."""
        sign = 1 if self.higher_is_better else -1
        if sign * (value - self.passes) >= 0:
            return GateStatus.PASS
        failed = self.fail is not None and sign * (value - self.fail) < 0
        return GateStatus.FAIL if failed else GateStatus.CAUTION

    def severity(self, value: float) -> Severity | None:
        """That of a finding about ``value``: none within the limit, critical where it fails its gate."""
        return {GateStatus.FAIL: Severity.CRITICAL, GateStatus.CAUTION: Severity.WARNING}.get(self.status(value))


UNKNOWN, CAUTION = GateStatus.UNKNOWN, GateStatus.CAUTION

LIMITS: tuple[Limit, ...] = (
    Limit(
        GateId.VOLUME, "unique_rows", "different records", 1000, 200, "count",
        "house rule (2026): under 200 no gate below can be measured", True, UNKNOWN,
    ),
    Limit(
        GateId.VOLUME, "covered_volume_share", "volume in classes with 50 or more examples", 0.9, None, "share",
        "OpenAI fine-tuning guide (2025): start with 50 good examples; it fails nothing, as training paid off below "
        "it (readiness benchmark, 2026)", True, UNKNOWN,
    ),
    Limit(
        GateId.VOLUME, "doubling_gain", "accuracy that twice the records would add", 0.03, 0.08, "points",
        "house rule (2026): material margin of 3 points", False, UNKNOWN,
    ),
    Limit(
        GateId.LABELS, "label_noise_rate", "labels that look wrong, at least", 0.05, 0.12, "share",
        "Northcutt et al. 2021: 3.4 % on average in well-known test sets; readiness benchmark (2026): 10 % wrong at "
        "random cost training 1 to 2 points, 15 % cost 3", False, UNKNOWN,
        Limit(
            GateId.LABELS, "reviewed_noise_rate", "labels that a fresh sheet finds wrong", 0.05, 0.12, "share",
            "as for the labels that look wrong",
        ),
    ),
    Limit(
        GateId.LABELS, "conflict_rate", "records whose text has two labels", 0.02, None, "share",
        "house rule (2026); it fails nothing, as a text that does not decide its class is no wrong label (readiness "
        "benchmark, 2026)", False, UNKNOWN,
    ),
    Limit(
        GateId.PATTERNS, "repeated_systematic_share", "records that a model would file by the habit of one source",
        0.001, 0.005, "share", "house rule (2026)", False, CAUTION,
    ),
    Limit(
        GateId.PATTERNS, "systematic_share", "records filed by the habit of one source", 0.001, None, "share",
        "house rule (2026)", False, CAUTION,
    ),
    Limit(
        GateId.PATTERNS, "confused_share", "records whose label is a toss-up between two classes", 0.01, 0.03, "share",
        "readiness benchmark (2026): none in sound exports, whose overlapping classes do not count; 3 % cost the "
        "material margin", False, UNKNOWN,
        Limit(
            GateId.PATTERNS, "reviewed_repeated_rate", "wrong labels that a model would repeat, by a fresh sheet",
            0.01, 0.03, "share", "house rule (2026): the material margin of 3 points, which they cost at least",
        ),
    ),
    Limit(
        GateId.PATTERNS, "leaked_share", "records whose text holds a code for the label", 0.005, None, "share",
        "house rule (2026)", False, UNKNOWN,
    ),
    Limit(
        GateId.PATTERNS, "starved_volume_share", "volume in classes that a model misses more often than not",
        0.1, None, "share", "house rule (2026)", False, UNKNOWN,
    ),
    Limit(
        GateId.STABILITY, "decay_at_horizon", "accuracy lost at the horizon", 0.03, None, "points",
        "house rule (2026): material margin of 3 points; it fails nothing, as what counts is who is right then", False,
        UNKNOWN,
    ),
    Limit(
        GateId.STABILITY, "churned_volume_share", "volume in classes that were born or died", 0.05, None, "share",
        "house rule (2026)", False, UNKNOWN,
    ),
    Limit(
        GateId.STABILITY, "gain_in_time", "accuracy that training adds over the neighbours' vote in time", 0.03, None,
        "points", "house rule (2026): material margin of 3 points; it fails nothing, as the vote is no "
        "prompted model", True, UNKNOWN,
    ),
    Limit(
        GateId.STABILITY, "routing_adds", "accuracy that retrieval adds to training for the classes that move", 0.03,
        None, "points", "house rule (2026): material margin of 3 points", False, UNKNOWN,
    ),
    Limit(
        GateId.BENEFIT, "probability_training_pays", "chance that training beats prompting", 0.8, 0.5, "share",
        "house rule (2026): a yes to an unmeasured opponent takes four in five; under one in two prompting is ahead",
        True, UNKNOWN,
    ),
    Limit(
        GateId.GOVERNANCE, "unanswered_questions", "questions about the running of the model without an answer",
        0, None, "count", "house list (2026), after NIST AI RMF 1.0 (2023) and Gebru et al. 2021", False, CAUTION,
    ),
    Limit(
        GateId.GOVERNANCE, "personal_data_share", "records with what looks like personal data", 0.001, None, "share",
        "house rule (2026)", False, CAUTION,
    ),
)  # fmt: skip


def with_better(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """Every limit, each followed by the one that decides instead."""
    return tuple(each for limit in limits for each in (limit, limit.better) if each)


def with_overrides(
    limits: tuple[Limit, ...], overrides: Mapping[str, float | tuple[float, float]]
) -> tuple[Limit, ...]:
    """Limits with the pass, or the pass and fail, values that a person set. Raises ConfigError for unknown names."""
    known = [limit.measurement for limit in with_better(limits)]
    problems = [
        f"limits: '{name}' is not a measurement with a limit.{did_you_mean(name, known)}"
        for name in overrides
        if name not in known
    ]
    if problems:
        raise ConfigError("\n".join(problems))

    def changed(limit: Limit) -> Limit:
        value = overrides.get(limit.measurement)
        limit = replace(limit, better=changed(limit.better)) if limit.better else limit
        match value:
            case None:
                return limit
            case (passes, fail):
                return replace(limit, passes=passes, fail=fail, source="set in the configuration")
            case passes:
                return replace(limit, passes=float(passes), source="set in the configuration")

    return tuple(changed(limit) for limit in limits)
