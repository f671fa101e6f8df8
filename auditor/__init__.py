"""Data-readiness audits of labelled records. Public names load on first use, so that the import stays fast."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Config": "auditor.config",
    "load_config": "auditor.config",
    "audit": "auditor.api",
    "write": "auditor.api",
    "AuditError": "auditor.errors",
    "ConfigError": "auditor.errors",
    "InputError": "auditor.errors",
}

__all__ = ["AuditError", "Config", "ConfigError", "InputError", "audit", "load_config", "write"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'auditor' has no attribute '{name}'")
