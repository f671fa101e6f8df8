"""An audit asks nobody: it runs where there is no route, and connects to nobody where there is one."""

from __future__ import annotations

import shutil
import subprocess
import sys

import polars as pl
import pytest

from tests.exports import export, saved
from tests.test_outputs import ENVIRONMENT, MAIN, OUTPUTS

# Dates and segments: evidently has its part in it.
COLUMNS = ("--text", "note", "--label", "label", "--id", "claim", "--segment", "payer", "--time", "day")
# What asks or tells another machine, or starts a program that might. urllib3 binds to ::1 at its import, to see whether
# there is one; nobody hears of that.
WATCHED = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg", "urllib.Request",
    "http.client.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn",
)  # fmt: skip
WATCH = f"""
import sys
def watch(event, _):
    if event in {WATCHED!r}:
        with open("asked", "a") as asked:
            asked.write(event + "\\n")
sys.addaudithook(watch)
"""
UNSHARE = shutil.which("unshare")
WITHOUT_ROUTE = [UNSHARE or "unshare", "-rn"]


def without_route() -> bool:
    if UNSHARE is None:
        return False
    return not subprocess.run([*WITHOUT_ROUTE, "true"], capture_output=True, check=False).returncode  # noqa: S603


def run(folder, program, *arguments, prefix=()):
    command = [*prefix, sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603


def drifting() -> pl.DataFrame:
    """The payers of the later half are others."""
    data = export(300).sort("day").with_row_index("at")
    return data.with_columns(payer=pl.when(pl.col("at") < 150).then(pl.lit("north")).otherwise("payer")).drop("at")


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A folder in which one audit ran under watch, where there is no route if this machine lets one be taken away."""
    folder = tmp_path_factory.mktemp("watched")
    saved(drifting(), folder, "in.csv")
    prefix = WITHOUT_ROUTE if without_route() else ()
    return folder, run(folder, WATCH + MAIN, "run", "in.csv", *COLUMNS, "--out", "out", prefix=prefix)


@pytest.mark.slow
def test_no_machine_is_asked_and_no_program_started(watched):
    folder, done = watched
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in folder.iterdir()} == {"in.csv", "out"}


def test_the_watch_sees_what_there_is_to_see(tmp_path):
    run(tmp_path, WATCH + "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))")
    assert (tmp_path / "asked").read_text() == "socket.connect\n"


@pytest.mark.slow
@pytest.mark.skipif(not without_route(), reason="namespaces of one's own are not permitted here")
def test_an_audit_needs_no_route(watched):
    folder, _ = watched
    assert {path.name for path in (folder / "out").iterdir()} == OUTPUTS
