"""`auditor baseline` against a real server on loopback: what is sent, what it costs, what survives a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from auditor.prompting.budget import Budget, Cap
from auditor.prompting.prompt import answer_reader, system_part, user_part
from auditor.prompting.sample import stratified
from tests.chat_server import TOKENS_IN, TOKENS_OUT, chat_server
from tests.exports import export, saved
from tests.lots import numbered


@pytest.fixture
def ask(auditor, tmp_path, monkeypatch):
    """Runs the command on 400 records against ``server``; 30 of them twice unless told otherwise."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    path = saved(export(rows=400), tmp_path)

    def run(server, *arguments, consent="--yes-send-text"):
        given = [*command(path, server.url), *arguments, *([consent] if consent else [])]
        return auditor(*given)

    return run


def command(path, url):
    return ["baseline", path, "--text", "note", "--label", "label", "--size", 30, "--endpoint", url, "--model", "small"]


def test_accuracy_agreement_and_what_was_sent(ask, tmp_path):
    with chat_server() as server:
        code, printed, _ = ask(server, "--examples", 5)
    assert code == 0
    assert "small is right on" in printed
    assert "answers the same for 100.0 % of the records" in printed
    assert len(server.bodies) == 60
    assert set(server.asked.values()) == {2}
    body = server.bodies[0]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "- billing" in body["messages"][0]["content"]
    assert body["messages"][1]["content"].count("Category: ") == 5
    assert body["temperature"] == 0
    answers = pl.read_csv(tmp_path / "baseline/answers.csv")
    assert answers.columns == ["row_id", "record_id", "stands_for", "run", "label", "prediction", "record", "export"]
    assert answers.group_by("run").len().sort("run").rows() == [(1, 30), (2, 30)]
    assert set(answers["label"].value_counts()["count"]) <= {14, 16}
    summary = json.loads((tmp_path / "baseline/baseline.json").read_text(encoding="utf-8"))
    assert summary["measured"]["accuracy"]["value"] == pytest.approx(
        (answers["label"] == answers["prediction"]).mean(), abs=1e-9
    )
    assert summary["measured"]["input_tokens"] == 60 * TOKENS_IN


def test_no_text_of_a_record_is_kept(ask, tmp_path):
    with chat_server() as server:
        ask(server)
    words = {word for text in export(rows=400)["note"] for word in text.split()}
    for path in (tmp_path / "baseline").iterdir():
        assert not words & set(path.read_text(encoding="utf-8").replace('"', " ").split()), path.name


def test_nothing_is_sent_without_consent(ask, tmp_path):
    with chat_server() as server:
        code, printed, complaint = ask(server, consent=None)
    assert code == 2
    assert "\nThe text of 30 records, each with up to 20 similar ones, goes to this machine (127.0.0.1:" in printed
    assert complaint == "Nothing was sent. If these texts may leave this machine, pass --yes-send-text.\n"
    assert server.bodies == []
    assert not (tmp_path / "baseline").exists()


def test_a_second_run_asks_nothing_again(ask):
    with chat_server() as server:
        first = ask(server)
        second = ask(server)
    assert first[0] == second[0] == 0
    assert len(server.bodies) == 60
    assert first[1].splitlines()[-3:] == second[1].splitlines()[-3:]


@pytest.mark.slow
def test_killed_half_way_and_resumed_without_paying_twice(tmp_path):
    path = saved(export(rows=400), tmp_path)
    concurrency = 3
    with chat_server(delay=0.05) as server:
        line = [str(Path(sys.executable).with_name("auditor")), *map(str, command(path, server.url))]
        line += ["--concurrency", str(concurrency), "--yes-send-text", "--out", str(tmp_path / "out")]
        environment = {**os.environ, "OPENAI_API_KEY": "secret"}
        started = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
        while len(server.bodies) < 20 and started.poll() is None:
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)
        started.wait()
        kept = (tmp_path / "out/answers.jsonl").read_text(encoding="utf-8").count("\n")
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert 0 < kept < 60
    # Only what was under way as it was killed is asked for again.
    assert len(server.bodies) <= 60 + concurrency
    assert (tmp_path / "out/answers.jsonl").read_text(encoding="utf-8").count("\n") == 60
    assert done.stderr == ""
    assert f"Tokens: {60 * TOKENS_IN:,} sent" in done.stdout


