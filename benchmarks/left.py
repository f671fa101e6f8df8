"""How right the progress is about what is left, after the first fifth of a run.

python -m benchmarks.left, on a machine that does nothing else: a share of it that others take is foreseen by nobody.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.costs import HELD_OUT
from benchmarks.results import save, table
from benchmarks.stages import EXPORTS

# "Within a third" of what is left; of the last seconds a user reads nothing.
NEAR, LAST_SECONDS, FIRST = 1 / 3, 3.0, 0.2
THREADS = 2
NAMES = (
    "nvd",
    "clinc150",
    "banking77",
    "noisyag",
    "cfpb",
    "sample 20000",
    "made 60000 x 100 x 30",
    "made 8000 x 2 x 500",
)


def heard(name: str) -> list[object]:
    """Of an audit on two threads: its seconds, how often it was told what is left, and how often nearly so."""
    from auditor import api

    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder)
        config = replace((HELD_OUT | EXPORTS)[name](into), threads=THREADS, out=str(into / "out"))
        told: list[tuple[float, float]] = []
        start = time.perf_counter()
        result, rows = api.audit(config, on_end=lambda _, left: told.append((time.perf_counter() - start, left)))
        api.write(result, rows, into / "out", force=True)
        whole = time.perf_counter() - start
    ratios = [left / (whole - at) for at, left in told if FIRST * whole <= at <= whole - LAST_SECONDS]
    near = sum(abs(ratio - 1) <= NEAR for ratio in ratios)
    return [name, whole, len(ratios), near, min(ratios), max(ratios)]


def main() -> None:
    """Each export in a process of its own."""
    match sys.argv[1:]:
        case [name]:
            print(*heard(name), sep="\t")
        case _:
            lines = []
            for name in NAMES:
                command = [sys.executable, "-m", "benchmarks.left", name]
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
                title, *numbers = said.split("\t")
                lines.append([title, *(float(each) if "." in each else int(each) for each in numbers)])
            header = ["export", "seconds", "times told", "within a third", "least ratio", "largest ratio"]
            near, all_told = (sum(int(line[place]) for line in lines) for place in (3, 2))
            said = (
                f"After the first fifth and up to the last {LAST_SECONDS:.0f} s: {near} of {all_told} within a third."
            )
            save("left", "python -m benchmarks.left", [said, table(header, lines)])


if __name__ == "__main__":
    main()
