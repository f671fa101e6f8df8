"""Folders of Delta, Hudi and Iceberg tables, which also hold files that are no longer part of the table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from auditor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INSTEAD = "Export its current rows as one Parquet or CSV file"


def live_files(export: str, folder: Path) -> list[Path] | None:
    """The data files that a Delta table's log says are in force; None for a folder that is no such table.

    Raises:
        InputError: it is a Hudi or an Iceberg table, a Delta table whose log alone does not say it, or holds tables.

    """
    if (folder / ".hoodie").is_dir():
        raise InputError(f"'{export}' is a Hudi table: its folder also holds rows that were replaced. {_INSTEAD}.")
    if any((folder / "metadata").glob("*metadata.json")):
        raise InputError(f"'{export}' is an Iceberg table: its folder also holds rows that were replaced. {_INSTEAD}.")
    if (folder / "_delta_log").is_dir():
        return _live(export, folder)
    for path in folder.rglob("*"):
        if path.name in ("_delta_log", ".hoodie") and path.is_dir():
            raise InputError(f"'{export}' holds a table in '{path.parent.name}'. Name that folder itself.")
    return None


def refuse_parts(export: str, files: list[Path]) -> None:
    """Raises InputError where files of a pattern lie in the folder of a table, which knows the ones in force."""
    for folder in {parent for file in files for parent in file.absolute().parents}:
        if any((folder / mark).is_dir() for mark in ("_delta_log", ".hoodie")):
            raise InputError(
                f"'{export}' names files of the table '{folder.name}', of which some may be replaced. "
                "Name its folder without a pattern."
            )


def _live(export: str, folder: Path) -> list[Path]:
    log = folder / "_delta_log"
    versions = sorted(path for path in log.glob("*.json") if path.stem.isdigit())
    whole = [int(path.stem) for path in versions] == list(range(len(versions)))
    if not versions or not whole:
        raise InputError(
            f"'{export}' is a Delta table whose log starts from a checkpoint, which auditor does not read. {_INSTEAD}."
        )
    live: dict[str, None] = {}
    for version in versions:
        for action in _actions(version):
            settings = (action.get("metaData") or {}).get("configuration") or {}
            if (action.get("add") or {}).get("deletionVector") or settings.get(
                "delta.columnMapping.mode", "none"
            ) != "none":
                raise InputError(
                    f"'{export}' is a Delta table with deleted rows or renamed columns kept in its log, which auditor "
                    f"does not read. {_INSTEAD}."
                )
            if removed := action.get("remove"):
                live.pop(removed["path"], None)
            if added := action.get("add"):
                live[added["path"]] = None
    files = [folder / unquote(path) for path in live]
    if missing := [file for file in files if not file.is_file()]:
        raise InputError(
            f"'{export}' is a Delta table of which {len(missing):,} of {len(files):,} files are not here. {_INSTEAD}."
        )
    return files


def _actions(version: Path) -> Iterator[dict[str, Any]]:
    try:
        with version.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())
    except (OSError, ValueError):
        raise InputError(f"The log '{version}' of the Delta table cannot be read. Copy the folder again.") from None
