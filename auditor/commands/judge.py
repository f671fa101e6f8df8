"""`auditor judge`: an audit at other prices or limits, from its report alone."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.errors import ConfigError, InputError

if TYPE_CHECKING:
    from auditor.config import Config
    from auditor.model import AuditResult

# What it is judged by may differ from the audit, beside where it is written to.
JUDGED_BY = ("cost", "limits", "fail_on")


def judge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of an audit, or its report.json.")],
    config: Annotated[Path, typer.Option(help="The audit.toml with the new [cost] and [limits].")],
    out: Annotated[Path | None, typer.Option(help="Folder for the reports (RUN-judged).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the reports in an existing folder.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print all notices, the ways, the gates and the columns as well.")
    ] = False,
) -> None:
    """Judge an audit again at other prices or limits, without its export."""
    from auditor.api import refuse_existing, write
    from auditor.config import load_config
    from auditor.dated import ROW_FILE, report_at
    from auditor.folders import refuse_unwritable
    from auditor.gate_limits import GATE_LIMITS
    from auditor.limits import with_overrides
    from auditor.lock import run_lock
    from auditor.progress import stages
    from auditor.verdict import judged_again
    from reports import print_verdict

    settings = load_config(config, {})
    limits = with_overrides(GATE_LIMITS, settings.limits)
    report = report_at(run).resolve()
    target = out or report.parent.with_name(f"{report.parent.name}-judged")
    refuse_unwritable(target, "--out")
    before = _read(report)
    _refuse_other(settings, before, config)
    with run_lock(target), stages() as (console, on_stage):
        refuse_existing(target, force=force)
        on_stage("Judging")
        result = judged_again(before, limits, settings.cost)
        on_stage("Writing the reports")
        write(result, report.with_name(ROW_FILE), target, force=force)
    print_verdict(result, console, str(target), verbose=verbose)


def _read(report: Path) -> AuditResult:
    import json

    from auditor.history.record import read
    from checks import ALL_CHECKS
    from reports.from_json import from_json

    templates = {(check.code, each.id): each for check in ALL_CHECKS for each in check.templates}
    try:
        data = json.loads(report.read_text(encoding="utf-8"))
        # Says which other version wrote it.
        read(data, report)
        found = from_json(data, templates)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"'{report}' is no report that can be judged again. Audit its export again.") from None
    if found.facts is None:
        raise InputError(f"'{report}' holds no facts to judge: what they rest on failed there. Audit its export again.")
    return found


def _refuse_other(settings: Config, before: AuditResult, file: Path) -> None:
    """Raises ConfigError where the settings ask for another reading than that of the audit."""
    from auditor.config import OF_MACHINE, WRITTEN_TO, Config, effective

    asked, default = effective(settings), effective(Config())
    names = [each.name for each in fields(Config) if each.name not in (*JUDGED_BY, *WRITTEN_TO, *OF_MACHINE)]
    other = [key for key in names if asked[key] not in (default[key], before.effective_config[key])]
    if other:
        raise ConfigError(
            f"{file}: '{other[0]}' differs from that of the audit. Only [cost] and [limits] can be judged again; for "
            "the rest: auditor run --again RUN"
        )