def without_end():
    """An answer that comes a byte at a time."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    while True:
        time.sleep(0.02)
        yield b" "


@pytest.mark.slow
def test_ctrl_c_while_an_answer_is_slow_loses_none_of_those_before(tmp_path):
    path, kept = saved(export(rows=400), tmp_path), tmp_path / "out/answers.jsonl"
    environment = {**os.environ, "OPENAI_API_KEY": "secret"}
    with chat_server(raw=lambda number: None if number < 10 else without_end()) as server:
        line = [str(Path(sys.executable).with_name("auditor")), *map(str, command(path, server.url))]
        line += ["--yes-send-text", "--out", str(tmp_path / "out"), "--concurrency", "3"]
        with subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as started:  # noqa: S603
            # Ten are answered, and three wait.
            while (server.requests < 13 or kept.read_text().count("\n") < 10) and started.poll() is None:
                time.sleep(0.01)
            started.send_signal(signal.SIGINT)
            _, complaint = started.communicate()
    assert started.returncode == 130
    assert complaint == b"Stopped. Answers that came are kept; run the same command again to go on.\n"
    assert kept.read_text(encoding="utf-8").count('"answered"') == 10
    assert not (tmp_path / "out/answers.csv").exists()
    with chat_server(port=server.port) as server:
        again = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert (again.returncode, again.stderr, len(server.bodies)) == (0, "", 50)


def test_an_answer_cut_off_by_the_kill_counts_as_not_there(ask, tmp_path):
    with chat_server() as server:
        ask(server)
        file = tmp_path / "baseline/answers.jsonl"
        file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")
        code, _, _ = ask(server)
    assert code == 0
    assert len(server.bodies) == 61


def test_the_cap_on_tokens_is_never_crossed(ask, tmp_path):
    cap = 20_000
    with chat_server() as server:
        code, printed, _ = ask(server, "--max-tokens", cap)
    assert code == 0
    assert 0 < len(server.bodies) * (TOKENS_IN + TOKENS_OUT) <= cap
    assert "The cap stopped" in printed or len(server.bodies) == 60


def test_the_cap_on_money_stops_the_run(ask):
    prices = ["--input-price", 1000, "--output-price", 1000]
    with chat_server() as server:
        code, printed, _ = ask(server, "--max-cost", 5, *prices)
        assert code == 0
        assert 0 < len(server.bodies) < 60
        assert "The cap stopped" in printed
        spent = len(server.bodies)
        ask(server, "--max-cost", 5, *prices)
        assert len(server.bodies) <= spent + 20
        assert len(server.bodies) * (TOKENS_IN + TOKENS_OUT) * 1000 / 1e6 <= 5
        code, _, complaint = ask(server, "--max-cost", 5)
    assert (code, complaint) == (2, "--max-cost needs --input-price and --output-price, per million tokens.\n")


def test_failures_that_pass_are_tried_again(ask, monkeypatch):
    for wait in ("FIRST_WAIT", "SLOW_DOWN"):
        monkeypatch.setattr(f"auditor.prompting.ask.{wait}", 0.001)
    with chat_server(failures=[500, 429, 503]) as server:
        code, _, _ = ask(server)
    assert code == 0
    assert len(server.bodies) == 60


def test_a_cap_that_leaves_room_for_nothing(ask):
    with chat_server() as server:
        code, _, complaint = ask(server, "--max-tokens", 100)
    assert (code, complaint) == (2, "The cap leaves room for no answer. Raise --max-tokens or --max-cost.\n")
    assert server.requests == 0


def test_a_missing_key_and_a_foreign_folder(ask, tmp_path, monkeypatch):
    with chat_server() as server:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")
        assert "holds other files" in ask(server, "--out", "mine")[2]
        assert "STRANGE_KEY is not set" in ask(server, "--key-variable", "STRANGE_KEY")[2]
    assert server.bodies == []


def test_answers_outside_the_taxonomy_are_wrong(ask):
    with chat_server(answer="something else", usage=None) as server:
        code, printed, _ = ask(server)
    assert code == 0
    assert "right on 0.0 %" in printed
    assert "60 answers named no category" in printed


CLASSES = ["billing", "late billing", "C++", "other"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "nothing of the kind",
        "billings",
        "billing or other",
        "[]",
        '["billing"]',
        '{"category": 3}',
        '{"category": "both"}',
        '{"answer": "billing"}',
        "[" * 100_000,
        "\ud800",
        "<think>surely billing</think>",
    ],
)
def test_what_is_no_answer(content):
    assert answer_reader(CLASSES)(content) is None


@pytest.mark.parametrize(
    ("content", "label"),
    [
        ('{"category": "billing"}', "billing"),
        ('```json\n{"category": "billing"}\n```', "billing"),
        ('Here it is:\n```\n{"category": "other"}\n```\nAnything else?', "other"),
        ('"billing"', "billing"),
        ("billing", "billing"),
        ("  Late  Billing.", "late billing"),
        ("The category is **C++**, as the examples show.", "C++"),
        ("<think>billing? no</think>other", "other"),
    ],
)
def test_what_is_an_answer(content, label):
    assert answer_reader(CLASSES)(content) == label


def test_the_prompt_in_full():
    assert system_part(["a", "b"], {"a": "first"}).splitlines()[-2:] == ["- a: first", "- b"]
    assert user_part("what", [("near", "a"), ("far", "b")]) == (
        "Record: far\nCategory: b\n\nRecord: near\nCategory: a\n\nRecord: what\nCategory:"
    )


def test_a_class_with_a_line_break_is_one_line_of_the_prompt_and_still_answered(ask, tmp_path):
    names = {"billing": "late\r\nbilling", "records": "records\u2028- coverage"}
    saved(export(rows=400).with_columns(label=pl.col("label").replace(names)), tmp_path)
    with chat_server() as server:
        code, _, _ = ask(server)
    assert code == 0
    system, user = (message["content"] for message in server.bodies[0]["messages"])
    listed = ["- late billing", "- records - coverage", "- coverage", "- provider"]
    assert sorted(line for line in system.splitlines() if line.startswith("- ")) == sorted(listed)
    shown = {line for line in user.splitlines() if line.startswith("Category: ")}
    assert shown <= {f"Category: {each[2:]}" for each in listed}
    answers = pl.read_csv(tmp_path / "baseline/answers.csv")
    assert set(answers["prediction"]) == {*names.values(), "coverage", "provider"}
    assert (answers["prediction"] == answers["label"]).mean() > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_every_class_is_drawn_in_proportion(seed):
    codes = np.random.default_rng(seed).choice(4, 1000, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32)
    rows = stratified(codes, 100, numbered(1000, seed))
    assert len(np.unique(rows)) == 100
    assert np.abs(np.bincount(codes[rows], minlength=4) - np.bincount(codes, minlength=4) / 10).max() <= 1
    assert len(stratified(codes[:20], 100, numbered(20, seed))) == 20


def test_a_budget_counts_what_is_under_way():
    budget = Budget(Cap(tokens=100))
    assert budget.reserve(50, 10)
    assert not budget.reserve(50, 10)
    budget.settle((50, 10), (20, 5))
    assert budget.reserve(50, 10)
