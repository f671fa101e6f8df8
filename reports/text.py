"""Templates into sentences: the one place where what was found becomes words."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter
from typing import TYPE_CHECKING, Any

from auditor.model import Figure, Kind, Listed, OneOf
from reports import criteria, numbers, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.model import Action, Criterion, Field, Finding, Gate, Said, Words


def message(said: Words) -> str:
    """What is said; plain words as they stand."""
    if isinstance(said, str):
        return said
    parts = said.template.message
    return _filled((parts,) if isinstance(parts, str) else parts, said.template.fields, said.fields)


def found(finding: Finding) -> str:
    """What a finding says; no rounding hides on which side of its limit its figure lies."""
    said, fields = finding.said, dict(finding.said.template.fields)
    if finding.observed is not None and finding.limit is not None:
        for name, kind in fields.items():
            if isinstance(kind, Figure) and said.fields[name] == finding.observed:
                fields[name] = numbers.beside(kind, finding.observed, finding.limit)
    return message(replace(said, template=replace(said.template, fields=fields)))


def remedy(said: Said) -> str:
    """What to do about it."""
    return _filled((said.template.remedy,), said.template.fields, said.fields)


def summary(gate: Gate) -> str:
    """What a gate rests on, or why it is not known."""
    return ". ".join(map(message, gate.summary))


def measured(criterion: Criterion) -> str:
    """The figure in its limit's sentence, or that there is none."""
    observed = _spaced(criteria.observed_words(criterion))
    if not criterion.is_settled:
        return f"{words.sentence(criterion.label)} ({observed})"
    return words.one_line(criterion.sentence.replace("{}", observed))


def effect(action: Action) -> str:
    """What a step would change."""
    return message(action.effect) if action.effect else ""


def figures(values: tuple[float | None, ...], unit: str) -> tuple[str, ...]:
    """Figures of one sentence, told apart."""
    return tuple(map(_spaced, numbers.figures(values, unit)))


def figure(value: float | None, unit: str) -> str:
    """A figure by itself, without trailing zeros."""
    return figures((value,), unit)[0]


def names(part: str) -> set[str]:
    """The fields that a part of a template names."""
    return {name for _, name, _, _ in Formatter().parse(part) if name is not None}


def _filled(parts: Iterable[str], fields: Mapping[str, Field], values: Mapping[str, Any]) -> str:
    shown = _shown(fields, {name: value for name, value in values.items() if value is not None})
    return "".join(part.format_map(shown) for part in parts if names(part) <= shown.keys())


def _shown(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: _one(fields[name], value) for name, value in values.items()}
    for unit in {kind.unit for kind in fields.values() if isinstance(kind, Figure)}:
        free = [name for name in values if fields[name] == Figure(unit)]
        shown |= dict(zip(free, figures(tuple(values[name] for name in free), unit), strict=True))
    return shown


def _one(kind: Field, value: Any) -> str:  # noqa: ANN401 (one case per kind of field)
    match kind:
        case Figure():
            return _spaced(numbers.figure(value, kind.unit, kind.decimals, signed=kind.signed, bare=kind.bare))
        case OneOf(words):
            return words[value]
        case Listed():
            return _listed(kind, value)
        case Kind.MONTH:
            return f"{value:%B %Y}"
        case _:
            return message(value)


def _listed(kind: Listed, values: Iterable[Mapping[str, Any]]) -> str:
    items = [_filled((kind.item,), kind.fields, each) for each in values]
    kept = items[: kind.most]
    if not kept:
        return kind.none
    if len(kept) < len(items):
        return kind.between.join(kept) + kind.more
    return kind.last.join([kind.between.join(kept[:-1]), kept[-1]] if len(kept) > 1 else kept)


def _spaced(figure: str) -> str:
    """With plain spaces: how lines break is up to the page."""
    return figure.replace(numbers.NBSP, " ")
