"""Folders of Delta, Hudi and Iceberg tables, which also hold files that are no longer part of the table."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

from auditor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_READ = ("add", "remove", "metaData")
_INSTEAD = "Export its current rows as one Parquet or CSV file"


def live_files(export: str, folder: Path) -> list[Path] | None:
    """The data files that a Delta table's log says are in force; None for a folder that is no such table.

    Raises:
        InputError: it is a Hudi table, a Delta table whose log alone does not say it, or holds tables.

    """
    if (folder / ".hoodie").is_dir():
        raise InputError(f"'{export}' is a Hudi table: its folder also holds rows that were replaced. {_INSTEAD}.")
    if (folder / "_delta_log").is_dir():
        return _live(export, folder)
    for path in folder.rglob("*"):
        if path.name in ("_delta_log", ".hoodie") and path.is_dir():
            raise InputError(f"'{export}' holds a table in '{path.parent.name}'. Name that folder itself.")
    return None


def is_iceberg(folder: Path) -> bool:
    return any((folder / "metadata").glob("*.metadata.json"))


def latest_metadata(folder: Path) -> Path:
    """The metadata in force of a table in ``folder``: as its hint says, else of the highest version."""
    files = list((folder / "metadata").glob("*.metadata.json"))
    hint = folder / "metadata" / "version-hint.text"
    hinted = folder / "metadata" / f"v{hint.read_text().strip()}.metadata.json" if hint.is_file() else None
    if hinted in files:
        return hinted
    return max(files, key=lambda file: (_version(file), file.stat().st_mtime, file.name))


def _version(file: Path) -> int:
    found = re.match(r"v?(\d+)", file.name)
    return int(found[1]) if found else -1


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
    versions = {int(path.stem): path for path in log.glob("*.json") if path.stem.isdigit()}
    checkpoints = {int(found[1]): path for path in log.iterdir() if (found := _CHECKPOINT.fullmatch(path.name))}
    first = max(checkpoints, default=-1)
    later = sorted(version for version in versions if version > first)
    if later != list(range(first + 1, first + 1 + len(later))) or not (later or checkpoints):
        raise InputError(
            f"'{export}' is a Delta table whose log has gaps, or a checkpoint in parts, which auditor does not read. "
            f"{_INSTEAD}."
        )
    live: dict[str, None] = {}
    for part in [*([checkpoints[first]] if checkpoints else []), *(versions[version] for version in later)]:
        for action in _actions(part):
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
    if any(
        not file.absolute().is_relative_to(folder.absolute()) or ".." in file.parts[len(folder.parts) :]
        for file in files
    ):
        raise InputError(f"'{export}' is a Delta table whose log names files outside its folder. {_INSTEAD}.")
    if missing := [file for file in files if not file.is_file()]:
        raise InputError(
            f"'{export}' is a Delta table of which {len(missing):,} of {len(files):,} files are not here. {_INSTEAD}."
        )
    return files


def _actions(version: Path) -> Iterator[dict[str, Any]]:
    """What one version of the log says, or a checkpoint of all versions up to it."""
    try:
        if version.suffix == ".parquet":
            for action in pl.read_parquet(version, columns=list(_READ)).iter_rows(named=True):
                settings = action["metaData"] or {}
                yield action | {"metaData": settings | {"configuration": dict(settings.get("configuration") or ())}}
            return
        with version.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())
    except (OSError, ValueError, TypeError, pl.exceptions.PolarsError):
        raise InputError(f"The log '{version}' of the Delta table cannot be read. Copy the folder again.") from None
