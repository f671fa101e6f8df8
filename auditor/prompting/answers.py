"""Answers on disk, one JSON line each as soon as it is there, so that none is paid for twice."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """``label`` is None where the model gave no label of the taxonomy. Holds no text of a record."""

    key: str
    label: str | None
    input_tokens: int
    output_tokens: int


class AnswerFile:
    """The answers that ``path`` holds; threads may add to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known = _read(path)

    @property
    def used(self) -> tuple[int, int]:
        """The (input, output) tokens of all answers in the file."""
        known = self._known.values()
        return sum(answer.input_tokens for answer in known), sum(answer.output_tokens for answer in known)

    def get(self, key: str) -> Answer | None:
        return self._known.get(key)

    def add(self, answer: Answer) -> None:
        with self._lock:
            self._known[answer.key] = answer
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")


def _read(path: Path) -> dict[str, Answer]:
    """A line that was cut off as the program was killed counts as not there."""
    if not path.exists():
        return {}
    content = path.read_text(encoding="utf-8")
    if content and not content.endswith("\n"):
        path.write_text(content[: content.rfind("\n") + 1], encoding="utf-8")
    found = (Answer(**json.loads(line)) for line in content.splitlines(keepends=True) if line.endswith("\n"))
    return {answer.key: answer for answer in found}
