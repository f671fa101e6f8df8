"""What a prompted model is asked: the taxonomy, retrieved examples and one record; and what it may answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INSTRUCTION = (
    "You file records into categories, as the examples do. Answer with exactly one category of this list, spelled as "
    "it is spelled here."
)


@dataclass(frozen=True)
class Question:
    """One request: the static ``system`` part, which endpoints can cache, the ``user`` part, and the repeat."""

    record: int
    run: int
    system: str
    user: str

    @property
    def size(self) -> int:
        """Bytes of UTF-8, which no byte-level tokeniser turns into more tokens; the margin is the chat's own."""
        return len((self.system + self.user).encode()) + 64

    def key(self, model: str, temperature: float) -> str:
        """Names the request, and holds none of its text."""
        parts = [model, temperature, self.run, self.system, self.user]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def system_part(labels: Sequence[str], definitions: Mapping[str, str]) -> str:
    """The instruction and the taxonomy, with a definition where there is one."""
    lines = [f"- {label}: {definitions[label]}" if definitions.get(label) else f"- {label}" for label in labels]
    return "\n".join([INSTRUCTION, "", *lines])


def user_part(text: str, examples: Sequence[tuple[str, str]]) -> str:
    """The retrieved (text, label) ``examples``, the nearest last, and the record."""
    shown = [f"Record: {each}\nCategory: {label}" for each, label in reversed(examples)]
    return "\n\n".join([*shown, f"Record: {text}\nCategory:"])


def answer_format(labels: Sequence[str]) -> dict[str, Any]:
    """Structured output: an object whose only field is one of the ``labels``."""
    schema = {
        "type": "object",
        "properties": {"category": {"type": "string", "enum": list(labels)}},
        "required": ["category"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "category", "strict": True, "schema": schema}}


def read_answer(content: str | None, labels: Sequence[str]) -> str | None:
    """The label that the model gave, or None where it gave none of them."""
    try:
        answer = json.loads(content or "")
    except ValueError:
        return None
    given = answer.get("category") if isinstance(answer, dict) else None
    return given if given in labels else None
