"""Folders that a run writes to: nothing that somebody else put there is lost, and nobody else reads them half-done."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from auditor.errors import ConfigError, Lost
from auditor.lock import run_lock

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCRATCH = "auditor-scratch"
_SHOWN = 120
_TRIES = 10


@contextmanager
def new_folder(out: Path, *, replace: bool = True) -> Iterator[Path]:
    """A folder to write in that takes the place of ``out`` at the end, or leaves no trace where that fails; what stands
    there already is lost, or with ``replace`` False an OSError.

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
        if replace:
            _replace(out, work, private / "old")
        else:
            work.rename(out)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for parts of an export that goes at the end, and with it what killed runs left of theirs."""
    with _private(Path(tempfile.gettempdir()), _SCRATCH) as folder:
        yield folder


@contextmanager
def kept(parent: Path, name: str) -> Iterator[Path]:
    """A hidden folder in ``parent`` that its owner alone may enter, and one run at a time. It goes at the end, but not
    where others were `Lost` or the run was killed: the next one finds it, and where that has wrong settings the one
    after it.

    Raises ConfigError where another run uses it, or somebody else put something there by that name.
    """
    folder = parent / f".{name}"
    _owned(parent, folder)
    with run_lock(folder, f"'{parent}' is in use by another run of this export. Wait, or pass another --work."):
        for left in _left(parent, _SCRATCH):
            shutil.rmtree(left, ignore_errors=True)
        _owned(parent, folder)
        found = any(folder.iterdir())
        try:
            yield folder
        except BaseException as error:
            if not isinstance(error, Lost) and not (found and isinstance(error, ConfigError)):
                _taken_away(folder)
            raise
        _taken_away(folder)


def _owned(parent: Path, folder: Path) -> None:
    """Make ``folder`` in ``parent``. Raises ConfigError where that cannot be, or it is a link or another user's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ConfigError(
            f"'{shortened(parent)}' cannot be written: {error.strerror}. Choose another place with --work."
        ) from None
    if not stat.S_ISDIR(found.st_mode) or (sys.platform != "win32" and found.st_uid != os.geteuid()):
        raise ConfigError(f"'{shortened(folder)}' is not this user's own folder. Choose another place with --work.")
    folder.chmod(0o700)


def _taken_away(folder: Path) -> None:
    """First by the name of what the next run removes, so that others who still work have nowhere to write to."""
    aside = folder.with_name(f".{_SCRATCH}-{uuid4().hex[:8]}")
    try:
        folder.rename(aside)
    except OSError:
        aside = folder
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _private(parent: Path, name: str) -> Iterator[Path]:
    """A hidden folder in ``parent`` that its owner alone may enter, held while it is in use."""
    for left in _left(parent, name):
        shutil.rmtree(left, ignore_errors=True)
    with ExitStack() as opened:
        yield _of_its_own(parent, name, opened)


def _of_its_own(parent: Path, name: str, opened: ExitStack) -> Path:
    """A new folder that is held and goes as ``opened`` closes. Until it is held, others may take it for one that a
    killed run left. Where no folder can be held, none is taken for that.
    """
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
        opened.callback(shutil.rmtree, folder, ignore_errors=True)
        if (opened.enter_context(_held(folder)) and folder.exists()) or sys.platform == "win32":
            break
    return folder


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


def refuse_unwritable(path: Path, option: str) -> None:
    """Raises ConfigError where nothing can be written to the folder that ``path``, which ``option`` names, is to lie
    in; folders that are not there yet would be made.
    """
    try:
        above = next(each for each in path.absolute().parents if each.exists())
        if not above.is_dir():
            raise ConfigError(f"'{above}' is a file, and no folder. Choose another place with {option}.")
        path.exists()
        with tempfile.TemporaryFile(dir=above):
            pass
    except OSError as error:
        raise ConfigError(
            f"'{shortened(path)}' cannot be written: {error.strerror}. Choose another place with {option}."
        ) from None


def refuse_to_replace(path: Path, option: str, start: str) -> None:
    """Raises ConfigError where `whole_file` cannot write to ``path``, or would replace what does not ``start`` so."""
    refuse_unwritable(path, option)
    if path.is_dir():
        raise ConfigError(f"'{path}' is a folder; {option} must name a file.")
    if path.is_file():
        try:
            with path.open(encoding="utf-8", errors="replace") as stream:
                there = stream.read(len(start))
        except OSError as error:
            raise ConfigError(f"'{path}' cannot be read: {error.strerror}. Choose another with {option}.") from None
        if there and there != start:
            raise ConfigError(f"'{path}' holds something else, and is not replaced. Choose another with {option}.")


def whole_file(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, all or nothing, whoever writes there too; into a pipe as it comes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    if target.exists() and not target.is_file():
        path.write_text(text, encoding="utf-8")
        return
    written(target, lambda new: new.write_text(text, encoding="utf-8"))


def written(file: Path, write: Callable[[Path], object]) -> None:
    """``file`` as ``write`` makes it, whole or not at all, whoever makes it too."""
    new = file.with_name(f".{uuid4().hex}")
    try:
        write(new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def shortened(path: Path) -> str:
    """As much of a path as a sentence holds."""
    name = str(path)
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."


def refuse_foreign(out: Path, mark: str) -> None:
    """Raises ConfigError where ``out`` is a file, holds files without the one named ``mark``, or takes none."""
    refuse_unwritable(out / mark, "--out")
    if out.is_dir() and any(out.iterdir()) and not (out / mark).exists():
        raise ConfigError(f"The folder '{out}' holds other files. Choose another one with --out.")
