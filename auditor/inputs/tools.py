"""JSON of labelling tools, chat logs and interfaces, opened: one flat object for each record and person. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.inputs import chats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Object = dict[str, Any]


class _Tool(NamedTuple):
    """Whether an object is of the tool, the records that it holds, and what all of them have in common."""

    name: str
    of_it: Callable[[Object], bool]
    opened: Callable[[Object], Iterator[Object]]
    tidied: Callable[[Sequence[Object], Sequence[Object]], tuple[list[Object], list[str]]] = lambda records, _: (
        list(records),
        [],
    )


def inner_records(whole: object) -> tuple[list[Object], str] | None:
    """The records of one object that holds them all, and where: in the list of a name, or each under a key of its own.

    None where it does not.
    """
    if not isinstance(whole, dict):
        return None
    if len(whole) > 1 and all(isinstance(each, dict) and each for each in whole.values()):
        # Columns of many rows each have more keys inside than there are columns.
        few = len({name for each in whole.values() for name in each}) < len(whole)
        return (list(whole.values()), "each under a key of its own") if few else None
    lists = [name for name, value in whole.items() if isinstance(value, list) and value]
    if len(lists) != 1 or not all(isinstance(each, dict) for each in whole[lists[0]]):
        return None
    return whole[lists[0]], f"in its list '{lists[0]}'"


def opened(objects: Sequence[Object]) -> tuple[list[Object], str, list[str]] | None:
    """The records in ``objects``, the tool that wrote them, and what is said of them; None where there is no tool."""
    for tool in _TOOLS:
        if any(tool.of_it(each) for each in objects):
            records, said = tool.tidied([record for each in objects for record in tool.opened(each)], objects)
            return records, tool.name, said
    return None


def _label_studio(task: Object) -> Iterator[Object]:
    base = {"id": task.get("id"), **_data(task)}
    annotations = [each for each in task.get("annotations") or [] if isinstance(each, dict)]
    if not annotations:
        yield base
    for annotation in annotations:
        labels = {} if annotation.get("was_cancelled") else _choices(annotation.get("result") or [])
        who = annotation.get("completed_by")
        yield base | {
            "annotator": who.get("email", who.get("id")) if isinstance(who, dict) else who,
            "created_at": annotation.get("created_at"),
            **labels,
        }


def _data(task: Object) -> Object:
    data = task.get("data")
    return data if isinstance(data, dict) else {}


def _choices(result: Sequence[Any]) -> Object:
    found: Object = {}
    for region in result:
        value = region.get("value") if isinstance(region, dict) else None
        if not isinstance(value, dict):
            continue
        labels = value.get("choices") or [" > ".join(map(str, path)) for path in value.get("taxonomy") or []]
        if labels:
            found[str(region.get("from_name") or "choice")] = _bare(labels)
    return found


def _is_label_studio(task: Object) -> bool:
    annotations = task.get("annotations")
    return isinstance(annotations, list) and any(
        _choices(each.get("result") or []) for each in annotations if isinstance(each, dict)
    )


def _argilla(record: Object) -> Iterator[Object]:
    """Version 1: a list of people's answers to all questions; version 2: a list of answers for each question."""
    inside = record.get("fields")
    base = {"id": record.get("id"), **(inside if isinstance(inside, dict) else {})}
    responses = record["responses"]
    answers: Iterator[Object]
    if isinstance(responses, dict):
        answers = (
            {name: each.get("value"), "annotator": each.get("user_id"), "status": each.get("status")}
            for name, given in responses.items()
            for each in given
        )
    else:
        answers = (
            {name: value.get("value") if isinstance(value, dict) else value for name, value in each["values"].items()}
            | {"annotator": each.get("user_id"), "status": each.get("status")}
            for each in responses
        )
    found = [base | answer for answer in answers]
    yield from found or [base]


def _is_argilla(record: Object) -> bool:
    match record.get("responses"):
        case [{"values": dict()}, *_]:
            return True
        case dict() as questions:
            return any(isinstance(each, list) and each and "value" in each[0] for each in questions.values())
        case _:
            return False


def _argilla_rows(record: Object) -> Iterator[Object]:
    """Argilla's data sets as tables: ``kind.responses`` with the people and what became of each beside it."""
    names = [name.removesuffix(_RESPONSES) for name, value in record.items() if name.endswith(_RESPONSES)]
    base = {
        name: value
        for name, value in record.items()
        if not any(name.startswith(f"{each}{_RESPONSES}") for each in names)
    }
    for name in names:
        answers = record[f"{name}{_RESPONSES}"] or []
        people, states = (record.get(f"{name}{_RESPONSES}.{part}") or [] for part in ("users", "status"))
        if not answers:
            yield base
        for place, answer in enumerate(answers):
            yield base | {
                name: answer,
                "annotator": people[place] if place < len(people) else None,
                "status": states[place] if place < len(states) else None,
            }


_RESPONSES = ".responses"


def _with_fields(record: Object) -> Iterator[Object]:
    """A ticket system's own fields are columns."""
    rest = {name: value for name, value in record.items() if name != _FIELDS}
    yield rest | {f"{_FIELDS}.{each.get('id')}": each.get("value") for each in record.get(_FIELDS) or []}


_FIELDS = "custom_fields"


def _has_fields(record: Object) -> bool:
    match record.get(_FIELDS):
        case [{"id": _, "value": _}, *_] as found:
            return all(isinstance(each, dict) for each in found)
        case _:
            return False


def _bare(labels: Sequence[Any]) -> object:
    return labels[0] if len(labels) == 1 else list(labels)


def _named_labels(record: Object) -> Iterator[Object]:
    yield record | {"labels": _bare([each["name"] for each in record.get("labels") or []]) or None}


def _has_named_labels(record: Object) -> bool:
    match record.get("labels"):
        case [{"name": str()}, *_] as found:
            return all(isinstance(each, dict) and isinstance(each.get("name"), str) for each in found)
        case _:
            return False


_TOOLS = (
    _Tool("Label Studio", _is_label_studio, _label_studio),
    _Tool("Argilla", _is_argilla, _argilla),
    _Tool("Argilla", lambda record: any(name.endswith(_RESPONSES) for name in record), _argilla_rows),
    _Tool("a chat log", chats.is_chat, chats.opened, chats.tidied),
    _Tool("a ticket system", _has_fields, _with_fields),
    _Tool("an issue tracker", _has_named_labels, _named_labels),
)
