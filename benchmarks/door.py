"""What `auditor --help` costs beside a typer app of the same commands and options that imports nothing else."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import typer

from auditor.cli import app
from benchmarks.results import save, table

RUNS = 15


def empty() -> str:
    """The source of a typer app with the same commands, each with as many options."""
    lines = ["import typer", "app = typer.Typer(add_completion=False)"]
    commands = typer.main.get_group(app).commands
    for name, command in commands.items():
        options = ", ".join(f"o{at}: str = typer.Option('', help='help')" for at in range(len(command.params)))
        lines += [f"@app.command({name!r})", f"def {name}({options}): 'help'"]
    return "\n".join([*lines, "app()"])


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Writes the table: medians of runs that take turns."""
    with tempfile.TemporaryDirectory() as folder:
        peer = Path(folder) / "peer.py"
        peer.write_text(empty())
        ours = [sys.executable, "-c", "from auditor.cli import main; main()", "--help"]
        times = [(cpu_seconds(ours), cpu_seconds([sys.executable, str(peer), "--help"])) for _ in range(RUNS)]
    (auditor, bare), ratio = map(median, zip(*times, strict=True)), median(a / b for a, b in times)
    rows = [["auditor --help", auditor, ratio], ["an empty typer app", bare, 1.0]]
    save("door", "python -m benchmarks.door", [table(["command", "CPU seconds", "times"], rows)])


if __name__ == "__main__":
    main()
