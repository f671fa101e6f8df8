"""Real clusters of dask on loopback, a scheduler and a worker of their own processes each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

QUIET = {"DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]", "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]"}
_ADDRESS = re.compile(r"Scheduler at:\s+(\S+)")


@contextmanager
def cluster(
    folder: Path, protocol: str = "tcp", env: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a new scheduler with one worker, and what ends it at once."""
    surroundings = {**os.environ, **QUIET, **(env or {})}
    log = folder / f"scheduler-{time.monotonic_ns()}.log"

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        with log.open("ab") as stream:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
                stdout=stream, stderr=stream, env=surroundings, cwd=folder,
            )  # fmt: skip

    scheduler = start(
        "dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--protocol",
        protocol,
        "--no-dashboard",
        "--dashboard-address",
        "127.0.0.1:0",
    )
    started = [scheduler]
    try:
        address = _when(lambda: _ADDRESS.search(log.read_text(errors="replace")))[1]
        started.append(
            start("dask_worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder))
        )
        _when(lambda: re.search(r"Registered to", log.read_text(errors="replace")))
        yield address, scheduler.kill
    finally:
        for each in reversed(started):
            each.kill()
            each.wait()


def _when(found: Callable[[], re.Match[str] | None]) -> re.Match[str]:
    for _ in range(300):
        if match := found():
            return match
        time.sleep(0.1)
    raise TimeoutError


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
