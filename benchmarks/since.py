"""What the stages of an audit take now and took at an earlier commit, on NVD with one thread, both measured in turns.

    python -m benchmarks.since [COMMIT]

Runs that commit from a work tree of its own with the packages that are installed. Needs the history of the project.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import nvd
from benchmarks.results import save, table
from benchmarks.speed import LEAST_SECONDS, ROLES, Measured, measure

# The last before passes over rows: BLAS on one thread, everything else as it was.
BEFORE = "8a68090"
RUNS = 3
ONE_THREAD = ("--threads", "1")
START = """
import importlib, sys, tomllib
module, _, name = tomllib.load(open(sys.argv.pop(1), "rb"))["project"]["scripts"]["auditor"].partition(":")
getattr(importlib.import_module(module), name)()
"""


class State(NamedTuple):
    """A state of the project: where it stands, and what audits with it need beside the roles."""

    name: str
    folder: Path
    options: tuple[str, ...]


def main() -> None:
    """Measures, prints and saves the table."""
    commit = sys.argv[1] if len(sys.argv) > 1 else BEFORE
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(place / "then"), commit], check=True)
        try:
            states = (State(commit, place / "then", ()), State("now", Path.cwd(), ONE_THREAD))
            nvd().write_parquet(place / "rows.parquet")
            found: dict[str, list[Measured]] = {state.name: [] for state in states}
            for _ in range(RUNS):
                for state in states:
                    found[state.name].append(_audited(state, place))
            reports = {state.name: _report(state, place) for state in states}
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(place / "then")], check=True)
    whole = [
        ["CPU seconds", *(statistics.median(each.cpu for each in found[state.name]) for state in states)],
        ["seconds", *(statistics.median(each.wall for each in found[state.name]) for state in states)],
        ["peak GB", *(max(each.peak for each in found[state.name]) for state in states)],
        ["accuracy", *(reports[state.name]["estimates"]["accuracy_given_labels"]["value"] for state in states)],
    ]
    then, now = (reports[state.name]["run"]["seconds"] for state in states)
    stages = sorted(then.keys() | now.keys(), key=lambda each: -max(then.get(each, 0), now.get(each, 0)))
    lines = [[each, then.get(each, "–"), now.get(each, "–")] for each in stages]
    head = [commit, "now"]
    parts = [
        f"NVD, 78,566 rows; medians of {RUNS} audits by each state in turns, the highest peak; stages of the last run.",
        table(["whole audit", *head], whole),
        table(["stage, seconds", *head], [line for line in lines if _counts(line[1:])]),
    ]
    save("since", f"python -m benchmarks.since {commit}", parts)


def _counts(seconds: list[object]) -> bool:
    return any(isinstance(each, float) and each >= LEAST_SECONDS for each in seconds)


def _audited(state: State, place: Path) -> Measured:
    start = [
        "env",
        f"PYTHONPATH={state.folder}",
        sys.executable,
        "-P",
        "-c",
        START,
        str(state.folder / "pyproject.toml"),
    ]
    roles = [*ROLES, "--time", "time", "--id", "id", *state.options]
    out = place / f"out-{state.name}"
    return measure([*start, "run", str(place / "rows.parquet"), *roles, "--out", str(out), "--force"])


def _report(state: State, place: Path) -> dict[str, dict[str, dict[str, float]]]:
    read = json.loads((place / f"out-{state.name}" / "report.json").read_text(encoding="utf-8"))
    return {name: read[name] for name in ("estimates", "run")}


if __name__ == "__main__":
    main()
