"""Runs the checks: selects, isolates crashes, and gives every check exactly one outcome."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.check import Context
from auditor.errors import AuditError, ConfigError, NotApplicable, StepFailed, did_you_mean
from auditor.limits import LIMITS, Limit, with_better
from auditor.model import CheckOutcome, Estimate, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.batch import Batch
    from auditor.check import Check
    from auditor.evidence import Evidence


def validate_codes(checks: tuple[Check, ...], codes: tuple[str, ...]) -> None:
    """Raises ConfigError for codes that no check has."""
    known = [check.code for check in checks]
    problems = [f"no check has the code '{code}'.{did_you_mean(code, known)}" for code in codes if code not in known]
    if problems:
        raise ConfigError("\n".join(problems))


def run_checks(
    checks: tuple[Check, ...],
    batch: Batch,
    evidence: Evidence,
    horizon: int,
    select: tuple[str, ...] = (),
    ignore: Mapping[str, str] | None = None,
    limits: tuple[Limit, ...] = LIMITS,
) -> tuple[tuple[CheckOutcome, ...], dict[str, Estimate]]:
    """One outcome per check, in the order of ``checks``, and the estimates of all that ran.

    Findings are held to the ``limits`` of the gates.
    """
    by_name = {limit.measurement: limit for limit in with_better(limits)}
    present = {choice.role for choice in batch.roles.choices if choice.columns}
    outcomes: list[CheckOutcome] = []
    estimates: dict[str, Estimate] = {}
    for check in checks:
        blank = CheckOutcome(check.code, check.name, check.title, check.gate, Outcome.SKIPPED)
        missing = sorted(check.needs - present)
        if ignore and check.code in ignore:
            outcomes.append(replace(blank, outcome=Outcome.IGNORED, reason=ignore[check.code]))
        elif select and check.code not in select:
            outcomes.append(replace(blank, reason="not selected"))
        elif missing:
            reason = "needs a column for: " + ", ".join(missing)
            outcomes.append(replace(blank, outcome=Outcome.NOT_APPLICABLE, reason=reason))
        else:
            outcome, found = _run(check, blank, Context(batch, evidence, horizon, _values(check), by_name))
            outcomes.append(outcome)
            estimates |= found
    return tuple(outcomes), estimates


def _values(check: Check) -> dict[str, float]:
    return {each.name: each.value for each in check.parameters}


def _run(check: Check, blank: CheckOutcome, context: Context) -> tuple[CheckOutcome, Mapping[str, Estimate]]:
    start = time.perf_counter()
    try:
        report = check.run(context)
    except NotApplicable as missing:
        return replace(blank, outcome=Outcome.NOT_APPLICABLE, reason=str(missing)), {}
    except StepFailed as failed:
        return replace(blank, outcome=Outcome.ERRORED, reason=str(failed)), {}
    except (MemoryError, OSError, AuditError):
        # The machine, or the export itself.
        raise
    except Exception as error:
        # The type alone: a message may quote record text.
        reason = f"{type(error).__name__} inside the check"
        return replace(blank, outcome=Outcome.ERRORED, reason=reason), {}
    done = replace(
        blank,
        outcome=Outcome.FOUND if report.findings else Outcome.PASSED,
        seconds=time.perf_counter() - start,
        measurements=report.measurements,
        findings=report.findings,
    )
    return done, report.estimates
