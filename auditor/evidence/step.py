"""A step of the evidence: computed once when first asked for, and its failure once too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from auditor.errors import AuditError, NotApplicable, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class step(Generic[T]):
    """A property that keeps one of three outcomes: a value, the reason why there is none, or that it failed.

    Whoever asks again after a failure, or for what hangs on it, gets the same `StepFailed`; nothing is computed twice.
    Running out of memory or disk, an interrupt, and an export that cannot be audited end the run instead. The object
    keeps failures in ``failures``.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__
        self.name = compute.__name__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Any, kind: type) -> T: ...  # noqa: ANN401
    def __get__(self, owner: Any, kind: type) -> Self | T:
        if owner is None:
            return self
        failures: dict[str, NotApplicable | StepFailed] = owner.failures
        if self.name in failures:
            raise failures[self.name].with_traceback(None)
        try:
            value = self.compute(owner)
        except (NotApplicable, StepFailed) as known:
            failures[self.name] = known
            raise
        except (MemoryError, OSError, AuditError):
            raise
        except Exception as error:
            failures[self.name] = StepFailed(self.name.strip("_").replace("_", " "), type(error).__name__)
            raise failures[self.name] from error
        # An attribute of the object itself comes before the descriptor from now on.
        owner.__dict__[self.name] = value
        return value
