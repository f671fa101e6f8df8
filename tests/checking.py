"""Checks on what the steps about an export say."""

from __future__ import annotations

from typing import Any

from auditor.check import Check, Context
from auditor.errors import NotApplicable, StepFailed, bare
from auditor.evidence.given import BATCH, HORIZON, LIMITS
from auditor.model import CheckOutcome, Estimate
from auditor.plan.resolver import Resolver
from auditor.plan.step import Step
from auditor.results import Results
from auditor.runner import read_by, run_checks
from checks import ALL_CHECKS


def checked(
    steps: Resolver,
    checks: tuple[Check, ...] = ALL_CHECKS,
    select: tuple[str, ...] = (),
) -> tuple[tuple[CheckOutcome, ...], dict[str, Estimate]]:
    return run_checks(checks, steps.run(read_by(checks, steps[BATCH], select)), select)


class Loud(Resolver):
    """Lets the error of a step through, which an audit keeps to its type."""

    def _compute(self, step: Step[Any]) -> None:
        try:
            self.outcomes[step.key] = step.compute(Results(self.outcomes).only(step.reads))
        except NotApplicable as missing:
            self.outcomes[step.key] = bare(missing)


def raise_again(check: Check, steps: Resolver) -> None:
    """Raises what the ``check``, or a step that it reads, failed with, so that a test shows the line."""
    known = {key: outcome for key, outcome in steps.outcomes.items() if not isinstance(outcome, StepFailed)}
    results = Loud(steps.steps.values(), known).run(read_by((check,), steps[BATCH]))
    read = results.only((*check.reads, *check.may))
    parameters = {each.name: each.value for each in check.parameters}
    check.run(Context(results[BATCH], read, results[HORIZON], parameters, results[LIMITS]))
