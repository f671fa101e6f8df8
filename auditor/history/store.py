"""The folder of a history: one file for each run, written once. Nothing is shared, so that any number may write."""

from __future__ import annotations

import json
import os
import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from auditor.errors import ConfigError, InputError
from auditor.history.record import Record, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_STAMP = "%Y%m%dT%H%M%S.%fZ"


def keep(folder: Path, record: Mapping[str, Any]) -> Path:
    """Add ``record`` to the history in ``folder``; gives its file. It is there as a whole or not at all, and replaces
    none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = read(record, folder)
    new = folder / f".{uuid4().hex}"
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        with new.open("x", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        for number in count(1):
            path = folder / f"{known.time:{_STAMP}}-{known.id}{f'-{number}' if number > 1 else ''}.json"
            try:
                # Unlike a rename, a link replaces nothing.
                path.hardlink_to(new)
            except FileExistsError:
                continue
            except OSError:
                # No links here: the name is this run's own.
                new.replace(path)
            return path
    finally:
        new.unlink(missing_ok=True)
    raise AssertionError("unreachable")


def records(folder: Path) -> tuple[Record, ...]:
    """Every run in ``folder``, oldest first.

    Raises:
        ConfigError: there is no such folder.
        InputError: a file in it is no record, or one of a version that this one does not read.

    """
    if not folder.is_dir():
        raise ConfigError(f"There is no history at '{folder}'. `auditor run EXPORT --history DIR` starts one.")
    found = (read_file(path) for path in sorted(folder.glob("*.json")))
    return tuple(sorted(found, key=lambda record: (record.time, record.id)))


def read_file(path: Path) -> Record:
    """The record or report at ``path``. Raises InputError where it cannot be read as one."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(f"'{path}' is no report of auditor and no record of a history.") from None
    return read(data, path)


def before(history: tuple[Record, ...], record: Record) -> Record | None:
    """The last run of an export of the same name, numbers in it aside, with the same column of labels."""
    return max(series(history, record.name, record.label), key=_time, default=None)


def series(history: tuple[Record, ...], name: str, label: str) -> tuple[Record, ...]:
    """The runs of exports of that ``name``, numbers in it aside, with the same column of labels."""
    return tuple(each for each in history if _same(each.name) == _same(name) and each.label == label)


def _time(record: Record) -> datetime:
    return record.time


def _same(name: str) -> str:
    """Exports are named by their date: ``denials-2026-11.csv`` follows ``denials-2026-10.csv``."""
    return re.sub(r"\d+", "#", name.casefold())
