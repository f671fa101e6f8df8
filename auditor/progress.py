"""Progress: a line per stage with the time that it took, for a terminal, or as JSON for what collects logs."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from auditor.output import clean, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What follows it in a title is how far the stage is, and does not end it.
DETAIL = " · "


@contextmanager
def stages(*, quiet: bool = False) -> Iterator[tuple[Console, Callable[[str], None]]]:
    """A console, and a callback that closes the stage before and opens the next, or with ``quiet`` says nothing."""
    console = Console(highlight=False)
    if quiet:
        yield console, lambda _: None
        return
    current: list[tuple[str, float]] = []

    def close() -> None:
        if current:
            title, start = current.pop()
            took = f"{time.perf_counter() - start:.1f} s"
            console.print(Text.assemble(("✓", "green"), f" {clean(title)} ", (took, "dim")))

    with console.status("Starting") as status:

        def on_stage(title: str) -> None:
            name = title.partition(DETAIL)[0]
            if not current or current[0][0] != name:
                close()
                current.append((name, time.perf_counter()))
            # A column names a stage: its name is neither markup nor a command to the terminal.
            status.update(Text(clean(title)))

        yield console, on_stage
        close()


@contextmanager
def json_stages() -> Iterator[Callable[[str], None]]:
    """A callback that logs each stage as it starts."""
    current = ""

    def on_stage(title: str) -> None:
        nonlocal current
        name = title.partition(DETAIL)[0]
        if name != current:
            current = name
            log("stage", stage=name)

    yield on_stage


def log(event: str, **fields: object) -> None:
    """A line of JSON on standard output, with the time."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    say(json.dumps({"time": now, "event": event, **fields}, ensure_ascii=False))
