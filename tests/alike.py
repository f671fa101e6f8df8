"""What reports of one table have in common, whatever it was read from."""

from __future__ import annotations

import json
from typing import Any

from auditor.model import AuditResult
from reports import to_json

# What names an export, a moment or a place.
_OF_THE_RUN = ("id", "time", "seconds", "source", "config_hash", "data_fingerprint")
_OF_THE_SETTINGS = ("export", "table", "query")


def nameless(result: AuditResult) -> dict[str, Any]:
    """The ``report.json`` of a result without its name."""
    report: dict[str, Any] = json.loads(to_json(result))
    for name in _OF_THE_RUN:
        del report["run"][name]
    for check in report["checks"]:
        del check["seconds"]
    for name in _OF_THE_SETTINGS:
        report["effective_config"].pop(name, None)
    return report
