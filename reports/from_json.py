"""``report.json`` read back: the contract holds all that was measured and all that the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from auditor.model import AuditResult, Field, Kind, Listed, Said, Template

AS_WRITTEN = Template("as_written", "{sentence}", fields={"sentence": Kind.WORDS})
_SCALARS: Mapping[type, tuple[type, ...]] = {str: (str,), int: (int,), float: (float, int), bool: (bool,)}
_RENAMED = {"criteria": "evidence"}


def from_json(data: Mapping[str, Any], templates: Mapping[tuple[str, str], Template]) -> AuditResult:
    """The result that ``data`` was written from. ``templates`` are those of the findings, by check and template id; a
    sentence that is no finding's comes back as it was written.

    Raises KeyError, TypeError or ValueError where ``data`` is no such report.
    """
    dates = data["run"]["dates"]
    run = data["run"] | {"first_date": dates["first"], "last_date": dates["last"]}
    # The sample of keys is for the history alone.
    run |= {"content": {"fingerprint": run["content_fingerprint"], "sample": []}}
    verdict = data["verdict"]
    against = [each["gate"] for each in verdict["against"]]
    verdict = verdict | {"steps": verdict["next_steps"], "against": against}

    def told(finding: Mapping[str, Any]) -> dict[str, Any]:
        return {**finding, "said": _said(finding, templates)}

    checks = [
        each
        | {
            "findings": list(map(told, each["findings"])),
            "ignored": [one | {"finding": told(one["finding"])} for one in each["ignored"]],
        }
        for each in data["checks"]
    ]
    found: AuditResult = _built(AuditResult, {**data, "run": run, "verdict": verdict, "checks": checks})
    return found


def _said(finding: Mapping[str, Any], templates: Mapping[tuple[str, str], Template]) -> Said:
    template = templates[finding["code"], finding["template"]]
    return template.of(**{name: _value(template.fields[name], each) for name, each in finding["fields"].items()})


def _value(kind: Field, value: Any) -> Any:  # noqa: ANN401 (that of the field)
    match kind:
        case Kind.MONTH if value is not None:
            return date.fromisoformat(value)
        case Listed() if value is not None:
            return [{name: _value(kind.fields[name], each) for name, each in item.items()} for item in value]
        case _:
            return value


def _built(kind: Any, value: Any) -> Any:  # noqa: ANN401 (one case per kind of type)
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Said:
        return value if isinstance(value, Said) else AS_WRITTEN.of(sentence=value)
    if origin in {Union, UnionType}:
        return None if value is None else _built(next(each for each in inner if each is not NoneType), value)
    if kind == tuple[Said, ...]:
        return (AS_WRITTEN.of(sentence=value),)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_built(each, item) for each, item in zip(kinds, value, strict=True))
    if origin is Mapping:
        return {key: _built(inner[1], item) for key, item in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{each.name: _built(hints[each.name], _of(value, each.name)) for each in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, date | datetime):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind in _SCALARS and not (isinstance(value, _SCALARS[kind]) and isinstance(value, bool) == (kind is bool)):
        raise TypeError
    return value


def _of(value: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 (any field)
    return value[name] if name in value else value[_RENAMED[name]]
