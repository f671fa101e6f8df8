"""Files for fine-tuning: the last question is the text, the answer the label, the rest is said or refused."""

from __future__ import annotations

import json

import pytest

from auditor.errors import InputError
from auditor.inputs import read_export
from auditor.inputs.sql import connect

FILED = [("claim denied", "late"), ("bill paid", "coding"), ("no answer", "late")]


def read(folder, objects):
    """The columns of the export, and what is said of it."""
    path = folder / "chats.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")
    con = connect()
    source = read_export(con, str(path))
    columns = {name: con.sql(f'SELECT "{name}" FROM export').fetchall() for name in source.names}
    said = " ".join(notice.text for notice in source.notices)
    return {name: [value for (value,) in values] for name, values in columns.items()}, said


def says(*turns, **rest):
    return {"messages": [{"role": role, "content": content} for role, content in turns], **rest}


FORMS = {
    "openai": lambda ask, answer: says(("system", "File it."), ("user", ask), ("assistant", answer)),
    "anthropic": lambda ask, answer: says(
        ("user", [{"type": "text", "text": ask}]), ("assistant", answer), system="File it."
    ),
    "bedrock": lambda ask, answer: says(
        ("user", [{"text": ask}]), ("assistant", [{"text": answer}]), system=[{"text": "File it."}]
    ),
    "gemini": lambda ask, answer: {
        "systemInstruction": {"role": "system", "parts": [{"text": "File it."}]},
        "contents": [{"role": "user", "parts": [{"text": ask}]}, {"role": "model", "parts": [{"text": answer}]}],
    },
    "sharegpt": lambda ask, answer: {
        "conversations": [
            {"from": "system", "value": "File it."},
            {"from": "human", "value": ask},
            {"from": "gpt", "value": answer},
        ]
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_the_question_is_the_text_and_the_answer_the_label(tmp_path, form):
    columns, said = read(tmp_path, [FORMS[form](*pair) for pair in FILED])
    assert columns == {"user": [ask for ask, _ in FILED], "assistant": [answer for _, answer in FILED]}
    assert "The system prompt is the same in every chat and is left out." in said


def test_system_prompts_that_differ_and_other_keys_are_columns(tmp_path):
    chats = [
        says(("system", f"File {n}."), ("user", ask), ("assistant", to), day=n) for n, (ask, to) in enumerate(FILED)
    ]
    columns, said = read(tmp_path, chats)
    assert columns["system"] == ["File 0.", "File 1.", "File 2."] and columns["day"] == [0, 1, 2]
    assert "system prompt" not in said


def test_of_several_turns_the_last_is_read_and_said(tmp_path):
    several = says(
        ("user", "hello"), ("assistant", "hi"), ("user", "bill paid"), ("assistant", "coding"), ("user", "ok")
    )
    columns, said = read(tmp_path, [several, FORMS["openai"](*FILED[0])])
    assert (columns["user"][0], columns["assistant"][0]) == ("bill paid", "coding")
    assert "1 of 2 chats have several turns" in said


def test_an_answer_of_weight_0_is_no_label(tmp_path):
    turns = [("user", "a"), ("assistant", "late"), ("user", "b"), ("assistant", "coding")]
    weighed = says(*turns)
    weighed["messages"][3]["weight"] = 0
    alone = says(*turns[:2])
    alone["messages"][1]["weight"] = 0
    columns, said = read(tmp_path, [weighed, alone, FORMS["openai"](*FILED[0])])
    assert columns["assistant"] == ["late", None, "late"] and columns["user"][:2] == ["a", "a"]
    assert "2 answers have weight 0" in said and "1 of 3 chats have no answer to train on" in said


def test_a_call_of_a_tool_is_the_label(tmp_path):
    def called(arguments, name="file"):
        call = {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
        chat = says(("user", "a"), tools=[{"type": "function", "function": {"name": name}}])
        chat["messages"].append({"role": "assistant", "content": None, "tool_calls": [call]})
        return chat

    chats = [called('{"class": "late"}'), called('{"n": 1, "m": 2}', "refund"), called("no JSON", "close")]
    columns, said = read(tmp_path, chats)
    assert columns["assistant"] == ["late", "refund", "close"] and set(columns) == {"user", "assistant"}
    assert "3 of 3 chats hold tools" in said


def test_pictures_are_left_out_and_said(tmp_path):
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:x"}}]
    columns, said = read(tmp_path, [says(("user", parts), ("assistant", "late"))] * 2)
    assert columns["user"] == ["look", "look"]
    assert "2 of 2 chats hold images or other parts that are no text" in said


@pytest.mark.parametrize(
    "pair",
    [
        {"input": says(("user", "a")), "preferred_output": [], "non_preferred_output": []},
        says(("user", "a"), chosen="late", rejected="coding"),
    ],
)
def test_pairs_of_answers_are_refused(tmp_path, pair):
    with pytest.raises(InputError, match="a preferred and a rejected answer"):
        read(tmp_path, [pair, pair])
