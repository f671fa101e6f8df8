"""Which files an export is made of, what kind they are, and a fingerprint of their contents."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from enum import StrEnum
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from auditor import addresses
from auditor.errors import AuditError, InputError
from auditor.inputs.lakes import is_iceberg, latest_metadata, live_files, refuse_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class Kind(StrEnum):
    DELIMITED = "delimited text"
    PARQUET = "Parquet"
    JSON = "JSON lines"
    WORKBOOK = "Excel workbook"
    ARROW = "Arrow"
    DATABASE = "a database file"
    POSTGRES = "PostgreSQL"
    ICEBERG = "Iceberg"
    BUCKET = "a bucket"
    FRAME = "a frame in memory"


_KINDS: Mapping[str, Kind] = {
    ".csv": Kind.DELIMITED,
    ".tsv": Kind.DELIMITED,
    ".txt": Kind.DELIMITED,
    ".parquet": Kind.PARQUET,
    ".jsonl": Kind.JSON,
    ".ndjson": Kind.JSON,
    ".json": Kind.JSON,
    ".xlsx": Kind.WORKBOOK,
    ".xlsm": Kind.WORKBOOK,
    ".arrow": Kind.ARROW,
    ".feather": Kind.ARROW,
    ".duckdb": Kind.DATABASE,
    ".db": Kind.DATABASE,
    ".sqlite": Kind.DATABASE,
    ".sqlite3": Kind.DATABASE,
}
# Of these a table or a query may be named.
DATABASES = (Kind.DATABASE, Kind.POSTGRES)
# Of these no bytes say what was read.
OF_VALUES = (Kind.DATABASE, Kind.POSTGRES, Kind.ICEBERG, Kind.FRAME)
_COMPRESSED = (".gz", ".zst")
_SHOWN = 120
# Seconds between two parts of what somebody writes.
_MOMENT = 0.05
READABLE = ", ".join(_KINDS) + " (the text kinds also with .gz or .zst)"


class Located(NamedTuple):
    """The files to read, in order. ``root`` is where ``column=value`` folder names start to count.

    ``address`` is the export as it was given; what is ``shown`` of it holds no password. Of a database, ``table`` or
    ``query`` says which rows.
    """

    kind: Kind
    files: tuple[Path, ...]
    root: Path | None
    address: str = ""
    table: str | None = None
    query: str | None = None

    @property
    def shown(self) -> str:
        return addresses.shown(self.address)


def extension(path: Path) -> str:
    """The extension that tells the format: ``.csv`` for ``x.csv`` and ``x.csv.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in _COMPRESSED:
        return suffixes[-2]
    return suffixes[-1] if suffixes else ""


def locate(export: str) -> Located:
    """What lies behind a path, a folder, a pattern or an address; nobody is asked over the network.

    Raises:
        InputError: nothing is there, the files are empty, of an unknown kind, or of several kinds.

    """
    if scheme := addresses.scheme_of(export):
        return _at_address(export, scheme)
    path = Path(export)
    try:
        folder, there = path.is_dir(), path.exists()
    except OSError as error:
        raise InputError(f"'{_short(export)}' cannot be read: {error.strerror}. Check the path.") from None
    if folder and is_iceberg(path):
        return Located(Kind.ICEBERG, (latest_metadata(path),), None, export)
    if folder:
        live = live_files(export, path)
        return _one_kind(export, _visible(path) if live is None else live, path)
    if there:
        return _one_kind(export, [path], None)
    if any(mark in export for mark in "*?["):
        matches = [Path(match) for match in glob(export, recursive=True)]  # noqa: PTH207 - any base
        files = [match for match in matches if match.is_file()]
        refuse_parts(export, files)
        return _one_kind(export, files, _fixed_part(path))
    raise InputError(f"There is no file or folder at '{_short(export)}'. Check the path.")


def _at_address(export: str, scheme: str) -> Located:
    if scheme in addresses.POSTGRES:
        return Located(Kind.POSTGRES, (), None, export)
    if scheme in addresses.BUCKET:
        return Located(Kind.BUCKET, (), None, export)
    raise InputError(
        f"auditor does not read '{scheme}://', but postgresql://, s3:// and files. Unload the rows to Parquet: "
        "docs/sources.md says how for other systems."
    )


