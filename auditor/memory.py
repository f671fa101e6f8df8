"""Memory of this process: its peak, a limit to it, and what nobody holds any more goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

# V8, in which vl-convert draws the charts, reserves between 70 and 85 GB of addresses and holds next to none of them;
# with fewer it ends the process.
_ADDRESSES = 100_000_000_000
_UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def give_back_at_once() -> None:
    """polars, loaded from here on, gives what was freed back to the system; as it is built, Linux counts it as held."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")


def give_back() -> None:
    """glibc keeps what was freed in the midst of what is held, a tenth of an audit's peak, unless it is asked."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def in_bytes(amount: int) -> str:
    """So many bytes, in words: ``1 kB``, ``400 MB``, ``1.5 GB``."""
    unit, size = next(((unit, size) for unit, size in _UNITS if amount >= size), ("bytes", 1))
    number = amount / size
    return f"{number:.1f} {unit}" if unit == "GB" else f"{number:.0f} {unit}"


def peak() -> int:
    """The most bytes that this process has held at one time; 0 on a system that does not say."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def refuse_few_addresses() -> None:
    """Raises ConfigError where Linux gives this process fewer addresses than drawing charts reserves."""
    if sys.platform != "linux":
        return
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _ADDRESSES:
        raise ConfigError(
            f"The system limits this process to {in_bytes(limit)} of addresses (ulimit -v), and drawing the charts "
            "takes some 80 GB of them, which stay empty. Lift that limit; --max-memory limits the memory of an audit."
        )


def held_to(limit: int | None, listener: Callable[[str], None]) -> Callable[[str], None]:
    """The ``listener`` to stages, before each of which the memory is held to the ``limit`` in bytes.

    It raises ConfigError where more has been taken.
    """

    def hear(title: str) -> None:
        if limit is not None and peak() > limit:
            raise ConfigError(
                f"Before '{title}' the audit held {in_bytes(peak())}, more than the {in_bytes(limit)} of "
                "--max-memory. Allow more, or audit a slice of time (--window). Nothing was written."
            )
        listener(title)

    return hear
