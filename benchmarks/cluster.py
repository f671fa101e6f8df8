"""Audits in shards on a dask cluster: the same figures, what faults do, and what more rows and workers take.

    python -m benchmarks.cluster [PART ...]

Parts: `agreement`, `faults`, `cost` (up to five million rows, which are generated in some minutes).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import psutil

from benchmarks.data import nvd
from benchmarks.growth import ROLES
from benchmarks.results import save, table
from sample_data import generate
from tests.clusters import cluster

# Every file a shard, however small.
APART = "import auditor.inputs.shards as s; s.MOST_FILES = 1; from auditor.__main__ import main; main()"
NVD_ROLES = ["--text", "text", "--label", "label", "--time", "time", "--id", "id"]
PARTS, RUNS = (1, 2, 7, 64), 3
OF_RUN = ("id", "time", "seconds", "source", "config_hash", "data_fingerprint")
SIZES = (1_000_000, 2_000_000, 5_000_000)
FORETOLD = (100_000_000, 1_000_000_000)
KEPT = Path("build/cluster.json")


def in_parts(frame: pl.DataFrame, parts: int, into: Path) -> Path:
    """The folder of ``frame`` in so many files."""
    into.mkdir(parents=True)
    size = -(-len(frame) // parts)
    for number in range(parts):
        frame.slice(number * size, size).write_parquet(into / f"part-{number:03}.parquet")
    return into


def run(export: Path, out: Path, *options: str, apart: bool = True) -> subprocess.CompletedProcess[str]:
    program = ["-c", APART] if apart else ["-m", "auditor"]
    command = [sys.executable, *program, "run", str(export), "--out", str(out), "--force", "--quiet", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def said(out: Path) -> dict[str, Any]:
    """The report at ``out`` without what names a run, flat."""
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    for name in OF_RUN:
        report["run"].pop(name)
    report.pop("effective_config")
    for check in report["checks"]:
        check.pop("seconds")
    return dict(_flat(report, ""))


def _flat(value: object, name: str) -> Iterator[tuple[str, object]]:
    if name.endswith(".row_ids"):
        # Where a record stands is another place in another order.
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{name}.{key}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _flat(each, f"{name}.{place}")
    else:
        yield name, value


def repeated(rows: int) -> pl.DataFrame:
    """The sample with rows that stand there twice, and ids that other rows have as well."""
    frame = generate.make(rows).export
    other = frame.head(rows // 20).with_columns(claim_id=frame["claim_id"].tail(rows // 20))
    return pl.concat([frame, frame.head(rows // 40), other])


def agreement() -> list[str]:
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for export, frame, roles in (
            ("sample, 8,000 rows, ids repeated", repeated(8_000), ROLES),
            ("NVD", nvd(), NVD_ROLES),
        ):
            first: dict[str, Any] = {}
            for parts in PARTS:
                folder = Path(name) / f"{export[:3]}-{parts}"
                in_parts(frame.sample(fraction=1, shuffle=True, seed=parts), parts, folder)
                for engine in ([], ["--engine", "dask", "--threads", "2"]):
                    # Not beside another, which would be its history.
                    out = Path(name) / f"{len(lines)}" / "out"
                    done = run(folder, out, *roles, *engine)
                    if done.returncode:
                        raise SystemExit(done.stderr)
                    found = said(out)
                    first = first or found
                    other = [key for key in first.keys() | found.keys() if first.get(key) != found.get(key)]
                    numbers = sum(isinstance(each, int | float) for each in found.values())
                    moved = ", ".join(sorted(other)[:3]) or "none"
                    lines.append([export, "dask" if engine else "threads", parts, numbers, len(other), moved])
                    print(lines[-1], flush=True)
    header = ["export", "engine", "files", "numbers in report.json", "of all values others than of one file", "which"]
    shuffled = "Rows in another random order for each number of files; on dask every file is a shard of its own."
    return ["## The same report", shuffled, table(header, lines)]


class Fault(NamedTuple):
    """What is done to whom."""

    name: str
    does: Callable[[subprocess.Popen[str], subprocess.Popen[bytes], list[psutil.Process]], object]
    exit_code: int


def _slow(client: object, scheduler: object, workers: list[psutil.Process]) -> None:
    workers[0].suspend()
    time.sleep(3)
    workers[0].resume()


FAULTS = (
    Fault("a worker killed", lambda _, __, workers: workers[0].kill(), 0),
    Fault("two workers killed at once", lambda _, __, workers: [each.kill() for each in workers], 0),
    Fault("a worker that does nothing for 3 s", _slow, 0),
    Fault("the scheduler killed", lambda _, scheduler, __: scheduler.kill(), 1),
    Fault("the audit killed", lambda client, _, __: client.kill(), -signal.SIGKILL),
    Fault("Ctrl-C", lambda client, _, __: client.send_signal(signal.SIGINT), 130),
)
# A pass is under way when so many of its files are there.
PASSES, UNDER_WAY = {"reading": "thin-*.json", "keys": "keys-*.parquet", "texts": "drawn-*.parquet"}, 3


def faults() -> list[str]:
    lines = []
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        export = in_parts(generate.make(6_000).export, 64, base / "in")
        if run(export, base / "first", *ROLES).returncode:
            raise SystemExit("the audit without a fault failed")
        first = said(base / "first")
        for fault in FAULTS:
            for stage, pattern in PASSES.items():
                lines.append([fault.name, stage, *_harmed(fault, pattern, export, base, first)])
                print(lines[-1], flush=True)
    header = ["fault", "during", "exit code", "what is said", "the report", "left in --work", "run again"]
    return ["## Faults", "6,000 rows of the sample in 64 shards, a scheduler and two workers.", table(header, lines)]


def _harmed(fault: Fault, pattern: str, export: Path, base: Path, first: dict[str, Any]) -> list[object]:
    out, work = base / "out", base / "work"
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
    work.mkdir()
    with cluster(base, workers=2) as (address, scheduler, nanny):
        client = _started(export, out, address, work)
        while len(list(work.glob(f".auditor-*/{pattern}"))) < UNDER_WAY:
            if client.poll() is not None:
                raise SystemExit(f"{fault.name}: the pass went by")
            time.sleep(0.005)
        workers = [
            each
            for each in psutil.Process(nanny.pid).children(recursive=True)
            if "spawn_main" in " ".join(each.cmdline())
        ]
        fault.does(client, scheduler, workers)
        _, errors = client.communicate()
        code = client.returncode
        report = "none" if not out.exists() else "the same" if said(out) == first else "another"
        left = sum(1 for _ in work.rglob("*.parquet"))
    again = "-"
    if report == "none":
        with cluster(base, workers=2) as (address, *_):
            client = _started(export, out, address, work)
            client.communicate()
            again = "the same" if client.returncode == 0 and said(out) == first else "another"
            left_then = sum(1 for _ in work.rglob("*"))
            again += "" if not left_then else f", {left_then} files left"
    sentence = " ".join(errors.split())[:160] or "-"
    return [f"{code}{'' if code == fault.exit_code else ' (not as it should be)'}", sentence, report, left, again]


def _started(export: Path, out: Path, address: str, work: Path) -> subprocess.Popen[str]:
    options = ["--out", str(out), "--quiet", "--engine", "dask", "--scheduler", address, "--work", str(work), *ROLES]
    return subprocess.Popen(
        [sys.executable, "-c", APART, "run", str(export), *options],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


class Took(NamedTuple):
    """Seconds, CPU seconds and peak GB of an audit: of itself, and of its workers; GB that it wrote for them."""

    wall: float
    cpu: float
    peak: float
    workers_cpu: float
    worker_peak: float
    written: float


def measured(export: Path, roles: list[str], engine: list[str]) -> tuple[Took, dict[str, Any]]:
    """An audit of ``export`` and those whom it starts, and what it says."""
    with tempfile.TemporaryDirectory() as name:
        env = os.environ | {"TMPDIR": name}
        command = [sys.executable, "-m", "auditor", "run", str(export), "--out", f"{name}/out", "--quiet"]
        start = time.perf_counter()
        process = subprocess.Popen([*command, *roles, *engine], env=env, stdout=subprocess.DEVNULL)
        cpu: dict[int, float] = {}
        peak: dict[int, float] = {}
        written = 0.0
        client = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.Error):
                for each in (client, *client.children(recursive=True)):
                    with suppress(psutil.Error):
                        times = each.cpu_times()
                        cpu[each.pid] = times.user + times.system
                        peak[each.pid] = max(peak.get(each.pid, 0.0), each.memory_info().rss / 1e9)
            with suppress(OSError):
                here = sum(path.stat().st_size for path in Path(name).glob(".auditor-scratch-*/*.parquet"))
                written = max(written, here / 1e9)
            time.sleep(0.05)
        wall = time.perf_counter() - start
        if process.returncode:
            raise SystemExit(f"the audit ended with {process.returncode}")
        own, others = process.pid, [pid for pid in cpu if pid != process.pid]
        largest = max((peak[pid] for pid in others), default=0.0)
        took = Took(wall, cpu[own], peak[own], sum(cpu[pid] for pid in others), largest, written)
        return took, said(Path(name) / "out")


def cost() -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        two = ["--threads", "2"]
        on_dask = ["--engine", "dask", *two]
        small = in_parts(nvd(), 64, base / "nvd")
        pairs = [(measured(small, NVD_ROLES, two)[0], measured(small, NVD_ROLES, on_dask)[0]) for _ in range(RUNS)]
        ratio = statistics.median(dask.wall / local.wall for local, dask in pairs)
        ratios = (
            f"NVD in 64 files takes {ratio:.2f} times as long on dask with two workers as on two threads (median of "
            f"{RUNS} pairs): {', '.join(f'{local.wall:.1f} and {dask.wall:.1f} s' for local, dask in pairs)}."
        )
        print(ratios, flush=True)
        whole = base / "whole"
        subprocess.run(
            [sys.executable, "-m", "sample_data.generate", "--out", str(whole), "--rows", str(SIZES[-1])], check=True
        )
        took: list[tuple[int, Took]] = []
        for rows in SIZES:
            export = base / "grown"
            shutil.rmtree(export, ignore_errors=True)
            export.mkdir()
            every = pl.scan_parquet(whole / "denials.parquet")
            for start in range(0, rows, 100_000):
                every.slice(start, 100_000).collect().write_parquet(export / f"part-{start:09}.parquet")
            found, on_workers = measured(export, ROLES, on_dask)
            took.append((rows, found))
            print(took[-1], flush=True)
        here, on_threads = measured(whole / "denials.parquet", ROLES, two)
    other = sum(on_workers.get(key) != on_threads.get(key) for key in on_workers.keys() | on_threads.keys())
    same = f"Of {len(on_threads):,} values in the report on {SIZES[-1]:,} rows {other} are others on dask than here."
    lines = [[f"{rows:,}", "dask, two workers", *each] for rows, each in took]
    lines.append([f"{SIZES[-1]:,}", "two threads", *here[:3], "-", "-", "-"])
    header = [
        "rows of the sample",
        "engine",
        "seconds",
        "CPU s",
        "peak GB",
        "workers' CPU s",
        "a worker's GB",
        "GB written",
    ]
    return ["## Cost", ratios, table(header, lines), same, "## Sizing", *sizing(took)]


def sizing(took: list[tuple[int, Took]]) -> list[str]:
    """A line through the two smaller sizes, held to the largest, and drawn out to those that nobody ran."""
    (small, before), (large, after), (held, found) = took
    slope = [(b - a) / (large - small) for a, b in zip(before, after, strict=True)]

    def foretold(rows: int) -> Took:
        line = Took(*(a + each * (rows - small) for a, each in zip(before, slope, strict=True)))
        # A worker holds a shard at a time, however many there are.
        return line._replace(worker_peak=max(before.worker_peak, after.worker_peak))

    said = foretold(held)
    checked = [
        [name, getattr(said, name), getattr(found, name), getattr(said, name) / getattr(found, name)]
        for name in ("cpu", "peak", "workers_cpu", "worker_peak", "written")
    ]
    lines = [
        [f"{rows:,}", each.workers_cpu / 3600, each.worker_peak, each.cpu / 3600, each.peak, each.written]
        for rows, each in ((rows, foretold(rows)) for rows in FORETOLD)
    ]
    return [
        f"Lines through {small:,} and {large:,} rows, at {held:,}:",
        table(["", "foretold", "measured", "ratio"], checked),
        "The same lines further on:",
        table(["rows", "worker-hours", "a worker's GB", "hours of the audit itself", "its GB", "GB written"], lines),
    ]


ALL: Mapping[str, Callable[[], list[str]]] = {each.__name__: each for each in (agreement, faults, cost)}


def main() -> None:
    """Measures and prints all parts, or those named; saves the table of all once each was measured."""
    kept: dict[str, list[str]] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in sys.argv[1:] or list(ALL):
        kept[name] = ALL[name]()
        print("\n\n".join(kept[name]), flush=True)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept), encoding="utf-8")
    if kept.keys() == ALL.keys():
        save("cluster", "python -m benchmarks.cluster", [section for name in ALL for section in kept[name]])


if __name__ == "__main__":
    main()
