"""An ``AuditResult`` read back from ``report.json``: proof that the contract holds what the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from auditor.model import AuditResult, Kind, Said, Template

RENAMED = {"criteria": "evidence"}


def from_json(data: Mapping[str, Any]) -> AuditResult:
    """The result that was written. Raises KeyError where the contract lacks a field of the model."""
    dates = data["run"]["dates"]
    run = data["run"] | {"first_date": dates["first"], "last_date": dates["last"]}
    # The sample of keys is for the history alone.
    run |= {"content": {"fingerprint": run["content_fingerprint"], "sample": []}}
    said = data["verdict"]
    verdict = said | {"steps": said["next_steps"], "against": [each["gate"] for each in said["against"]]}
    return _built(AuditResult, {**data, "run": run, "verdict": verdict})


def _built(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Said and isinstance(value, str):
        return said(value)
    if origin in {Union, UnionType}:
        return None if value is None else _built(next(each for each in inner if each is not NoneType), value)
    if kind == tuple[Said, ...]:
        return (said(value),)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_built(each, item) for each, item in zip(kinds, value, strict=True))
    if origin is Mapping:
        return {key: _built(inner[1], item) for key, item in value.items()}
    if kind is Said:
        return said(value["message"], value["remedy"], value["template"], value["fields"])
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{each.name: _built(hints[each.name], _of(value, each.name)) for each in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, date | datetime):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


def said(message: str, remedy: str = "", template: str = "made_up", found: Mapping[str, Any] | None = None) -> Said:
    """Sentences as they stand, and what they say."""
    shown = {"message": message, "remedy": remedy}
    known = dict.fromkeys([*shown, *(found or {})], Kind.WORDS)
    return Said(Template(template, "{message}", "{remedy}", known), {**(found or {}), **shown})


def _of(value: Mapping[str, Any], name: str) -> Any:
    if name == "said":
        return value
    return value[name] if name in value else value[RENAMED[name]]
