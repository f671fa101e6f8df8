"""One run at a time for each folder."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from auditor.errors import ConfigError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def run_lock(folder: Path, held: str | None = None) -> Iterator[None]:
    """Nobody else holds ``folder`` within it. The lock ends with the process, however that ends; Windows has none.

    Raises ConfigError, in the words ``held``, where another run holds it.
    """
    whole = folder.absolute()
    above = next((path for path in whole.parents if path.is_dir()), None)
    if sys.platform == "win32" or above is None:
        yield
        return
    path = above / f".auditor-{sha256(str(whole).encode()).hexdigest()[:12]}.lock"
    with _held(path) as stream:
        if stream is None:
            raise ConfigError(
                held or f"Another audit is writing to '{folder}'. Wait for it, or choose another folder with --out."
            )
        try:
            yield
        finally:
            # While it is still held: who waits with this file open finds that it is no longer the one at its path.
            path.unlink(missing_ok=True)


@contextmanager
def _held(path: Path) -> Iterator[IO[str] | None]:
    """The file at ``path``, locked; None where somebody else has locked it."""
    while True:
        with path.open("a", encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            if path.exists() and os.path.samestat(path.stat(), os.fstat(stream.fileno())):
                yield stream
                return
