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

    from rich.status import Status

# What follows it in a title is how far the stage is, and does not end it.
DETAIL = " · "
# Seconds between two lines of a log on how far a stage is.
SAID_EVERY = 60


class Stages:
    """Hears of stages as they begin, and prints a line for each that has ended: when it is ``told`` so, or when the
    next begins.
    """

    def __init__(self, console: Console, status: Status, *, told: bool) -> None:
        self._console, self._status, self._told = console, status, told
        self._begun: dict[str, float] = {}
        self._left = 0.0

    def __call__(self, title: str) -> None:
        name = title.partition(DETAIL)[0]
        if name not in self._begun:
            if not self._told:
                self.all_ended()
            self._begun[name] = time.perf_counter()
        self._show(title)

    def ended(self, name: str, left: float = 0.0) -> None:
        """Of the run some seconds are ``left``, where that is known."""
        took = f"{time.perf_counter() - self._begun.pop(name):.1f} s"
        self._console.print(Text.assemble(("✓", "green"), f" {clean(name)} ", (took, "dim")))
        self._left = time.perf_counter() + left
        self._show()

    def _show(self, title: str = "") -> None:
        left = self._left - time.perf_counter()
        words = [title or next(iter(self._begun), ""), *([f"about {duration(left)} left"] if left > 1 else [])]
        # A column names a stage: its name is neither markup nor a command to the terminal.
        self._status.update(Text(clean(DETAIL.join(filter(None, words)))))

    def all_ended(self) -> None:
        for name in tuple(self._begun):
            self.ended(name)


@contextmanager
def stages(*, told: bool = False, quiet: bool = False) -> Iterator[tuple[Console, Stages]]:
    """A console, and what is to hear of the stages, of their ends too, where they are ``told``; with ``quiet`` it says
    nothing.
    """
    console = Console(highlight=False)
    if quiet:
        silent = Console(quiet=True)
        yield console, Stages(silent, silent.status(""), told=told)
        return
    with console.status("Starting") as status:
        shown = Stages(console, status, told=told)
        yield console, shown
        shown.all_ended()


@contextmanager
def json_stages() -> Iterator[Callable[[str], None]]:
    """A callback that logs each stage as it starts, and how far it is once a minute."""
    current, said = "", 0.0

    def on_stage(title: str) -> None:
        nonlocal current, said
        name, _, far = title.partition(DETAIL)
        if name != current:
            log("stage", stage=name)
        elif time.monotonic() > said + SAID_EVERY:
            log("stage", stage=name, so_far=far)
        else:
            return
        current, said = name, time.monotonic()

    yield on_stage


def log(event: str, **fields: object) -> None:
    """A line of JSON on standard output, with the time."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    say(json.dumps({"time": now, "event": event, **fields}, ensure_ascii=False))


def duration(seconds: float) -> str:
    """In words, rounded as one would say it."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
