"""Folders that a run writes to: nothing that somebody else put there is lost, and nobody else reads them half-done."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import ConfigError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRATCH = "auditor-scratch"


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write in that takes the place of ``out`` at the end, or leaves no trace where that fails.

    Until then it lies in one that its owner alone may enter. Its own mode, and that of its files, follow the umask.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    for left in _left(out.parent, out.name):
        # Killed between the two renames: what stood in its place is still there.
        if (left / "old").exists() and not out.exists():
            (left / "old").rename(out)
    with _private(out.parent, out.name) as private:
        work = private / "new"
        work.mkdir()
        yield work
        _replace(out, work, private / "old")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for copies of an export that goes at the end, and with it what killed runs left of theirs."""
    with _private(Path(tempfile.gettempdir()), _SCRATCH) as folder:
        yield folder


@contextmanager
def _private(parent: Path, name: str) -> Iterator[Path]:
    """A hidden folder in ``parent`` that its owner alone may enter, held while it is in use."""
    for left in _left(parent, name):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _left(parent: Path, name: str) -> Iterator[Path]:
    """The folders of ``name`` in ``parent`` that no process holds any more; each is held while it is looked at."""
    pattern = re.compile(rf"\.{re.escape(name)}-[a-z0-9_]{{8}}")
    try:
        paths = list(parent.iterdir())
    except OSError:
        # A folder may take files and not show them.
        return
    for path in paths:
        if pattern.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            with _held(path) as mine:
                if mine:
                    yield path


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Whether this process holds ``folder`` now, and nobody else; the hold ends with the process. Windows has none."""
    if sys.platform == "win32":
        yield False
        return
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        # Gone, or another user's.
        yield False
        return
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(number)


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
