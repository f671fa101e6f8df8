"""What a limit of a measurement is. Each is declared once, by the check that measures it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from auditor.errors import ConfigError, did_you_mean
from auditor.model import GateId, GateStatus, Severity

# Fewer points of accuracy change no decision (house rule, 2026).
MATERIAL = 0.03


@dataclass(frozen=True)
class Limit:
    """What ``gate`` asks of one measurement, in ``unit``, and all that is said of it.

    The ``sentence`` has ``{}`` for the figure. ``higher_is_better`` says on which side of the limits it should lie.
    ``fail`` None means that this measurement alone never fails its gate. ``missing`` is the gate's status where the
    measurement does not exist; None where that says nothing. ``supersedes`` names the measurement that this one decides
    instead of, where it exists. ``needs`` is what would tell on which side of a limit a figure lies whose interval
    holds the limit.

    ``action`` is what brings it within the limit: ``counted`` where that is done record by record, in ``hours`` of one
    person where it is done once (house assumptions, 2026). Records without hours are read one by one. ``otherwise`` is
    done instead where the share of records that ``action`` mends, the measurement ``mends``, is too small to do so.
    """

    gate: GateId
    measurement: str
    label: str
    sentence: str
    passes: float
    fail: float | None
    unit: str
    source: str
    action: str
    counted: bool = False
    hours: float | None = None
    higher_is_better: bool = False
    missing: GateStatus | None = None
    supersedes: str = ""
    needs: str = ""
    mends: str = ""
    otherwise: str = ""

    def status(self, value: float) -> GateStatus:
        """On which side of the limits ``value`` lies."""
        sign = 1 if self.higher_is_better else -1
        if sign * (value - self.passes) >= 0:
            return GateStatus.PASS
        failed = self.fail is not None and sign * (value - self.fail) < 0
        return GateStatus.FAIL if failed else GateStatus.CAUTION

    def action_where(self, measured: Mapping[str, float], excess: float) -> str:
        """What brings a figure within the limit that lies so much outside of it."""
        return self.otherwise if self.mends and measured.get(self.mends, excess) < excess else self.action

    def severity(self, value: float) -> Severity | None:
        """That of a finding about ``value``: none within the limit, critical where it fails its gate."""
        return {GateStatus.FAIL: Severity.CRITICAL, GateStatus.CAUTION: Severity.WARNING}.get(self.status(value))


def with_overrides(
    limits: tuple[Limit, ...], overrides: Mapping[str, float | tuple[float, float]]
) -> tuple[Limit, ...]:
    """Limits with the pass, or the pass and fail, values that a person set. Raises ConfigError for unknown names."""
    known = [limit.measurement for limit in limits]
    problems = [
        f"limits: '{name}' is not a measurement with a limit.{did_you_mean(name, known)}"
        for name in overrides
        if name not in known
    ]
    if problems:
        raise ConfigError("\n".join(problems))

    def changed(limit: Limit) -> Limit:
        value = overrides.get(limit.measurement)
        match value:
            case None:
                return limit
            case (passes, fail):
                return replace(limit, passes=passes, fail=fail, source="set in the configuration")
            case passes:
                return replace(limit, passes=float(passes), source="set in the configuration")

    return tuple(changed(limit) for limit in limits)


def deciding(limits: tuple[Limit, ...], measured: Container[str]) -> tuple[Limit, ...]:
    """The ``limits`` that count where so much was ``measured``: each, or the one that supersedes it, in its place."""
    instead = {limit.supersedes: limit for limit in limits if limit.supersedes and limit.measurement in measured}
    return tuple(instead.get(limit.measurement, limit) for limit in limits if not limit.supersedes)
