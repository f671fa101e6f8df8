"""Progress on the terminal: a line per stage with the time that it took."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from auditor.output import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What follows it in a title is how far the stage is, and does not end it.
DETAIL = " · "


@contextmanager
def stages() -> Iterator[tuple[Console, Callable[[str], None]]]:
    """A console, and a callback that closes the stage before and opens the next."""
    console = Console(highlight=False)
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
