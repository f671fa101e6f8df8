"""Which records `auditor baseline` sends: the draw or a sheet, and what no prompt shows beside them."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pytest

from auditor.evidence.groups import kin
from auditor.evidence.retrieval import nearest
from auditor.sheets import read_sheet
from tests.chat_server import chat_server
from tests.exports import export, saved
from tests.sheets import drawn


@pytest.fixture
def sent(auditor, tmp_path, monkeypatch):
    """The (record, examples) of each request about the rows of ``frame``, and the answers that came of it."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")

    def run(frame, *arguments):
        path = saved(frame, tmp_path)
        fixed = ["--text", "note", "--label", "label", "--id", "claim", "--model", "small", "--repeats", 1]
        with chat_server() as server:
            code, _, complaint = auditor(
                "baseline", path, *fixed, "--endpoint", server.url, "--yes-send-text", *arguments
            )
        assert (code, complaint) == (0, "")
        prompts = [body["messages"][1]["content"] for body in server.bodies]
        texts = [re.findall(r"^Record: (.*)$", prompt, re.MULTILINE) for prompt in prompts]
        return [(shown[-1], shown[:-1]) for shown in texts], pl.read_csv(tmp_path / "baseline/answers.csv")

    return run


def test_no_prompt_shows_its_record_its_near_duplicates_or_its_group(sent):
    frame = export(rows=120)
    near = frame.with_columns(claim=pl.col("claim") + "N", note=pl.col("note") + " once")
    other = export(rows=120, seed=5).with_columns(claim=frame["claim"])
    whole = pl.concat([frame, near, other])
    own = {text: {text, text.removesuffix(" once"), text + " once"} for text in [*frame["note"], *near["note"]]}
    beside = dict(zip(frame["note"], other["note"], strict=True))
    for text in frame["note"]:
        group = own[text] | own[text + " once"] | {beside[text]}
        own[text] = own[text + " once"] = own[beside[text]] = group
    asked, _ = sent(whole, "--size", 90, "--examples", 20)
    assert len(asked) == 90
    assert all(len(shown) == 20 for _, shown in asked)
    for record, shown in asked:
        assert not own[record] & set(shown)


def test_fewer_examples_where_the_rest_is_kin(sent):
    frame = pl.concat([export(rows=4), *[export(rows=1).with_columns(claim=pl.lit(f"D{n}")) for n in range(40)]])
    asked, _ = sent(frame, "--size", 44, "--examples", 20)
    assert {len(shown) for _, shown in asked} == {4, 20}


def test_a_sheet_is_asked_about_exactly_and_never_shown(sent, tmp_path):
    frame = export(rows=400)
    twin = frame.with_columns(claim=pl.col("claim") + "N", note=pl.col("note") + " once")
    whole = pl.concat([frame, twin])
    folder = drawn(whole, tmp_path / "sheet", size=60, second=0)
    rows = [row.row_id for row in read_sheet(folder).rows]
    asked, answers = sent(whole, "--sheet", folder, "--examples", 20)
    texts = whole["note"].to_list()
    assert [record for record, _ in asked[:1]] == [texts[rows[0]]]
    assert sorted(record for record, _ in asked) == sorted(texts[row] for row in rows)
    assert answers["row_id"].to_list() == rows
    assert answers["stands_for"].sum() == pytest.approx(len(whole))
    kept_apart = {text.removesuffix(" once") for text in (texts[row] for row in rows)}
    for _, shown in asked:
        assert len(shown) == 20
        assert not kept_apart & {text.removesuffix(" once") for text in shown}
    summary = json.loads((tmp_path / "baseline/baseline.json").read_text(encoding="utf-8"))
    assert summary["sheet"] == "sheet"


@pytest.mark.parametrize(("classes", "right"), [(("billing", "coverage"), 0.9), (("coverage", "billing"), 0.1)])
def test_the_rows_of_a_sheet_count_for_the_records_that_they_stand_for(auditor, tmp_path, monkeypatch, classes, right):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    # The model always says billing. Half of the sheet is drawn from a tenth of the records, which are of one class.
    most, few = classes
    frame = export(rows=400).with_columns(label=pl.Series([most] * 360 + [few] * 40))
    path, folder = saved(frame, tmp_path), drawn(frame, tmp_path / "sheet", size=40, second=0, first=360)
    fixed = ["--text", "note", "--label", "label", "--model", "small", "--repeats", 1, "--yes-send-text"]
    with chat_server(answer="billing") as server:
        code, printed, _ = auditor("baseline", path, *fixed, "--endpoint", server.url, "--sheet", folder)
    assert code == 0
    assert f"small is right on {100 * right:.1f} % of 40 records" in printed
    assert "judged by the given labels, weighted by the odds of the sheet's draw." in printed
    found = json.loads((tmp_path / "baseline/baseline.json").read_text(encoding="utf-8"))["measured"]["accuracy"]
    assert found["value"] == pytest.approx(right)
    assert found["low"] < right < found["high"]


