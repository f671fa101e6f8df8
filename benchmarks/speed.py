"""Time and memory of whole audits, from start to written report, each in a process of its own.

CPU seconds are what to compare: other work on the machine stretches the wall time, and much less the work itself.
The peer is `benchmarks/peer.py`, the floor what no audit can do without.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import banking77, clinc150, nvd
from benchmarks.results import save, table
from benchmarks.supply import LOCK, pins
from sample_data import generate

RUNS, LEAST_SECONDS = 3, 0.05
ROLES = ("--text", "text", "--label", "label")
SAMPLE_ROLES = (
    *("--text", "note", "--label", "category", "--time", "denied_on", "--id", "claim_id"),
    *("--segment", "payer", "--segment", "facility", "--annotator", "coder"),
)
PEER = Path(__file__).with_name("peer.py")
PEER_NEEDS = ("cleanlab", "evidently", "pandas", "polars", "pyarrow", "scikit-learn")
FLOOR = """
import sys
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.plan import steps_for
config = Config(export=sys.argv[1], text=("text",), label="label", time="time", id="id")
with one_blas_thread():
    steps_for(load(config), config.seed).run([FOLD_MOMENTS])
"""


class Measured(NamedTuple):
    """Of a process: ``wall`` and ``cpu`` seconds, the ``peak`` of resident memory in GB, the last line it ``said``.

    ``foreign`` is the share of the machine's cores that other processes had meanwhile.
    """

    wall: float
    cpu: float
    peak: float
    said: str
    foreign: float


def measure(command: list[str]) -> Measured:
    start, busy = time.perf_counter(), _busy()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, env=os.environ | {"DO_NOT_TRACK": "1"})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        seconds, busy = time.perf_counter() - start, _busy() - busy
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    cpu = usage.ru_utime + usage.ru_stime
    foreign = max(busy - cpu, 0.0) / (seconds * (os.cpu_count() or 1))
    return Measured(seconds, cpu, usage.ru_maxrss / 1e6, lines[-1] if lines else "", foreign)


def _busy() -> float:
    """Seconds that all cores have worked since the machine started."""
    fields = [int(each) for each in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    idle, waiting = fields[3:5]
    return (sum(fields[:8]) - idle - waiting) / os.sysconf("SC_CLK_TCK")


class Audited(NamedTuple):
    """Audits of one export: the medians of their figures, what each stage of the last took, and its report."""

    wall: float
    cpu: float
    peak: float
    foreign: float
    report: dict[str, dict[str, dict[str, float]]]

    @property
    def line(self) -> list[object]:
        accuracy = self.report["estimates"].get("accuracy_given_labels")
        return [self.wall, self.cpu, self.peak, self.foreign, accuracy["value"] if accuracy else "–"]


def audited(export: Path, *options: str, runs: int = RUNS) -> Audited:
    program, out = str(Path(sys.executable).with_name("auditor")), export.parent / "out"
    found = [measure([program, "run", str(export), *options, "--out", str(out), "--force"]) for _ in range(runs)]
    wall, cpu, peak, foreign = (statistics.median(values) for values in zip(*map(_figures, found), strict=True))
    return Audited(wall, cpu, peak, foreign, json.loads((out / "report.json").read_text(encoding="utf-8")))


def _figures(found: Measured) -> tuple[float, float, float, float]:
    return found.wall, found.cpu, found.peak, found.foreign


def peer(export: Path, place: Path) -> Measured:
    """The peer, with the versions that the project pins, in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    needed = [f"{pin.name}=={pin.version}" for pin in pins(LOCK.read_text("utf-8")) if pin.name in PEER_NEEDS]
    needed = [each.replace("cleanlab==", "cleanlab[datalab]==") for each in needed]
    subprocess.run([str(place / "bin/pip"), "install", "--quiet", *needed], check=True)
    return measure([str(place / "bin/python"), str(PEER), str(export)])


def main() -> None:
    """Measures, prints and saves the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def written(name: str, rows: Callable[[Path], object]) -> Path:
            export = folder / name / "rows.parquet"
            export.parent.mkdir()
            rows(export)
            return export

        of_nvd = written("nvd", nvd().write_parquet)
        whole = [*ROLES, "--time", "time", "--id", "id"]
        alone = audited(of_nvd, *whole, "--threads", "1")
        audits = [
            ("NVD, 78,566 rows, 47 classes", audited(of_nvd, *whole)),
            ("NVD, one thread", alone),
            (
                "BANKING77, 3,000 rows",
                audited(written("banking77", banking77().sample(3_000, seed=0).write_parquet), *ROLES),
            ),
            ("CLINC150, 150 classes", audited(written("clinc150", clinc150().write_parquet), *ROLES)),
        ]
        generate.write(generate.make(80_000), folder / "sample")
        audits.append(
            ("sample, 80,000 rows, 3 segment columns", audited(folder / "sample/denials.parquet", *SAMPLE_ROLES))
        )
        floor = statistics.median(measure([sys.executable, "-c", FLOOR, str(of_nvd)]).cpu for _ in range(RUNS))
        by_hand = peer(of_nvd, folder / "peer")
        start = statistics.median(
            measure([str(Path(sys.executable).with_name("auditor")), "--help"]).cpu for _ in range(5)
        )
    on_two, of_segments = audits[0][1], audits[-1][1]
    stages = sorted(alone.report["run"]["seconds"].items(), key=lambda each: -each[1])
    save(
        "speed",
        "python -m benchmarks.speed",
        [
            f"Medians of {RUNS} whole audits, the peer once. Foreign: the share of the cores that others had.",
            table(
                ["audit", "seconds", "CPU seconds", "peak GB", "foreign", "accuracy in 5 folds"],
                [[name, *found.line] for name, found in audits]
                + [["peer on NVD (`benchmarks/peer.py`)", *by_hand[:3], by_hand.foreign, float(by_hand.said)]],
            ),
            f"On NVD the peer takes {by_hand.cpu / alone.cpu:.1f} times the CPU seconds of an audit on one thread. "
            f"Reading, words, features and one pass of the products alone take {floor:.1f} CPU seconds, the floor: an "
            f"audit takes {alone.cpu / floor:.1f} times that. On two threads NVD takes "
            f"{on_two.wall / on_two.cpu:.2f} seconds for each CPU second; the sample with segments takes "
            f"{of_segments.cpu / on_two.cpu:.2f} times the CPU seconds of NVD. `auditor --help` takes {start:.2f}.",
            table(["stage of NVD, one thread", "seconds"], [list(each) for each in stages if each[1] >= LEAST_SECONDS]),
        ],
    )


if __name__ == "__main__":
    main()
