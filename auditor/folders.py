"""Folders that a run writes to: nothing that somebody else put there is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_foreign(out: Path, mark: str) -> None:
    """Raises ConfigError where ``out`` is a file, or holds files without the one named ``mark``."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"'{out}' is a file; --out must name a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / mark).exists():
        raise ConfigError(f"The folder '{out}' holds other files. Choose another one with --out.")
