"""Real servers on loopback, for one test session: PostgreSQL of the machine, and an S3 store."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "s3cret/@?x"  # noqa: S105 - of a server that lives as long as the tests
_SPELLED = "s3cret%2F%40%3Fx"
KEY, SECRET = "AKIATESTTESTTEST", "secret-of-the-store"


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a new server, with its password. Skips where PostgreSQL or its driver is not at hand."""
    pytest.importorskip("adbc_driver_postgresql")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = [Path(found).parent for found in (shutil.which("initdb"), *installed) if found]
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        (folder / "password").write_text(PASSWORD)
        if root:
            # The server refuses to run as root.
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres")

        def run(program: str, *arguments: str) -> None:
            user = {"user": "postgres", "group": "postgres", "extra_groups": []} if root else {}
            command = [str(programs[-1] / program), "-D", str(folder / "data"), *arguments]
            with (folder / "said").open("a") as said:
                subprocess.run(command, check=True, stdout=said, stderr=said, cwd=folder, **user)  # noqa: S603

        run("initdb", "-U", "auditor", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8", "-N")
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://auditor:{_SPELLED}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def store() -> Iterator[dict[str, str]]:
    """The environment of a client of a new S3 store. Skips where moto is not installed."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
