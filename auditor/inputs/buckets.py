"""Objects of an S3 bucket, fetched into a folder of this machine and read as files."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from auditor.addresses import shown
from auditor.errors import InputError
from auditor.folders import written
from auditor.keys import digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_AT_ONCE = 1 << 20
# Seconds.
_PATIENCE = 60


@dataclass(frozen=True)
class Objects:
    """What an ``address`` names: the ``keys`` of its objects, where below a folder their copies are ``placed``, and a
    ``mark`` that another size or time of one would change.
    """

    address: str
    keys: tuple[str, ...]
    placed: PurePosixPath
    mark: int

    def parts(self, most: int) -> Iterator[Objects]:
        """At most so many objects each."""
        for start in range(0, len(self.keys), most):
            yield replace(self, keys=self.keys[start : start + most])

    def copied(self, folder: Path) -> Path:
        """Copies the objects that are not there yet; gives the path under ``folder`` of all that the address names.

        Raises InputError where one cannot be fetched.
        """
        try:
            store = _store()
            for key in self.keys:
                target = _below(folder, PurePosixPath(key).relative_to(self.placed.parent))
                if not target.exists():
                    written(target, partial(_copy, store, key))
        except OSError as error:
            raise InputError(f"'{shown(self.address)}' cannot be fetched: {_why(str(error))}.") from None
        return folder / self.placed.name


def objects_at(address: str) -> Objects:
    """What ``address`` names: an object, all below a prefix, or what fits a pattern.

    Credentials, region and endpoint are those of the environment, as every AWS client reads them (AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL).

    Raises InputError where nothing is there, or the store cannot be asked.
    """
    wanted = address.partition("://")[2].strip("/")
    fixed = PurePosixPath(*_fixed(PurePosixPath(wanted).parts))
    try:
        objects = _objects(_store(), wanted, fixed)
    except OSError as error:
        raise InputError(f"'{shown(address)}' cannot be fetched: {_why(str(error))}.") from None
    if not objects:
        raise InputError(f"There is no object at '{shown(address)}'. Check the bucket and the key.")
    if any(".." in PurePosixPath(each.path).parts for each in objects):
        raise InputError(f"An object at '{shown(address)}' has '..' in its key, which no folder may hold.")
    mark = digest(repr([(each.path, each.size, each.mtime_ns) for each in objects]))
    return Objects(address, tuple(each.path for each in objects), fixed, mark)


def fetched(address: str, folder: Path) -> Path:
    """The path under ``folder`` of copies of what ``address`` names, see `objects_at`."""
    return objects_at(address).copied(folder)


def _below(folder: Path, name: PurePosixPath) -> Path:
    """The file of a ``name`` below ``folder``. What that lies in is not made anew: a run that failed takes it away."""
    for above in reversed(name.parents):
        (folder / above).mkdir(exist_ok=True)
    return folder / name


def _copy(store: Any, key: str, target: Path) -> None:  # noqa: ANN401 - pyarrow has no types
    with store.open_input_stream(key) as source, target.open("wb") as copy:
        while part := source.read(_AT_ONCE):
            copy.write(part)


def _store() -> Any:  # noqa: ANN401
    from pyarrow.fs import S3FileSystem

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return S3FileSystem(region=region, endpoint_override=endpoint, connect_timeout=_PATIENCE, request_timeout=_PATIENCE)


def _objects(store: Any, wanted: str, fixed: PurePosixPath) -> list[Any]:  # noqa: ANN401
    from pyarrow.fs import FileSelector, FileType

    (found,) = store.get_file_info([str(fixed)])
    if found.type is FileType.File:
        return [found]
    below = store.get_file_info(FileSelector(str(fixed), recursive=True, allow_not_found=True))
    files = [each for each in below if each.type is FileType.File]
    return files if str(fixed) == wanted else [each for each in files if fnmatch(each.path, wanted)]


def _fixed(parts: Sequence[str]) -> Sequence[str]:
    """The parts before the first wildcard, the bucket at least."""
    wild = next((place for place, part in enumerate(parts) if any(mark in part for mark in "*?[")), len(parts))
    return parts[: max(wild, 1)]


def _why(message: str) -> str:
    """What the store says beside this may quote keys."""
    if "ACCESS_DENIED" in message or "403" in message or "InvalidAccessKeyId" in message:
        return "access is denied; the keys come from the environment (AWS_ACCESS_KEY_ID or AWS_PROFILE)"
    if "NO_SUCH_BUCKET" in message or "404" in message:
        return "there is no such bucket or object"
    return "the store cannot be reached; check AWS_ENDPOINT_URL, AWS_REGION and the network"
