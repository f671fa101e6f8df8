"""Where runs lie that name no folder: ``audit-<name>/<UTC time>``, with a pointer to the latest."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.addresses import shown
from auditor.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

LATEST = "latest"
REPORT, ROW_FILE = "report.json", "rows.parquet"
_EXTENSIONS = re.compile(
    r"(\.(csv|tsv|txt|parquet|jsonl|ndjson|json|gz|zst|xls[xm]|arrow|feather|duckdb|db|sqlite3?))+$",
    re.IGNORECASE,
)


def root_of(export: str) -> Path:
    """The folder of all runs of ``export``: named after its last part without a wildcard, here."""
    parts = [part for part in Path(shown(export)).parts if not re.search(r"[*?\[]|^\.*$", part)]
    name = re.sub(r"[^\w.-]+", "-", _EXTENSIONS.sub("", parts[-1]) if parts else "").strip("-.")
    return Path(f"audit-{name or 'export'}")


def new_run(root: Path, started: datetime) -> Path:
    """A folder in ``root`` that does not exist yet, named after the time (UTC)."""
    stamp = f"{started:%Y-%m-%dT%H%M%SZ}"
    names = (stamp, *(f"{stamp}-{number}" for number in range(2, 1000)))
    return next(root / name for name in names if not (root / name).exists())


def point_to_latest(run: Path) -> None:
    """Make ``latest`` beside ``run`` point to it: a link, or a file with its name where links are refused."""
    pointer, new = run.parent / LATEST, run.parent / f".{LATEST}-{os.getpid()}"
    try:
        new.symlink_to(run.name, target_is_directory=True)
    except (OSError, NotImplementedError):
        new.write_text(f"{run.name}\n", encoding="utf-8")
    new.replace(pointer)


def latest(root: Path) -> Path | None:
    """The folder that the pointer in ``root`` names; None where there is no pointer to a run."""
    pointer = root / LATEST
    if pointer.is_file():
        pointer = root / pointer.read_text(encoding="utf-8").strip()
    return pointer if (pointer / REPORT).is_file() else None


def report_at(path: Path) -> Path:
    """The report.json that ``path`` names: the file itself, its folder, or the folder of runs with their latest.

    Raises InputError where there is none.
    """
    if path.is_file() and path.name != LATEST:
        return path
    for folder in (path, latest(path), latest(path.parent) if path.name == LATEST else None):
        if folder and (folder / REPORT).is_file():
            return folder / REPORT
    raise InputError(f"There is no audit at '{path}'. Name the folder of a run, or its {REPORT}.")
