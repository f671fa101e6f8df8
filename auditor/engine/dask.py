"""Workers of a dask cluster, or of one that this machine starts for a run, as an executor."""

from __future__ import annotations

import logging
import re
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING

from auditor.errors import GOES_ON, ConfigError, Lost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path
    from typing import Any

# Seconds in which a scheduler answers, as dask has it, and then a first worker, which may start together with the run.
PATIENCE = 30
# Versions that a client and its workers share: what is sent is Python's own, and what is computed polars' and DuckDB's.
SHARED = ("auditor", "polars", "duckdb", "numpy", "pyarrow", "distributed")
# What they say of workers that come and go is no sentence for a user.
LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado.application")
_LACKING = re.compile("ModuleNotFoundError|ImportError|AttributeError")
# The servers of pages that dask starts whether or not anybody asks for a dashboard have none. A process that was killed
# takes longer than dask's 15 seconds to come back where the machine is busy; one that dies while it starts never does,
# and by itself dask waits for ever.
OF_THIS_MACHINE: dict[str, object] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.deploy.lost-worker-timeout": "1h",
    "distributed.scheduler.no-workers-timeout": "5m",
}


@contextmanager
def workers(scheduler: str | None, processes: int, folder: Path) -> Iterator[Executor]:
    """The workers of the cluster whose ``scheduler`` is at an address, by TLS where it begins with ``tls://`` (its
    certificates are named as dask names them); without one as many ``processes`` of this machine, which talk by TLS
    among themselves, keep their files in ``folder`` and end with the context.

    Raises:
        ConfigError: dask is not installed, nobody answers, or workers are of other versions.
        Lost: the cluster or all of its workers are gone, or a shard takes its workers down.

    """
    try:
        import dask
        import distributed
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker, NoWorkerError
    except ImportError:
        raise ConfigError("--engine dask needs an extra: pip install 'auditor[dask]'.") from None
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set({**OF_THIS_MACHINE, "temporary-directory": str(folder)}):
        started = _of_this_machine(distributed, processes) if scheduler is None else _at(distributed, scheduler)
        with started as client:
            _refuse_strangers(client)
            try:
                yield client.get_executor(pure=False)
            except KilledWorker:
                raise Lost(
                    "A shard was given up, as it took several workers down, which too little memory does. Give workers "
                    f"more and run the audit again: {GOES_ON}"
                ) from None
            except NoWorkerError:
                raise Lost(f"All workers are gone, and none came back. Run the audit again: {GOES_ON}") from None
            except (CancelledError, FutureCancelledError, CommClosedError):
                raise Lost(
                    f"The scheduler at '{scheduler or 'this machine'}' is gone. Run the audit again: {GOES_ON}"
                ) from None


@contextmanager
def _of_this_machine(distributed: Any, processes: int) -> Iterator[Any]:  # noqa: ANN401
    with ExitStack() as opened:
        try:
            cluster = distributed.LocalCluster(
                n_workers=processes,
                threads_per_worker=1,
                protocol="tls://",
                security=distributed.Security.temporary(),
                host="127.0.0.1",
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.CRITICAL,
            )
            client = distributed.Client(opened.enter_context(cluster))
        except (OSError, RuntimeError) as error:
            raise ConfigError(
                f"dask cannot start {processes:,} workers on this machine ({type(error).__name__}). Ask for fewer with "
                "--threads, or leave --engine out."
            ) from None
        yield opened.enter_context(client)


@contextmanager
def _at(distributed: Any, scheduler: str) -> Iterator[Any]:  # noqa: ANN401
    nobody = f"No scheduler of dask answers at '{scheduler}'"
    try:
        client = _client(distributed, scheduler)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise ConfigError(f"{nobody} ({type(error).__name__}).") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ConfigError("The cluster has no workers. Start some, and run the audit again.") from None
        except OSError as error:
            raise ConfigError(f"{nobody} any more ({type(error).__name__}).") from None
        yield client


def _client(distributed: Any, scheduler: str) -> Any:  # noqa: ANN401
    class Client(distributed.Client):  # type: ignore[misc]
        """Closed where nobody answers: dask leaves that to the collector of garbage, which hangs where it comes by
        while another client starts.
        """

        def start(self, **given: object) -> None:
            try:
                super().start(**given)
            except Exception:
                self.close()
                raise

    return Client(scheduler, timeout=PATIENCE)


def _refuse_strangers(client: Any) -> None:  # noqa: ANN401
    """Raises ConfigError where a worker is of another version, and Lost where one dies before it says so."""
    ours = versions()
    try:
        found = client.run(versions)
    except OSError:
        raise Lost(f"A worker went away before it was given anything. Run the audit again: {GOES_ON}") from None
    except Exception as error:
        # What a worker cannot load, dask says in words alone.
        if not isinstance(error, ImportError | AttributeError) and not _LACKING.match(str(error)):
            raise
        raise ConfigError("A worker lacks auditor. Install it there too: pip install 'auditor[dask]'.") from None
    for address, theirs in found.items():
        for name, mine in ours.items():
            if theirs[name] != mine:
                raise ConfigError(f"The worker at '{address}' has {name} {theirs[name]}, and here it is {mine}.")


def versions() -> dict[str, str]:
    """Of what a client and its workers share."""
    return {"Python": python_version(), **{name: version(name) for name in SHARED}}
