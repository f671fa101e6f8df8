"""Results by key: a value, the reason why there is none, or that its computation failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from auditor.errors import NotApplicable, StepFailed, bare, or_lost, or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")


@dataclass(frozen=True)
class Key(Generic[T]):
    """Names a result and says its type. It stands beside the type."""

    name: str


class Results:
    """What the steps that somebody asked for ended in. A key that he did not ask for raises KeyError."""

    def __init__(self, outcomes: Mapping[Key[Any], object]) -> None:
        self._outcomes = outcomes

    def __getitem__(self, key: Key[T]) -> T:
        """Raises NotApplicable or StepFailed where there is no value."""
        outcome: Any = self._outcomes[key]
        if isinstance(outcome, NotApplicable | StepFailed):
            raise bare(outcome)
        found: T = outcome
        return found

    def get(self, key: Key[T]) -> T | None:
        """None where the export has no evidence for it; raises StepFailed."""
        return or_none(lambda: self[key])

    def unless_lost(self, key: Key[T]) -> T | None:
        """As `get`, and None where a step that it takes failed."""
        return or_lost(lambda: self[key])

    def only(self, keys: Iterable[Key[Any]]) -> Results:
        """For a reader who declared ``keys`` and sees nothing else."""
        return Results({key: self._outcomes[key] for key in keys if key in self._outcomes})
