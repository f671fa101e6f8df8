"""What the answers in a folder were asked with: others never take their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from auditor.errors import ConfigError
from auditor.prompting.reply import parsed

if TYPE_CHECKING:
    from pathlib import Path

# The option of a field that is not named like it, and the fields that mean nothing beside a sheet.
OPTIONS: Mapping[str, str] = {"drawn": "--sheet"}
OF_A_DRAW = ("size", "seed")


@dataclass(frozen=True)
class Asked:
    """Whom, about which records, how. ``endpoint`` is its host: its URL may hold a key. ``drawn`` is a digest of the
    sheet's records, None without a sheet; ``size`` and ``seed`` are those of the draw, None with one.
    """

    endpoint: str
    model: str
    drawn: str | None
    size: int | None
    seed: int | None
    examples: int
    repeats: int
    temperature: float
    text: tuple[str, ...]
    label: str
    id: str | None
    group: str | None
    taxonomy: str | None


def refuse_others(summary: Path, answers: Path, now: Asked) -> None:
    """Raises ConfigError where ``answers`` exist that ``summary`` does not say to have been asked as ``now``."""
    if not answers.exists():
        return
    elsewhere = "They are kept: choose another folder with --out."
    try:
        was = parsed(summary.read_bytes())
    except (OSError, ValueError):
        was = None
    if not isinstance(was, dict):
        raise ConfigError(
            f"The folder '{summary.parent}' holds answers, and no {summary.name} that says what was asked. {elsewhere}"
        )
    fields = asdict(now) | {"text": list(now.text)}
    other = [name for name, value in fields.items() if was.get(name) != value]
    if "drawn" in other:
        other = [name for name in other if name not in OF_A_DRAW]
    if other:
        named = ", ".join(OPTIONS.get(name, f"--{name}") for name in other)
        raise ConfigError(
            f"The folder '{summary.parent}' holds answers that were asked with another {named}. {elsewhere}"
        )
