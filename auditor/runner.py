"""Runs the checks: selects, isolates crashes, and gives every check exactly one outcome."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.check import Context
from auditor.errors import AuditError, ConfigError, NotApplicable, StepFailed, did_you_mean
from auditor.evidence.given import BATCH, HORIZON, LIMITS
from auditor.model import CheckOutcome, Estimate, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.batch import Batch
    from auditor.check import Check
    from auditor.config import Config
    from auditor.results import Key, Results


def validate_codes(checks: tuple[Check, ...], codes: tuple[str, ...]) -> None:
    """Raises ConfigError for codes that no check has."""
    known = [check.code for check in checks]
    problems = [f"no check has the code '{code}'.{did_you_mean(code, known)}" for code in codes if code not in known]
    if problems:
        raise ConfigError("\n".join(problems))


def codes_in(config: Config) -> tuple[str, ...]:
    """Every check that the settings name."""
    return (*config.select, *(each["check"] for each in config.ignore), *config.severity)


def passed_over(check: Check, batch: Batch, select: tuple[str, ...] = ()) -> CheckOutcome | None:
    """Why ``check`` is not to run on ``batch``; None where it is."""
    present = {choice.role for choice in batch.roles.choices if choice.columns}
    missing = sorted(check.needs - present)
    if select and check.code not in select:
        return replace(blank(check), reason="not selected")
    if missing:
        reason = "needs a column for " + ", ".join(missing)
        return replace(blank(check), outcome=Outcome.NOT_APPLICABLE, reason=reason)
    return None


def blank(check: Check) -> CheckOutcome:
    """Of a check that did not run."""
    return CheckOutcome(check.code, check.name, check.title, check.gate, Outcome.SKIPPED)


def read_by(checks: tuple[Check, ...], batch: Batch, select: tuple[str, ...] = ()) -> frozenset[Key[Any]]:
    """The results that the ``checks`` read which are to run, and what `run_checks` reads itself."""
    run = [check for check in checks if passed_over(check, batch, select) is None]
    own: tuple[Key[Any], ...] = (BATCH, HORIZON, LIMITS)
    return frozenset(own).union(*((*check.reads, *check.may) for check in run))


def run_checks(
    checks: tuple[Check, ...], results: Results, select: tuple[str, ...] = ()
) -> tuple[tuple[CheckOutcome, ...], dict[str, Estimate]]:
    """One outcome per check, in the order of ``checks``, and the estimates of all that ran.

    Findings are held to the limits of the gates.
    """
    outcomes: list[CheckOutcome] = []
    estimates: dict[str, Estimate] = {}
    for check in checks:
        outcome = passed_over(check, results[BATCH], select)
        if outcome is None:
            outcome, found = _run(check, results)
            estimates |= found
        outcomes.append(outcome)
    return tuple(outcomes), estimates


def _run(check: Check, results: Results) -> tuple[CheckOutcome, Mapping[str, Estimate]]:
    read = results.only((*check.reads, *check.may))
    parameters = {each.name: each.value for each in check.parameters}
    context = Context(results[BATCH], read, results[HORIZON], parameters, results[LIMITS])
    start = time.perf_counter()
    try:
        for key in check.reads:
            _ = read[key]
        report = check.run(context)
    except NotApplicable as missing:
        return replace(blank(check), outcome=Outcome.NOT_APPLICABLE, reason=str(missing)), {}
    except StepFailed as failed:
        return replace(blank(check), outcome=Outcome.ERRORED, reason=str(failed)), {}
    except (MemoryError, OSError, AuditError):
        # The machine, or the export itself.
        raise
    except Exception as error:
        # The type alone: a message may quote record text.
        reason = f"{type(error).__name__} inside the check"
        return replace(blank(check), outcome=Outcome.ERRORED, reason=reason), {}
    done = replace(
        blank(check),
        outcome=Outcome.FOUND if report.findings else Outcome.PASSED,
        seconds=time.perf_counter() - start,
        measurements=report.measurements,
        findings=report.findings,
    )
    return done, report.estimates
