"""A step of the plan: how one result comes about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.batch import Batch
    from auditor.results import Key, Results

T = TypeVar("T")


def nothing(_: Batch) -> str | None:
    """An export that lacks nothing."""
    return None


@dataclass(frozen=True)
class Step(Generic[T]):
    """Computes the result ``key`` from those that it ``needs``, and from what it ``may`` read where that exists.

    ``lacks`` says what the batch lacks for it, before anything is computed. A ``title`` is shown while it runs; steps
    without one take no time.
    """

    key: Key[T]
    compute: Callable[[Results], T]
    needs: tuple[Key[Any], ...] = ()
    may: tuple[Key[Any], ...] = ()
    title: str = ""
    lacks: Callable[[Batch], str | None] = nothing

    @property
    def reads(self) -> tuple[Key[Any], ...]:
        return (*self.needs, *self.may)
