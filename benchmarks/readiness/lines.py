"""Lines of JSON, written one by one and read back as what they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

DIGITS = 6


def append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(_rounded(line)) + "\n")


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; none where it is absent."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def restored(line: Mapping[str, Any], of: Any) -> Any:
    """The dataclass ``of`` that `asdict` made ``line`` of; what it no longer holds is left out."""
    hints = get_type_hints(of)
    return of(**{name: _value(value, hints[name]) for name, value in line.items() if name in hints})


def _value(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) is UnionType:
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_value(each, get_args(hint)[0]) for each in value)
    return restored(value, hint) if isinstance(value, dict) else value


def _rounded(value: object) -> object:
    match value:
        case float():
            return round(value, DIGITS)
        case dict():
            return {key: _rounded(each) for key, each in value.items()}
        case list() | tuple():
            return [_rounded(each) for each in value]
        case _:
            return value
