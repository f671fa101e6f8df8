"""What a reply must look like. Nothing of it is believed, or shown, before it fits."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    """A chat completion: what the model wrote, None where it wrote nothing, and the (input, output) tokens that the
    endpoint states, 0 where it states none that can be read.
    """

    content: str | None
    stated: tuple[int, int]


@dataclass(frozen=True)
class Fault:
    """What an error's body says in the terms of the protocol; "" where it says nothing. For comparing, never to show:
    an endpoint's words may quote the record.
    """

    code: str
    parameter: str


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
    """The code and the parameter that an error names."""
    try:
        found = parsed(body)
    except ValueError:
        return Fault("", "")
    match found:
        case {"error": {**said}}:
            code = said.get("code") if isinstance(said.get("code"), str) else said.get("type")
            parameter = said.get("param")
            return Fault(code if isinstance(code, str) else "", parameter if isinstance(parameter, str) else "")
        case _:
            return Fault("", "")


def _usage(stated: object) -> tuple[int, int]:
    match stated:
        case {"prompt_tokens": int() as sent, "completion_tokens": int() as received}:
            return sent, received
        case _:
            return 0, 0
