"""Real clusters of dask on loopback, a scheduler and a worker of their own processes each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

QUIET = {"DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]", "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]"}


class Cluster(NamedTuple):
    """The ``address`` of a ``scheduler``, and who starts its workers, where it has any, anew where they die."""

    address: str
    scheduler: subprocess.Popen[bytes]
    nanny: subprocess.Popen[bytes] | None = None


@contextmanager
def cluster(
    folder: Path, protocol: str = "tcp", env: Mapping[str, str] | None = None, workers: int = 1
) -> Iterator[Cluster]:
    """A new scheduler with so many ``workers``, whose files lie in ``folder``."""
    surroundings = {**os.environ, **QUIET, "DASK_TEMPORARY_DIRECTORY": str(folder), **(env or {})}
    log = folder / f"scheduler-{time.monotonic_ns()}.log"

    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with log.open("ab") as stream:
            command = [sys.executable, "-m", f"distributed.cli.dask_{program}", "--no-dashboard", *arguments]
            return subprocess.Popen(command, stdout=stream, stderr=stream, env=surroundings, cwd=folder)  # noqa: S603

    def when(pattern: str, times: int = 1) -> str:
        for _ in range(600):
            found = re.findall(pattern, log.read_text(errors="replace"))
            if len(found) >= times:
                return str(found[0])
            if any(each.poll() is not None for each in started):
                raise RuntimeError(log.read_text(errors="replace")[-2_000:])
            time.sleep(0.1)
        raise TimeoutError

    where = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
    started = [start("scheduler", *where, "--protocol", protocol)]
    try:
        address = when(r"Scheduler at:\s+(\S+)")
        if workers:
            started.append(start("worker", address, "--nworkers", str(workers), "--nthreads", "1"))
            when("Registered to", workers)
        yield Cluster(address, *started)
    finally:
        # Who starts workers takes them along, unless it is killed.
        for each in reversed(started):
            each.terminate()
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


def certificates(folder: Path) -> dict[str, str]:
    """Settings of dask, in its environment, that name a new certificate and its key, trusted by whoever has both."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cluster")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    parts = [(part, kind) for part in ("SCHEDULER", "WORKER", "CLIENT") for kind in ("KEY", "CERT")]
    files = {"KEY": str(folder / "key.pem"), "CERT": str(folder / "certificate.pem")}
    return {
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
        "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": files["CERT"],
        **{f"DASK_DISTRIBUTED__COMM__TLS__{part}__{kind}": files[kind] for part, kind in parts},
    }


def as_settings(env: Mapping[str, str]) -> dict[str, str]:
    """What dask makes of its part of an environment."""
    return {name.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-"): env[name] for name in env}
