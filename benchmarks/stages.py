"""Where the time and the memory of an audit go, step by step, in this process.

python -m benchmarks.stages NAME: nvd, banking77, clinc150, segments (80,000 rows of the sample, three segment columns).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from auditor.api import ASSEMBLED
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.evidence.classes import CLASSES
from auditor.evidence.surrogate import SURROGATE
from auditor.gate_limits import GATE_LIMITS
from auditor.plan import steps_for
from auditor.plan.resolver import Resolver
from auditor.plan.step import Step
from auditor.runner import read_by
from auditor.threads import Threads
from benchmarks.data import banking77, clinc150, nvd
from benchmarks.results import table
from checks import ALL_CHECKS
from sample_data import generate

LEAST_SECONDS, LEAST_GB = 0.05, 0.02


def _nvd(into: Path) -> Config:
    nvd().write_parquet(into / "rows.parquet")
    return Config(export=str(into / "rows.parquet"), text=("text",), label="label", time="time", id="id")


def _banking77(into: Path) -> Config:
    banking77().sample(3000, seed=0, shuffle=True).write_parquet(into / "rows.parquet")
    return Config(export=str(into / "rows.parquet"), text=("text",), label="label")


def _clinc150(into: Path) -> Config:
    clinc150().write_parquet(into / "rows.parquet")
    return Config(export=str(into / "rows.parquet"), text=("text",), label="label")


def _segments(into: Path) -> Config:
    generate.write(generate.make(80_000), into)
    return Config(
        export=str(into / "denials.parquet"),
        text=("note",),
        label="category",
        time="denied_on",
        id="claim_id",
        segment=("payer", "facility"),
        annotator="coder",
    )


EXPORTS: dict[str, Callable[[Path], Config]] = {
    "nvd": _nvd,
    "banking77": _banking77,
    "clinc150": _clinc150,
    "segments": _segments,
}


class Watched(Resolver):
    """Notes of each step its CPU seconds, wall seconds, memory afterwards and at its peak, in GB."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.noted: list[tuple[str, float, float, float, float]] = []

    def _run(self, step: Step[Any]) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        wall, cpu = time.perf_counter(), time.process_time()
        super()._run(step)
        took = time.process_time() - cpu, time.perf_counter() - wall
        status = Path("/proc/self/status").read_text(encoding="ascii")
        now, peak = (int(status.split(f"{name}:")[1].split()[0]) / 1e6 for name in ("VmRSS", "VmHWM"))
        self.noted.append((step.key.name, *took, now, peak))


def _waited() -> float:
    """Seconds for which threads of this process could have worked, had nobody else had the core."""
    files = Path("/proc/self/task").glob("*/schedstat")
    return sum(int(file.read_text(encoding="ascii").split()[1]) for file in files) / 1e9


def main() -> None:
    """Prints the table of one export."""
    name, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder, one_blas_thread(), Threads(n) as threads:
        config = EXPORTS[name](Path(folder))
        begun, start = time.process_time(), time.perf_counter()
        batch = load(config)
        read = time.process_time() - begun
        planned = steps_for(batch, config.seed, horizon=config.horizon, limits=GATE_LIMITS, threads=threads)
        steps = planned if n > 1 else Watched(planned.steps.values(), planned.outcomes)
        results = steps.run(read_by(ALL_CHECKS, batch) | ASSEMBLED | {SURROGATE, CLASSES})
        whole, wall = time.process_time() - begun, time.perf_counter() - start
        waited = _waited()
    print(
        f"{n} threads: {wall:.2f} seconds for {whole:.2f} CPU seconds, {wall / whole:.2f}; runnable threads waited "
        f"{waited:.2f} seconds for a core."
    )
    before, lines = 0.0, []
    for step, *figures in getattr(steps, "noted", ()):
        if figures[0] >= LEAST_SECONDS or figures[3] - before >= LEAST_GB:
            lines.append([step, *figures])
        before = figures[2]
    accuracy = results[SURROGATE].out_of_fold.accuracy(results[CLASSES].codes)
    print(table([name, "CPU seconds", "seconds", "GB afterwards", "GB at its peak"], lines))
    print(f"reading {read:.2f}, all {whole:.2f} CPU seconds, surrogate {accuracy:.4f}")


if __name__ == "__main__":
    main()
