"""Chats and files for fine-tuning, opened: the last question is the text, the answer to it the label. Pure.

Forms: ``messages`` of OpenAI, Anthropic and Bedrock, ``contents`` of Gemini, ``conversations`` of ShareGPT.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Object = dict[str, Any]

_LISTS = ("messages", "contents", "conversations")
_ROLES = {"human": "user", "gpt": "assistant", "model": "assistant", "developer": "system"}
# What stands beside the turns and says nothing of the record.
_BESIDE = ("tools", "functions", "parallel_tool_calls", "systemInstruction", "system_instruction", "system")
# Answers of which one is preferred to another, as OpenAI and the libraries of Hugging Face write them.
_PAIRS = ({"preferred_output", "non_preferred_output"}, {"chosen", "rejected"})


class _Turn(NamedTuple):
    role: str
    text: str | None
    taken: bool
    other: bool


def is_chat(record: Object) -> bool:
    """Raises InputError for a record of two answers, which has no one label."""
    if any(pair <= record.keys() for pair in _PAIRS):
        raise InputError(
            "The export holds pairs of a preferred and a rejected answer; an audit reads one label for each record. "
            "Export the records with the answer that is right."
        )
    return bool(_turns(record))


def opened(record: Object) -> Iterator[Object]:
    """One record: columns ``user`` and ``assistant``, ``system`` where there is such a prompt, and all others."""
    turns = _turns(record)
    end = _answer(turns)
    asked = [turn.text for turn in turns[:end] if turn.role == "user" and turn.text]
    rest = {name: value for name, value in record.items() if name not in (*_LISTS, *_BESIDE)}
    prompt = _prompt(record, turns)
    yield (
        rest
        | ({"system": prompt} if prompt else {})
        | {
            "user": asked[-1] if asked else "",
            "assistant": turns[end].text if end < len(turns) else None,
        }
    )


def tidied(records: Sequence[Object], chats: Sequence[Object]) -> tuple[list[Object], list[str]]:
    """The ``records`` of the ``chats`` without a system prompt that all of them share, and what is said of them."""
    said = []
    prompts = {record.get("system") for record in records}
    if len(prompts) == 1 and prompts != {None}:
        records = [{name: value for name, value in record.items() if name != "system"} for record in records]
        said.append("The system prompt is the same in every chat and is left out.")
    every = [(turns, _answer(turns)) for turns in map(_turns, chats)]
    several = sum(sum(turn.role == "user" for turn in turns[:end]) > 1 for turns, end in every)
    untrained = sum(not turn.taken for turns, _ in every for turn in turns)
    tools = sum(bool(record.keys() & {"tools", "functions"}) for record in chats)
    other = sum(any(turn.other for turn in turns) for turns, _ in every)
    unanswered = sum(end == len(turns) for turns, end in every)
    for count, words in (
        (several, "have several turns: the last question is the text, the answer to it the label, and what was said "
                  "before is left out"),
        (tools, "hold tools, whose definitions are left out; of an answer that calls one, the call is the label"),
        (other, "hold images or other parts that are no text, which are left out"),
        (unanswered, "have no answer to train on: their label is missing"),
    ):  # fmt: skip
        if count:
            said.append(f"{count:,} of {len(chats):,} chats {words}.")
    if untrained:
        said.append(f"{untrained:,} answers have weight 0, which says not to train on them: they are no label.")
    return list(records), said


def _answer(turns: Sequence[_Turn]) -> int:
    """Where the last answer stands that is to be trained on; past the end where there is none."""
    found = (at for at, turn in enumerate(turns) if turn.role == "assistant" and turn.taken and turn.text)
    return max(found, default=len(turns))


def _turns(record: Object) -> list[_Turn]:
    """The turns of a chat, in order; none where it is no chat."""
    for name in _LISTS:
        found = record.get(name)
        if isinstance(found, list) and found and all(isinstance(each, dict) for each in found):
            turns = [_turn(each) for each in found]
            return turns if all(turn.role for turn in turns) else []
    return []


def _turn(each: Object) -> _Turn:
    role = each.get("role", each.get("from"))
    text, other = _text(each.get("content", each.get("parts", each.get("value"))))
    calls = each.get("tool_calls") or ([each["function_call"]] if each.get("function_call") else [])
    if not text and isinstance(calls, list) and len(calls) == 1 and isinstance(calls[0], dict):
        text = _call(calls[0].get("function", calls[0]))
    role = role if isinstance(role, str) else ""
    return _Turn(_ROLES.get(role, role), text, each.get("weight") != 0, other)


def _text(content: object) -> tuple[str | None, bool]:
    """What is written in a turn, and whether it holds anything else."""
    if isinstance(content, str):
        return content, False
    parts = content if isinstance(content, list) else []
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "\n".join(texts) or None, len(texts) < len(parts)


def _call(function: object) -> str | None:
    """The one argument of a call where there is one, as a classifier by tools gives it; else the name of the tool."""
    if not isinstance(function, dict):
        return None
    arguments = function.get("arguments")
    try:
        values = json.loads(arguments) if isinstance(arguments, str) else arguments
    except ValueError:
        values = None
    if isinstance(values, dict) and len(values) == 1 and isinstance(only := next(iter(values.values())), str):
        return only
    name = function.get("name")
    return name if isinstance(name, str) else None


def _prompt(record: Object, turns: Sequence[_Turn]) -> str | None:
    inside = [turn.text for turn in turns if turn.role == "system" and turn.text]
    beside = (record.get(name) for name in ("system", "systemInstruction", "system_instruction"))
    texts = [_text(each.get("parts") if isinstance(each, dict) else each)[0] for each in beside]
    return "\n".join([*inside, *(text for text in texts if text)]) or None
