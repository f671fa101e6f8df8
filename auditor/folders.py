"""Folders that a run writes to: nothing that somebody else put there is lost, and nobody else reads them half-done."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write in that takes the place of ``out`` at the end, or leaves no trace where that fails.

    Until then it lies in one that its owner alone may enter. Its own mode, and that of its files, follow the umask.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    private = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        work = private / "new"
        work.mkdir()
        yield work
        _replace(out, work, private / "old")
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _replace(out: Path, work: Path, old: Path) -> None:
    """``work`` becomes ``out``; what stood there becomes ``old``, and stays where that cannot be."""
    if out.exists():
        out.rename(old)
    try:
        work.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


def refuse_foreign(out: Path, mark: str) -> None:
    """Raises ConfigError where ``out`` is a file, or holds files without the one named ``mark``."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"'{out}' is a file; --out must name a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / mark).exists():
        raise ConfigError(f"The folder '{out}' holds other files. Choose another one with --out.")
