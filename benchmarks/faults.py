"""What an audit leaves that is killed, starved, interrupted or crowded: nothing lost, no litter, a sentence."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl

from benchmarks.results import save, table
from reports import OUTPUTS
from tests.exports import export

KILLS = 50
AT_ONCE = 20
WHOLE = {*OUTPUTS, "rows.parquet"}
# A limit on files small enough that some report does not fit, and one on memory that Python alone fits into.
MOST_BYTES = 20_000
ADDRESS_SPACE = 1_500_000_000
# So few that no learning curve is drawn: a run takes two or three seconds, most of them imports.
ROWS = 120
# Where Debian's package `faketime` puts it; the clock that an audit reads is then what a file says.
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
CLOCKS = ("-20000d", "-3000d", "-3600", "+0", "+3600", "+4000d")


class Fault(NamedTuple):
    """How often it was tried, what went wrong (empty where nothing did), and what the user read."""

    name: str
    tries: int
    problems: list[str]
    said: str


class Place:
    """A folder with an export, a report of an earlier audit, a history, and a folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work, self.temporary, self.history = folder / "work", folder / "temporary", folder / "history"
        for each in (self.work, self.temporary):
            each.mkdir()
        self.export = folder / "export.parquet"
        export(ROWS).write_parquet(self.export)
        self.out = self.work / "out"

    def command(self, *more: str, out: Path | None = None) -> list[str]:
        given = ["--text", "note", "--label", "label", "--out", str(out or self.out), "--history", str(self.history)]
        return [sys.executable, "-m", "auditor", "run", str(self.export), *given, *more]

    def start(
        self,
        *more: str,
        out: Path | None = None,
        limit: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen:
        own = {"TMPDIR": str(self.temporary), "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
        return subprocess.Popen(
            self.command(*more, out=out),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.work,
            env={**os.environ, **own, **(environment or {})},
            preexec_fn=limit,  # noqa: PLW1509 - one thread
        )

    def run(self, *more: str, limit: Callable[[], None] | None = None) -> tuple[int, str]:
        process = self.start(*more, limit=limit)
        _, said = process.communicate()
        return process.returncode, said.strip()

    def problems(self, runs: int) -> Iterator[str]:
        """What is amiss where so many ``runs`` ended well: an output half-written, a run lost, litter."""
        if self.out.exists() and {path.name for path in self.out.iterdir()} != WHOLE:
            yield "a report is half-written"
        kept = list(self.history.glob("*.json")) if self.history.exists() else []
        if len(kept) < runs:
            yield f"the history has {len(kept)} of {runs} runs"
        yield from self.litter()

    def litter(self) -> Iterator[str]:
        left = [path.name for path in (*self.work.iterdir(), *self.temporary.iterdir()) if path != self.out]
        if self.history.exists():
            left += [path.name for path in self.history.iterdir() if path.suffix != ".json"]
        if left:
            yield f"left behind: {', '.join(sorted(left))}"

    def next_run(self) -> Iterator[str]:
        """Whether the next run works, and what it leaves."""
        code, said = self.run("--force")
        if code:
            yield f"the next run ends in {code}: {said}"
        yield from self.litter()


@contextmanager
def a_place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        yield Place(Path(folder))


def killed() -> Fault:
    """Killed at random moments, while an earlier report stands in its place; only the last run may tidy up."""
    chance, problems = random.Random(0), []
    with a_place() as place:
        started = time.perf_counter()
        place.run()
        whole = time.perf_counter() - started
        runs = 1
        for _ in range(KILLS):
            process = place.start("--force")
            try:
                process.communicate(timeout=chance.uniform(0, whole))
                runs += process.returncode == 0
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            problems += [each for each in place.problems(runs) if not each.startswith("left")]
            if not place.out.exists():
                problems.append("the earlier report is gone")
        problems += place.next_run()
    return Fault(f"kill -9 at {KILLS} random moments", KILLS, problems, "")


def limited(name: str, limit: Callable[[], None]) -> Fault:
    with a_place() as place:
        problems = []
        place.run()
        code, said = place.run("--force", limit=limit)
        if code not in (1, 2, 3) or "Traceback" in said or not said:
            problems.append(f"exit {code}")
        problems += [*place.problems(1), *place.next_run()]
    return Fault(name, 1, problems, said.replace(f"{place.folder}/", ""))


def few_bytes() -> None:
    """No file grows beyond `MOST_BYTES`; writing more is an error, as on a full disk, and no signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))


def little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def full_disk() -> Fault:
    """A file system that is smaller than a report, where one may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False).returncode:
            return Fault("full disk", 0, [], "none may be mounted here")
        try:
            place = Place(disk.parent)
            code, said = place.run("--out", str(disk / "out"))
            problems = [] if code == 1 and "Traceback" not in said else [f"exit {code}"]
            problems += [f"left behind: {path.name}" for path in disk.iterdir()]
            problems += [*place.problems(0), *place.next_run()]
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    return Fault("full disk", 1, problems, said.replace(folder, ""))


def read_only() -> Fault:
    """One in which nobody can make a file, not even root."""
    with a_place() as place:
        code, said = place.run("--out", "/proc/out")
        problems = [] if code == 2 and "Traceback" not in said and said else [f"exit {code}"]
        problems += [*place.problems(0), *place.next_run()]
    return Fault("folder that cannot be written", 1, problems, said)


def interrupted() -> Fault:
    """Ctrl-C at random moments once the command has begun to read."""
    chance, problems, said, tries = random.Random(1), [], "", 10
    with a_place() as place:
        place.run()
        runs = 1
        for _ in range(tries):
            process = place.start("--force")
            try:
                process.communicate(timeout=chance.uniform(0.1, 4))
                runs += process.returncode == 0
                continue
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            _, said_now = process.communicate()
            said = max(said, said_now.strip(), key=len)
            runs += process.returncode == 0
            if process.returncode not in (0, 130) or "Traceback" in said_now:
                last = said_now.strip().splitlines()[-1:] or [""]
                problems.append(f"exit {process.returncode}: {last[0]}")
            problems += place.problems(runs)
        problems += place.next_run()
    return Fault("Ctrl-C", tries, problems, said)


def jumping() -> Fault:
    """The clock of the day jumps by years, to and fro, while one run after the other goes on."""
    if not FAKETIME:
        return Fault("a clock that jumps", 0, [], "libfaketime is not installed: apt-get install faketime")
    chance, problems, said, tries = random.Random(3), [], "", 4
    with a_place() as place:
        clock = place.folder / "clock"
        clock.write_text("+0")
        faked = {
            "LD_PRELOAD": str(FAKETIME[-1]),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            # A jump of the day's clock leaves the one that measures seconds alone.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        for run in range(tries):
            process = place.start("--force", environment=faked)
            while process.poll() is None:
                # At once, or a run reads half a line.
                (place.folder / "next").write_text(chance.choice(CLOCKS))
                (place.folder / "next").replace(clock)
                time.sleep(0.02)
            _, words = process.communicate()
            said = max(said, words.strip(), key=len)
            if process.returncode or words:
                problems.append(f"exit {process.returncode}: {words.strip()}")
            problems += place.problems(run + 1)
        problems += place.next_run()
    return Fault("a clock that jumps", tries, problems, said)


def changing() -> Fault:
    """The export is written anew, cut short and appended to, again and again, while it is read."""
    problems, said = [], set()
    for ending in ("parquet", "csv", "jsonl", "arrow"):
        with a_place() as place:
            place.export = place.folder / f"export.{ending}"
            write = {
                "parquet": pl.DataFrame.write_parquet,
                "csv": pl.DataFrame.write_csv,
                "jsonl": pl.DataFrame.write_ndjson,
                "arrow": pl.DataFrame.write_ipc,
            }[ending]
            write(export(600), place.export)
            whole = place.export.read_bytes()
            process, chance = place.start(), random.Random(2)
            while process.poll() is None:
                place.export.write_bytes(whole[: int(chance.uniform(0.2, 1) * len(whole))])
                time.sleep(0.02)
                place.export.write_bytes(whole + whole[: chance.randint(0, 2) * 1000])
                time.sleep(0.02)
            _, words = process.communicate()
            if process.returncode not in (0, 3) or "Traceback" in words or (words and "changed" not in words):
                problems.append(f"{ending}: exit {process.returncode}: {words.strip().replace(f'{place.folder}/', '')}")
            said.add(words.strip().replace(f"{place.folder}/", ""))
            problems += place.problems(process.returncode == 0)
            place.export.write_bytes(whole)
            problems += place.next_run()
    return Fault("an export that changes while it is read", 4, problems, max(said, key=len))


def crowded() -> Fault:
    """Twenty at once to one folder and one history: one at a time gets the folder, the others are told."""
    with a_place() as place:
        processes = [place.start("--force") for _ in range(AT_ONCE)]
        ended = [(process.communicate()[1], process.returncode) for process in processes]
        runs = sum(code == 0 for _, code in ended)
        refused = [said for said, code in ended if code == 2]
        problems = [f"exit {code}: {said.strip()}" for said, code in ended if code not in (0, 2)]
        if not runs:
            problems.append("nobody wrote")
        problems += [*place.problems(runs), *place.next_run()]
        said = refused[0].strip().replace(f"{place.folder}/", "") if refused else ""
    return Fault(f"{AT_ONCE} at once to one folder and one history", AT_ONCE, problems, said)


def apart() -> Fault:
    """Twenty at once to folders of their own and one history."""
    with a_place() as place:
        outs = [place.work / f"out{number}" for number in range(AT_ONCE)]
        processes = [place.start(out=out) for out in outs]
        codes = [(process.communicate(), process.returncode)[1] for process in processes]
        problems = [f"exit {code}" for code in codes if code]
        problems += ["a report is half-written" for out in outs if {each.name for each in out.iterdir()} != WHOLE]
        for out in outs:
            shutil.rmtree(out)
        problems += place.problems(AT_ONCE)
    return Fault(f"{AT_ONCE} at once to one history", AT_ONCE, problems, "")


FAULTS: Mapping[str, Callable[[], Fault]] = {
    "killed": killed,
    "file": lambda: limited("files that may hold 20 kB", few_bytes),
    "disk": full_disk,
    "read_only": read_only,
    "memory": lambda: limited("1.5 GB of address space", little_memory),
    "interrupted": interrupted,
    "clock": jumping,
    "changing": changing,
    "crowded": crowded,
    "apart": apart,
}


def main() -> None:
    """Runs, prints and saves the table; a name on the command line runs that fault alone and saves nothing."""
    if chosen := sys.argv[1:]:
        for name in chosen:
            print(FAULTS[name]())
        return
    faults = [fault() for fault in FAULTS.values()]
    lines = [[each.name, each.tries, "; ".join(each.problems) or "nothing", each.said or "-"] for each in faults]
    survived = sum(each.tries for each in faults if not each.problems)
    said = f"{survived} of {sum(each.tries for each in faults)} faults without a loss, litter or a traceback."
    save("faults", "python -m benchmarks.faults", [said, table(["fault", "tries", "went wrong", "said"], lines)])


if __name__ == "__main__":
    main()
