"""Checks on what the steps about an export say."""

from __future__ import annotations

from auditor.check import Check
from auditor.evidence.given import BATCH
from auditor.model import CheckOutcome, Estimate
from auditor.plan.resolver import Resolver
from auditor.runner import read_by, run_checks
from checks import ALL_CHECKS


def checked(
    steps: Resolver,
    checks: tuple[Check, ...] = ALL_CHECKS,
    select: tuple[str, ...] = (),
) -> tuple[tuple[CheckOutcome, ...], dict[str, Estimate]]:
    return run_checks(checks, steps.run(read_by(checks, steps[BATCH], select)), select)
