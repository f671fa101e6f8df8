"""The wheel, built, installed in an environment of its own in another folder, audits a small export there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from benchmarks.supply import LOCK, ROOT, pins, runtime
from reports import OUTPUTS
from tests.exports import export

PYTHONS = ("3.11", "3.12", "3.13")


def main() -> None:
    """Try each Python at hand; the one that runs this borrows the packages of its environment, the others install."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = built(Path(folder))
        for number in PYTHONS:
            here = number == f"{sys.version_info.major}.{sys.version_info.minor}"
            python = sys.executable if here else shutil.which(f"python{number}")
            if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
                print(f"Python {number}: not at hand")
                continue
            audited(python, wheel, Path(folder) / number, borrows=here)
            print(f"Python {number}: the wheel audits")


def built(folder: Path) -> Path:
    """The wheel of this checkout."""
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def audited(python: str, wheel: Path, place: Path, *, borrows: bool) -> None:
    """Raises CalledProcessError or AssertionError where the command is not as it should be."""
    place.mkdir()
    environment, work = place / "environment", place / "work"
    work.mkdir()
    run([python, "-m", "venv", str(environment)], work)
    binary = environment / "bin/python"
    if borrows:
        # The packages alone: a checkout that is installed there is named in a file that is not read from here.
        packages = next((environment / "lib").glob("python*")) / "site-packages"
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    else:
        needed = runtime()
        lock = place / "runtime.lock"
        lock.write_text("\n".join(pin.lines for pin in pins(LOCK.read_text("utf-8")) if pin.name in needed), "utf-8")
        run(
            [
                str(binary),
                "-m",
                "pip",
                "install",
                "-q",
                "--no-compile",
                "--no-deps",
                "--require-hashes",
                "-r",
                str(lock),
            ],
            work,
        )
    run([str(binary), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], work)
    export(300).write_parquet(work / "export.parquet")
    command = environment / "bin/auditor"
    run([str(command), "--version"], work)
    run([str(command), "run", "export.parquet", "--text", "note", "--label", "label", "--out", "out"], work)
    assert {path.name for path in (work / "out").iterdir()} == {*OUTPUTS, "rows.parquet"}
    told = [str(binary), "-c", "import auditor, checks, reports; print(auditor.__file__, checks.__file__)"]
    assert all(each.startswith(str(environment)) for each in run(told, work).split())


def run(command: list[str], folder: Path) -> str:
    """What the command prints, run where no checkout is on its path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{command} ends in {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


if __name__ == "__main__":
    main()
