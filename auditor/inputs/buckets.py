"""Objects of an S3 bucket, fetched into a folder of this machine and read as files."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from auditor.addresses import shown
from auditor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_AT_ONCE = 1 << 20
# Seconds.
_PATIENCE = 60


def fetched(address: str, folder: Path) -> Path:
    """The path under ``folder`` of what ``address`` names: an object, all below a prefix, or what fits a pattern.

    Credentials, region and endpoint are those of the environment, as every AWS client reads them (AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL).

    Raises InputError where nothing is there, or it cannot be fetched.
    """
    wanted = address.partition("://")[2].strip("/")
    fixed = PurePosixPath(*_fixed(PurePosixPath(wanted).parts))
    try:
        store = _store()
        objects = _objects(store, wanted, fixed)
        for name in objects:
            if ".." in PurePosixPath(name).parts:
                raise InputError(f"An object at '{shown(address)}' has '..' in its key, which no folder may hold.")
            target = folder / PurePosixPath(name).relative_to(fixed.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            with store.open_input_stream(name) as source, target.open("wb") as copy:
                while part := source.read(_AT_ONCE):
                    copy.write(part)
    except OSError as error:
        raise InputError(f"'{shown(address)}' cannot be fetched: {_why(str(error))}.") from None
    if not objects:
        raise InputError(f"There is no object at '{shown(address)}'. Check the bucket and the key.")
    return folder / fixed.name


def _store() -> Any:  # noqa: ANN401 - pyarrow has no types
    from pyarrow.fs import S3FileSystem

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return S3FileSystem(region=region, endpoint_override=endpoint, connect_timeout=_PATIENCE, request_timeout=_PATIENCE)


def _objects(store: Any, wanted: str, fixed: PurePosixPath) -> list[str]:  # noqa: ANN401
    from pyarrow.fs import FileSelector, FileType

    (found,) = store.get_file_info([str(fixed)])
    if found.type is FileType.File:
        return [str(fixed)]
    below = store.get_file_info(FileSelector(str(fixed), recursive=True, allow_not_found=True))
    names = [each.path for each in below if each.type is FileType.File]
    return names if str(fixed) == wanted else [name for name in names if fnmatch(name, wanted)]


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
