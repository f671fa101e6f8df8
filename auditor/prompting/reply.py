"""What a reply must look like. Nothing of it is believed, or shown, before it fits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto

# What an endpoint says of a record that the model cannot take: too long (OpenAI, llama.cpp) or filtered (Azure); and
# the words of vLLM, which gives no code.
RECORD_CODES = {"context_length_exceeded", "exceed_context_size_error", "content_filter", "content_policy_violation"}
TOO_LONG = "maximum context length"


@dataclass(frozen=True)
class Reply:
    """A chat completion: what the model wrote, None where it wrote nothing, and the (input, output) tokens that the
    endpoint states, 0 where it states none that can be read.
    """

    content: str | None
    stated: tuple[int, int]


class Fault(Enum):
    """What a refusal is about: this one record (too long, filtered), the temperature, or anything else."""

    RECORD = auto()
    TEMPERATURE = auto()
    OTHER = auto()


def parsed(data: bytes) -> object:
    """The JSON in ``data``. Raises ValueError for whatever is none, too deep a nesting included."""
    try:
        found: object = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def read_reply(body: bytes) -> Reply:
    """Raises ValueError where ``body`` is no chat completion."""
    match parsed(body):
        case {"choices": [{"message": {"content": str() | None as content}}, *_], **rest}:
            return Reply(content, _usage(rest.get("usage")))
        case _:
            raise ValueError("no chat completion")


def read_fault(body: bytes) -> Fault:
    """What the body of an error is about, by the protocol's own fields. Its words are compared, never shown: they may
    quote the record.
    """
    try:
        found = parsed(body)
    except ValueError:
        return Fault.OTHER
    match found:
        case {"error": {**said}} | {**said}:
            if said.get("param") == "temperature":
                return Fault.TEMPERATURE
            named = {each for key in ("code", "type") if isinstance(each := said.get(key), str)}
            too_long = isinstance(message := said.get("message"), str) and TOO_LONG in message.lower()
            return Fault.RECORD if named & RECORD_CODES or too_long else Fault.OTHER
        case _:
            return Fault.OTHER


def _usage(stated: object) -> tuple[int, int]:
    match stated:
        case {"prompt_tokens": int() as sent, "completion_tokens": int() as received}:
            return sent, received
        case _:
            return 0, 0
