"""Who reads a large export: other processes and machines, one file for each engine that lends them."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import ConfigError, InputError
from auditor.folders import kept, scratch
from auditor.inputs.files import Kind, locate
from auditor.keys import digest
from auditor.threads import usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.config import Config
    from auditor.inputs.files import Located
    from auditor.inputs.shards import Shards

# Bytes of memory for the work on a shard, where nobody says how much a machine may take.
OF_SHARD = 2_000_000_000


@contextmanager
def shards_of(config: Config, hear: Callable[[str], None]) -> Iterator[Shards | None]:
    """The export in shards, with whoever reads them, where the settings name an engine; else None.

    Raises:
        ConfigError: the settings do not fit each other, or no engine answers.
        InputError: the export cannot be read in shards.
        Lost: the engine was lost on the way.

    """
    given = next((name for name in ("scheduler", "work") if getattr(config, name)), None)
    if config.engine is None and given:
        raise ConfigError(f"--{given} is for an engine that reads in shards. Pass --engine dask with it.")
    if config.engine is None or config.export is None:
        # That there is no export is said where it is read.
        yield None
        return
    from auditor.engine.dask import workers
    from auditor.inputs.shards import Shards, in_reach, refuse

    if config.scheduler and not config.work:
        raise ConfigError("Workers of a cluster share their results in a folder that all reach: pass --work DIR.")
    located = _absolute(locate(config.export))
    if located.kind is not Kind.BUCKET:
        refuse(config, located)
    processes = (config.threads or usual()) if config.scheduler is None else 1
    memory = OF_SHARD if config.max_memory is None else config.max_memory // (2 * processes)
    with ExitStack() as opened:
        folder = opened.enter_context(kept(Path(config.work).absolute(), named(located)) if config.work else scratch())
        executor = opened.enter_context(workers(config.scheduler, processes, folder))
        with _named_as_given(located, folder):
            here = in_reach(located, executor, folder)
            refuse(config, here)
            yield Shards(here, executor, folder, memory, hear)


def named(located: Located) -> str:
    """The folder of a run in that of --work: one for an export, however many files it has by now."""
    address = located.address if located.kind is Kind.BUCKET else Path(located.address).absolute()
    return f"auditor-{digest(f'{located.kind} {address}'):016x}"


def _absolute(located: Located) -> Located:
    """Workers have other working folders."""
    root = located.root and located.root.absolute()
    return located._replace(files=tuple(file.absolute() for file in located.files), root=root)


@contextmanager
def _named_as_given(located: Located, folder: Path) -> Iterator[None]:
    """Where copies of a bucket's objects lay for a moment helps nobody."""
    try:
        yield
    except (ConfigError, InputError) as error:
        start = located.shown.rstrip("/").rpartition("/")[0]
        raise type(error)(re.sub(rf"{re.escape(str(folder))}/objects-\w+", lambda _: start, str(error))) from None