def _short(export: str) -> str:
    return export if len(export) <= _SHOWN else f"{export[:_SHOWN]}..."


def hive_values(file: Path, root: Path | None) -> dict[str, str]:
    """The columns that a file's ``column=value`` folders add."""
    if root is None:
        return {}
    folders = file.relative_to(root).parts[:-1]
    pairs = (folder.partition("=") for folder in folders)
    return {unquote(name): unquote(value) for name, equals, value in pairs if equals}


def fingerprint(located: Located, digests: Iterable[str] | None = None) -> str:
    """SHA-256 of the file's contents; of several files, of their names and contents in order. Where somebody read them
    already, from the `digest` of each.
    """
    digests = map(digest, located.files) if digests is None else digests
    if len(located.files) == 1:
        return next(iter(digests))
    whole = hashlib.sha256()
    for file, each in zip(located.files, digests, strict=True):
        name = file.relative_to(located.root) if located.root else file
        whole.update(f"{name.as_posix()}\0{each}\n".encode())
    return whole.hexdigest()


@contextmanager
def unchanged(located: Located) -> Iterator[None]:
    """Raises InputError where somebody writes to the files within it, which says more than what they seem to hold.

    A database keeps its readers and writers apart.
    """
    files = () if located.kind in OF_VALUES else located.files
    changed = InputError(
        f"'{located.shown}' changed while it was read. Audit it once nobody writes to it any more, or a copy."
    )
    before = stamps(files)
    try:
        yield
    except AuditError:
        # Who writes in parts may be between two of them.
        now = time.time_ns()
        if any(stamp and abs(now - stamp[1]) < 10 * _MOMENT * 1e9 for stamp in stamps(files)):
            time.sleep(_MOMENT)
        if stamps(files) != before:
            raise changed from None
        raise
    if stamps(files) != before:
        raise changed


def stamps(files: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Size and time of change of each file, None where it is gone."""
    found: list[tuple[int, int] | None] = []
    for file in files:
        try:
            stat = file.stat()
            found.append((stat.st_size, stat.st_mtime_ns))
        except OSError:
            found.append(None)
    return found


def _one_kind(export: str, files: list[Path], root: Path | None) -> Located:
    if not files:
        raise InputError(f"'{export}' holds no data files. auditor reads {READABLE}.")
    extensions = sorted({extension(file) for file in files})
    kinds = {_KINDS.get(each) for each in extensions}
    if len(kinds) > 1:
        listed = ", ".join(each or "no extension" for each in extensions)
        raise InputError(
            f"'{export}' mixes kinds of files ({listed}). Name the ones to read with a pattern, "
            f"such as '{Path(export) / '*'}{extensions[-1]}'."
        )
    kind = kinds.pop()
    if kind is None:
        found = f"The extension '{extensions[0]}'" if extensions[0] else "A file without an extension"
        raise InputError(f"{found} is not one that auditor reads ('{export}'). It reads {READABLE}.")
    # Writers such as Spark leave empty parts behind; they hold no rows.
    filled = sorted(file for file in files if _size(file) > 0)
    if not filled:
        raise InputError(f"'{export}' is empty. Export it again with its rows.")
    if kind is Kind.DATABASE and len(filled) > 1:
        raise InputError(f"'{export}' holds {len(filled)} databases. Name one of them.")
    return Located(kind, tuple(filled), root, export)


def _visible(folder: Path) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "_")) for part in parts):
            found.append(path)
    return found


def _fixed_part(pattern: Path) -> Path:
    """The folders of a pattern before the first wildcard."""
    fixed = Path(pattern.anchor)
    for part in pattern.relative_to(pattern.anchor).parts[:-1]:
        if any(mark in part for mark in "*?["):
            break
        fixed /= part
    return fixed


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror}.") from None


def digest(file: Path) -> str:
    """SHA-256 of the file's contents."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror}.") from None
