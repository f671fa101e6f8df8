"""What a prompted model is asked: the taxonomy, retrieved examples and one record; and what it may answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.inputs.labels import folded
from auditor.prompting.reply import parsed

INSTRUCTION = (
    "You file records into categories, as the examples do. Answer with exactly one category of this list, spelled as "
    "it is spelled here."
)

FENCED = re.compile(r"```[a-z]*\s(.*?)```", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """One request: the static ``system`` part, which endpoints can cache, the ``user`` part, and the repeat."""

    record: int
    run: int
    system: str
    user: str

    def key(self, host: str, model: str, temperature: float) -> str:
        """Names the request, and holds none of its text."""
        parts = [host, model, temperature, self.run, self.system, self.user]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def on_a_line(words: str) -> str:
    """As a list or a line shows it: a class's name may hold line breaks."""
    return " ".join(words.split())


def system_part(labels: Sequence[str], definitions: Mapping[str, str]) -> str:
    """The instruction and the taxonomy, with a definition where there is one."""
    lines = [
        on_a_line(f"- {label}: {definitions[label]}" if definitions.get(label) else f"- {label}") for label in labels
    ]
    return "\n".join([INSTRUCTION, "", *lines])


def user_part(text: str, examples: Sequence[tuple[str, str]]) -> str:
    """The retrieved (text, label) ``examples``, the nearest last, and the record."""
    shown = [f"Record: {each}\nCategory: {on_a_line(label)}" for each, label in reversed(examples)]
    return "\n\n".join([*shown, f"Record: {text}\nCategory:"])


def answer_format(labels: Sequence[str]) -> dict[str, Any]:
    """Structured output: an object whose only field is one of the ``labels``."""
    schema = {
        "type": "object",
        "properties": {"category": {"type": "string", "enum": list(map(on_a_line, labels))}},
        "required": ["category"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "category", "strict": True, "schema": schema}}


def answer_reader(labels: Sequence[str]) -> Callable[[str | None], str | None]:
    """A function from what a model wrote to the label that it gave, or None where it gave none or several.

    It reads the object of `answer_format`, bare or in fences, and else text that names exactly one label. Case and
    white space do not matter; what a model thinks aloud before it answers does not count.
    """
    by_folded = {folded(label): label for label in labels}
    longest_first = sorted(by_folded, key=len, reverse=True)
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def read(content: str | None) -> str | None:
        said = (content or "").rpartition("</think>")[2].strip()
        if fenced := FENCED.search(said):
            said = fenced[1].strip()
        try:
            answer = parsed(said.encode(errors="replace"))
        except ValueError:
            found = set(named.findall(folded(said)))
            return by_folded[found.pop()] if len(found) == 1 else None
        given = answer.get("category") if isinstance(answer, dict) else answer
        if not isinstance(given, str):
            return None
        return given if given in labels else by_folded.get(folded(given))

    return read
