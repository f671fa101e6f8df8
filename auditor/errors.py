"""The errors that a person can do something about, each with the exit code it ends in."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


class AuditError(Exception):
    """An error whose message is a sentence for the user. Exit code 1."""

    exit_code: ClassVar[int] = 1


class ConfigError(AuditError):
    """Wrong usage or configuration. Exit code 2."""

    exit_code: ClassVar[int] = 2


class InputError(AuditError):
    """The export cannot be read or audited. Exit code 3."""

    exit_code: ClassVar[int] = 3


class Lost(AuditError):
    """Others who did a part of the work are gone; what they had done is still there. Exit code 1."""


# What to do then, after who is told to run the audit again.
GOES_ON = "with the same --work it goes on from the shards that were done. Nothing was written."


class NotApplicable(Exception):
    """A check's evidence does not exist for this export. The message says what is missing."""


class StepFailed(Exception):
    """A computation that checks share failed. The message names it and the kind of error, and quotes nothing."""


def bare(error: E) -> E:
    """``error`` without the frames that it came through: they hold all that was computed."""
    return type(error)(*error.args)


def or_none(compute: Callable[[], T]) -> T | None:
    """What ``compute`` gives, None where the export has no evidence for it."""
    try:
        return compute()
    except NotApplicable:
        return None


def or_lost(compute: Callable[[], T]) -> T | None:
    """As `or_none`, and None where a step that it takes failed."""
    try:
        return or_none(compute)
    except StepFailed:
        return None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint such as `` Did you mean 'label'?``, empty where nothing is near."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    near = get_close_matches(name.casefold(), by_folded, cutoff=0.5)
    # Letters in another order are likelier than another letter.
    near.sort(key=lambda each: sorted(each) != sorted(name.casefold()))
    return f" Did you mean '{by_folded[near[0]]}'?" if near else ""
