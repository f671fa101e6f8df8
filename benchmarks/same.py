"""Rows in another order, in seven files, on one thread or two: what differs in the audit of the sample and of NVD."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from auditor.config import Config
from benchmarks.moved import EXPORTS
from benchmarks.results import save, table
from tests.golden import Said, said_of, shuffled

NAMES = ("sample", "nvd")
WAYS = ((1, 2), (7, 1))


def main() -> None:
    """Runs, prints and saves the table."""
    lines: list[list[object]] = []
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            config = EXPORTS[name](Path(folder))
            first = _apart(config, 2)
            for files, threads in WAYS:
                into = Path(folder) / f"in{files}"
                into.mkdir()
                again = _apart(shuffled(config, into, files), threads)
                lines.append(
                    [name, files, threads, len(first.figures), _largest(first, again), _sentences(first, again)]
                )
    columns = ["export", "files", "threads", "figures", "largest relative difference", "sentences that differ"]
    save("same", "python -m benchmarks.same", [table(columns, lines)])


def _apart(config: Config, threads: int) -> Said:
    """In a process of its own, as the number of threads stands once one has begun."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(said_of, config).result()


def _largest(first: Said, again: Said) -> str:
    pairs = ((value, again.figures[name]) for name, value in first.figures.items())
    return f"{max((abs(new - old) / max(abs(old), abs(new)) for old, new in pairs if new != old), default=0.0):.0e}"


def _sentences(first: Said, again: Said) -> int:
    parts = ((first.words[part][key], again.words[part][key]) for part in first.words for key in first.words[part])
    return sum(one != other for one, other in parts)


if __name__ == "__main__":
    main()