@pytest.mark.slow
def test_the_audit_reads_the_answers_of_this_export_and_of_no_other(sent, auditor, tmp_path):
    frame = export(rows=400)
    _, answers = sent(frame, "--size", 60)
    summary = json.loads((tmp_path / "baseline/baseline.json").read_text(encoding="utf-8"))
    assert set(answers["export"]) == {summary["data_fingerprint"]}

    def audit(now: pl.DataFrame, out: str) -> tuple[int, str]:
        path = saved(now, tmp_path)
        roles = ["--text", "note", "--label", "label", "--time", "day", "--id", "claim"]
        code, _, complaint = auditor("run", path, *roles, "--baseline", "baseline/answers.csv", "--out", out)
        return code, complaint

    assert audit(frame, "first") == (0, "")
    code, complaint = audit(export(rows=400, seed=3), "second")
    assert (code, "another export" in complaint) == (3, True)
    at = int(answers["row_id"][0])
    edited = frame.with_columns(note=pl.when(pl.int_range(pl.len()) == at).then(pl.lit("new")).otherwise("note"))
    code, complaint = audit(edited, "third")
    assert (code, "1 of the 60 records" in complaint) == (3, True)


def test_a_host_answers_for_itself(auditor, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    path = saved(export(rows=120), tmp_path)
    fixed = ["--text", "note", "--label", "label", "--model", "small", "--repeats", 1, "--size", 30]
    with chat_server() as server, chat_server() as other:
        for host, sent in ((server, 30), (other, 30), (server, 30)):
            (tmp_path / "baseline/answers.csv").unlink(missing_ok=True)
            assert auditor("baseline", path, *fixed, "--endpoint", host.url, "--yes-send-text")[0] == 0
            assert host.requests == sent


@pytest.fixture
def refused(auditor, tmp_path, monkeypatch):
    """The complaint about the answers of a first run, which stay, when a second one asks otherwise."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")

    def run(first, second, before=lambda: None):
        fixed = ["baseline", "export.parquet", "--text", "note", "--label", "label", "--repeats", 1]
        with chat_server() as server, chat_server() as other:
            hosts = {"first": server.url, "other": other.url}
            ended = []
            for arguments in (first, second):
                said = {"--model": "small", "--size": 30, "--endpoint": "first"} | arguments
                said["--endpoint"] = hosts[said["--endpoint"]]
                ended.append(auditor(*fixed, "--yes-send-text", *(each for pair in said.items() for each in pair)))
                if len(ended) == 1:
                    before()
                    kept = {path.name: path.read_bytes() for path in (tmp_path / "baseline").iterdir()}
                    sent = server.requests
            assert (server.requests, other.requests) == (sent, 0)
        assert kept == {path.name: path.read_bytes() for path in (tmp_path / "baseline").iterdir()}
        assert [code for code, *_ in ended] == [0, 2]
        return ended[1][2]

    return run


@pytest.mark.parametrize(
    ("first", "second", "other"),
    [
        ({}, {"--sheet": "sheet"}, "--sheet"),
        ({"--sheet": "sheet"}, {}, "--sheet"),
        ({"--sheet": "sheet"}, {"--sheet": "another"}, "--sheet"),
        ({}, {"--model": "large"}, "--model"),
        ({}, {"--endpoint": "other"}, "--endpoint"),
        ({}, {"--size": 40}, "--size"),
        ({}, {"--seed": 1}, "--seed"),
        ({}, {"--examples": 3, "--temperature": 0.5}, "--examples, --temperature"),
        ({}, {"--label": "payer"}, "--label"),
    ],
)
def test_answers_never_take_the_place_of_others(refused, tmp_path, first, second, other):
    saved(export(rows=300), tmp_path)
    drawn(export(rows=300), tmp_path / "sheet", size=40)
    drawn(export(rows=300), tmp_path / "another", size=50)
    assert refused(first, second) == (
        f"The folder 'baseline' holds answers that were asked with another {other}. They are kept: choose another "
        "folder with --out.\n"
    )


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("[" * 100_000)])
def test_answers_of_which_nobody_knows_what_was_asked_are_kept(refused, tmp_path, damage):
    saved(export(rows=300), tmp_path)
    complaint = refused({}, {}, lambda: damage(tmp_path / "baseline/baseline.json"))
    assert "holds answers, and no baseline.json that says what was asked. They are kept" in complaint


def test_a_settings_file_that_names_answers_does_not_stop_new_ones(sent, tmp_path):
    (tmp_path / "audit.toml").write_text('baseline = "baseline/answers.csv"\n', encoding="utf-8")
    asked, _ = sent(export(rows=60), "--size", 30, "--config", "audit.toml")
    assert len(asked) == 30


def test_kin_hang_together_by_text_and_by_id():
    near = np.array([0, 0, 1, 2, 3, 4])
    groups = kin(near, pl.Series(["a", "b", "b", "c", "c", "d"]), None).groups
    assert [list(groups == groups[row]) for row in (0, 3, 5)] == [
        [True, True, True, False, False, False],
        [False, False, False, True, True, False],
        [False, False, False, False, False, True],
    ]


def test_the_nearest_that_may_be_shown():
    phi = np.array([[1.0], [0.9], [0.8], [0.7], [0.6]], np.float32)
    groups, apart = np.array([0, 0, 1, 2, 3]), np.array([False, False, False, True, False])
    found = nearest(phi, np.array([0, 4]), 3, groups, apart)
    assert [rows.tolist() for rows in found] == [[2, 4], [0, 1, 2]]
