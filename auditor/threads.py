"""The threads of one audit: never more at work than were asked for, also where a step shares its own work out."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, get_ident
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
S = TypeVar("S")

# House rule: what an audit can do at one time seldom keeps more busy, and each more needs memory of its own.
MOST = 8
# How many threads a library takes, which it reads once, when it is loaded: polars, and the word pieces of wordllama.
VARIABLES = ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS")


class Stopped(BaseException):
    """What a thread is told whose audit has ended."""


def usual() -> int:
    """As many as this process has cores, up to `MOST`."""
    from joblib import cpu_count

    return min(int(cpu_count()), MOST)


def keep_libraries_to(threads: int | None) -> None:
    """Libraries that are loaded from here on take so many ``threads``; where that is None, those that the environment
    names, or the `usual`.
    """
    for name in VARIABLES:
        if threads is not None:
            os.environ[name] = str(threads)
        else:
            os.environ.setdefault(name, str(usual()))


class Threads:
    """At most ``n`` threads at work; a context. Left with an error, it stops them."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._pool = ThreadPoolExecutor(n, "auditor")
        self._at_work: set[int] = set()
        self._lock = Lock()

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Have ``work`` done by a thread of its own."""

        def noted() -> T:
            with self._lock:
                self._at_work.add(get_ident())
            try:
                return work()
            finally:
                with self._lock:
                    self._at_work.discard(get_ident())

        return self._pool.submit(noted)

    def share(self, work: Callable[[S], T], items: Iterable[S]) -> list[T]:
        """What ``work`` makes of each of the ``items``, in their order; threads that have nothing to do help."""
        left = deque(enumerate(items))
        found: dict[int, T] = {}

        def help_out() -> None:
            while left:
                try:
                    place, item = left.popleft()
                except IndexError:  # another thread was faster
                    return
                try:
                    found[place] = work(item)
                except BaseException:
                    left.clear()
                    raise

        helpers = [self.start(help_out) for _ in range(self.n - 1)]
        try:
            help_out()
        finally:
            running = [each for each in helpers if not each.cancel()]
        for each in running:
            each.result()
        return [found[place] for place in range(len(found))]

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None:
            self._stop()
        self._pool.shutdown(cancel_futures=True)

    def _stop(self) -> None:
        """As Ctrl-C stops the main thread: where it next reads its own program."""
        with self._lock:
            for thread in self._at_work:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))
