"""What an audit would do: which steps and checks run on an export, which do not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.plan import steps_for
from auditor.plan.costs import gigabytes, pace, seconds, size_of, threads_within, wall_time
from auditor.progress import duration
from auditor.runner import codes_in, passed_over, validate_codes
from auditor.threads import usual
from checks import ALL_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.batch import Batch
    from auditor.check import Check
    from auditor.config import Config
    from auditor.plan.costs import Size
    from auditor.plan.resolver import Resolver
    from auditor.results import Key


def preview(config: Config) -> str:
    """Plain text; only the export is read. What shows while a step is computed is not foreseen.

    Raises ConfigError for wrong settings and InputError for an export that cannot be audited.
    """
    validate_codes(ALL_CHECKS, codes_in(config))
    batch = load(config)
    steps = steps_for(batch, config.seed)
    size = size_of(batch)
    n = threads_within(size, config.threads or usual(), config.max_memory)
    lacking = steps.lacking()
    order = steps.order(steps.steps)
    names = {key: steps.steps[key].title or f"{key.name[0].upper()}{key.name[1:]}" for key in order}
    checks = {each: _why_not(each, config, batch, lacking) for each in ALL_CHECKS}
    return "\n".join(
        [
            f"{batch.intake.rows_used:,} records of {batch.intake.rows_read:,} read.",
            _takes(size, n, steps, lacking),
            "",
            f"Steps that run ({len(order) - len(lacking)}):",
            *(f"  {names[key]}" for key in order if key not in lacking),
            "",
            *_section("Steps that do not run", ((names[key], lacking[key]) for key in order if key in lacking)),
            f"Checks that run ({sum(not why for why in checks.values())}):",
            *(f"  {each.code}  {each.title}" for each, why in checks.items() if not why),
            "",
            *_section(
                "Checks that do not run", ((f"{each.code}  {each.title}", why) for each, why in checks.items() if why)
            ),
        ]
    ).rstrip()


def _takes(size: Size, n: int, steps: Resolver, lacking: Mapping[Key[Any], str]) -> str:
    """Time and memory of the run on ``n`` threads."""
    with one_blas_thread():
        took = seconds(size, pace())
    graph = {key: step.reads for key, step in steps.steps.items() if key not in lacking}
    wall = wall_time(graph, took, n)
    on = "one thread" if n == 1 else f"{n} threads"
    return f"An audit takes about {duration(wall)} on {on} of this machine, and {gigabytes(size, n):.1f} GB of memory."


def _why_not(check: Check, config: Config, batch: Batch, lacking: Mapping[Key[Any], str]) -> str:
    """Why ``check`` does not run, where results are ``lacking``; nothing where it does."""
    outcome = passed_over(check, batch, config.select)
    if outcome is not None:
        return outcome.reason
    return next((lacking[key] for key in check.reads if key in lacking), "")


def _section(title: str, lines: Iterable[tuple[str, str]]) -> list[str]:
    found = [f"  {name}: {why}" for name, why in lines]
    return [f"{title} ({len(found)}):", *found, ""] if found else []
