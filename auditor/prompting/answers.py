"""Requests on disk, a JSON line each as soon as it is over: no answer is paid for twice, no failure forgotten."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.prompting.reply import parsed

if TYPE_CHECKING:
    from pathlib import Path

# No bill counts more; a line that does is damaged.
MOST_TOKENS = 10**12


class Outcome(StrEnum):
    """How a request ended: with an answer, with a refusal of this one record, or with nothing."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Answer:
    """``label`` is None where the model gave no label of the taxonomy. Holds no text of a record."""

    key: str
    label: str | None
    input_tokens: int
    output_tokens: int
    outcome: Outcome = Outcome.ANSWERED


class AnswerFile:
    """The requests that ``path`` holds, and those that are added.

    ``used`` are the (input, output) tokens of all of them, ``damaged`` the lines that could not be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = _whole_lines(path)
        read = [_read(line) for line in lines]
        self.damaged = read.count(None)
        self.used = 0, 0
        self._known: dict[str, Answer] = {}
        for answer in read:
            if answer is not None:
                self._count(answer)

    def get(self, key: str) -> Answer | None:
        """What came of this question; a request that failed is as if it had not been sent."""
        return self._known.get(key)

    def add(self, answer: Answer) -> None:
        self._count(answer)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")

    def _count(self, answer: Answer) -> None:
        self.used = self.used[0] + answer.input_tokens, self.used[1] + answer.output_tokens
        if answer.outcome is not Outcome.FAILED:
            self._known[answer.key] = answer


def _whole_lines(path: Path) -> list[bytes]:
    """The lines; one that was cut off as the program was killed is taken away."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    return whole.splitlines()


def _read(line: bytes) -> Answer | None:
    """The request of a line, or None where the line is damaged."""
    try:
        found = parsed(line)
    except ValueError:
        return None
    match found:
        case {
            "key": str() as key,
            "label": str() | None as label,
            "input_tokens": int() as sent,
            "output_tokens": int() as received,
            "outcome": "answered" | "refused" | "failed" as outcome,
        } if 0 <= sent <= MOST_TOKENS and 0 <= received <= MOST_TOKENS:
            return Answer(key, label, sent, received, Outcome(outcome))
        case _:
            return None
