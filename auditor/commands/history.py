"""`auditor history` and `auditor compare`: what earlier runs said, and what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.output import say

if TYPE_CHECKING:
    from auditor.history.record import Record


def history(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `auditor run --history DIR` fills.")],
    to: Annotated[
        Path | None, typer.Option(help="Write every figure of every run to this .csv or .parquet file.")
    ] = None,
) -> None:
    """List the runs of a history and draw how their figures moved."""
    from auditor.history.draw import drawn
    from auditor.history.flat import written
    from auditor.history.store import records

    found = records(folder)
    if to is not None:
        say(f"{written(found, to):,} figures of {len(found):,} {'run' if len(found) == 1 else 'runs'}: {to}")
        return
    say(drawn(found) if found else f"No run is kept in '{folder}' yet.")


def compare(
    older: Annotated[Path, typer.Argument(metavar="A", help="The older run: its folder, report.json or record.")],
    newer: Annotated[Path, typer.Argument(metavar="B", help="The newer run.")],
) -> None:
    """Say what got better or worse from one run to another beyond noise, gate by gate."""
    from auditor.history.compare import compared
    from auditor.history.words import said

    say("\n".join(said(compared(_record(older), _record(newer)))))


def _record(path: Path) -> Record:
    from auditor.dated import report_at
    from auditor.history.store import read_file

    return read_file(report_at(path))
