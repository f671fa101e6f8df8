"""JSON of labelling tools, chats and interfaces: one flat object for each record and person."""

import pytest

from auditor.inputs.tools import inner_records, opened


def of_label_studio(*choices, cancelled=False):
    result = [{"from_name": "kind", "type": "choices", "value": {"choices": list(choices)}}]
    return {"completed_by": 7, "was_cancelled": cancelled, "result": result, "created_at": "2024-01-31"}


def task(*annotations):
    return {"id": 1, "data": {"text": "a note"}, "annotations": list(annotations), "predictions": []}


FIELDS = {"id": 1, "text": "a note", "annotator": 7, "created_at": "2024-01-31"}


@pytest.mark.parametrize(
    ("annotations", "records"),
    [
        ([of_label_studio("late")], [FIELDS | {"kind": "late"}]),
        ([of_label_studio("late", "code")], [FIELDS | {"kind": ["late", "code"]}]),
        ([of_label_studio("late"), of_label_studio("code")], [FIELDS | {"kind": "late"}, FIELDS | {"kind": "code"}]),
        ([of_label_studio("late"), of_label_studio("late", cancelled=True)], [FIELDS | {"kind": "late"}, FIELDS]),
    ],
    ids=["one", "several choices", "two people", "cancelled"],
)
def test_each_annotation_of_label_studio_is_a_record(annotations, records):
    assert opened([task(*annotations)])[:2] == (records, "Label Studio")


def test_a_task_that_nobody_labelled_is_a_record_without_a_label():
    records, *_ = opened([task(of_label_studio("late")), task()])
    assert records[1] == {"id": 1, "text": "a note"}


def test_a_path_of_label_studio_is_one_name():
    result = [{"from_name": "kind", "value": {"taxonomy": [["Front", "Late"]]}}]
    records, *_ = opened([task({"completed_by": {"email": "ann"}, "result": result})])
    assert (records[0]["kind"], records[0]["annotator"]) == ("Front > Late", "ann")


SAID = {"annotator": "u1", "status": "submitted"}


@pytest.mark.parametrize(
    "record",
    [
        {
            "id": 1,
            "fields": {"text": "a note"},
            "responses": [{"user_id": "u1", "status": "submitted", "values": {"kind": {"value": "late"}}}],
        },
        {
            "id": 1,
            "fields": {"text": "a note"},
            "responses": {"kind": [{"user_id": "u1", "status": "submitted", "value": "late"}]},
        },
        {
            "id": 1,
            "text": "a note",
            "kind.responses": ["late"],
            "kind.responses.users": ["u1"],
            "kind.responses.status": ["submitted"],
        },
    ],
    ids=["first version", "second version", "as a table"],
)
def test_each_response_of_argilla_is_a_record(record):
    assert opened([record])[:2] == ([{"id": 1, "text": "a note", "kind": "late"} | SAID], "Argilla")


def test_the_last_answer_of_a_chat_is_the_label_of_the_question_before_it():
    said = [
        ("system", "Name it."),
        ("user", "a note"),
        ("assistant", "which?"),
        ("user", "this"),
        ("assistant", "late"),
    ]
    messages = [{"role": role, "content": content} for role, content in said]
    records, *_ = opened([{"id": 1, "messages": messages}])
    assert records == [{"id": 1, "user": "this", "assistant": "late"}]


def test_own_fields_of_a_ticket_system_are_columns():
    records, *_ = opened([{"id": 1, "custom_fields": [{"id": 77, "value": "late"}, {"id": 78, "value": None}]}])
    assert records == [{"id": 1, "custom_fields.77": "late", "custom_fields.78": None}]


def test_labels_of_an_issue_tracker_are_their_names():
    of = [{"id": 1, "labels": [{"id": 5, "name": "late"}]}, {"id": 2, "labels": []}]
    assert opened(of)[:2] == ([{"id": 1, "labels": "late"}, {"id": 2, "labels": None}], "an issue tracker")


def test_objects_of_no_tool_stay_as_they_are():
    assert opened([{"text": "a note", "annotations": [], "messages": "none", "responses": 3}]) is None


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        ({"count": 2, "tickets": [{"id": 1}]}, ([{"id": 1}], "in its list 'tickets'")),
        ({"-Na": {"id": 1}, "-Nb": {"id": 2}}, ([{"id": 1}, {"id": 2}], "each under a key of its own")),
        ({"id": {"0": 1, "1": 2, "2": 3}, "note": {"0": "a", "1": "b", "2": "c"}}, None),
        ({"tickets": [{"id": 1}], "users": [{"id": 2}]}, None),
        ({"data": [[1, 2]]}, None),
        ([{"id": 1}], None),
    ],
)
def test_an_object_that_holds_all_records_gives_them(whole, found):
    assert inner_records(whole) == found
