"""The settings of an earlier run, from its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.config import PATHS, RULES
from auditor.dated import report_at
from auditor.errors import ConfigError, InputError
from auditor.history.record import limits_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Where the run before was written to is not where this one goes.
_ITS_OWN = ("out", "force", "junit")
_SET = "set in the configuration"


def settings_of(run: Path, given: Mapping[str, object], without: Collection[str] = ()) -> dict[str, object]:
    """Every setting of the audit at ``run``, under those ``given`` now; those in ``without`` are left out.

    A report keeps the last name of a path only: it is looked for here, and in the folders above ``run``.

    Raises:
        InputError: there is no audit, or its report cannot be read.
        ConfigError: a file of the earlier run is in none of these places.

    """
    report = report_at(run)
    try:
        kept: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["effective_config"]
        limits = {name: _limit(each) for name, each in limits_of(kept).items() if each["source"] == _SET}
        read = {key: value for key, value in kept.get("read", {}).items() if value is not None}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"'{report}' is no report of auditor.") from None
    now = {key: value for key, value in given.items() if value not in (None, (), [])}
    before = {
        key: value
        for key, value in kept.items()
        if value not in (None, "", [], {}) and key not in {*_ITS_OWN, *without}
    }
    if unknown := sorted(set(before) - set(RULES)):
        raise InputError(f"'{report}' holds the setting '{unknown[0]}', which this version of auditor does not know.")
    before["limits"] = limits
    before["read"] = read
    found = {key: _found(key, str(before[key]), report) for key in PATHS if key in before and key not in now}
    return before | found | now


def _limit(kept: Mapping[str, Any]) -> object:
    return kept["passes"] if kept["fail"] is None else [kept["passes"], kept["fail"]]


def _found(key: str, name: str, report: Path) -> str:
    places = [Path(name), *(folder / name for folder in report.absolute().parents)]
    for place in places:
        if place.exists():
            return str(place)
    option = "its path" if key == "export" else f"--{key} with its path"
    raise ConfigError(
        f"The run before read '{name}', and a report keeps only the last name of a path: it lies neither here nor in "
        f"a folder above the run. Pass {option} as well."
    )
