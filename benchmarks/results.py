"""Result tables as Markdown, each with the machine and the date behind it."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats with three decimals."""
    lines = [header, ["---"] * len(header), *[[_cell(value) for value in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def save(name: str, command: str, sections: Sequence[str]) -> None:
    """Writes ``results/<name>.md`` and prints it."""
    made = (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )
    text = "\n\n".join([f"# {name.replace('_', ' ').capitalize()}", made, *sections]) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
