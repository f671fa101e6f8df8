"""Data-readiness audits of labelled records. Public names load on first use, so that the import stays fast."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.errors import AuditError, ConfigError, InputError
    from auditor.library import Audit, audit
    from auditor.model import AuditResult

_HOME = {
    "Audit": "auditor.library",
    "AuditError": "auditor.errors",
    "AuditResult": "auditor.model",
    "ConfigError": "auditor.errors",
    "InputError": "auditor.errors",
    "audit": "auditor.library",
}

__all__ = ["Audit", "AuditError", "AuditResult", "ConfigError", "InputError", "audit"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'auditor' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
