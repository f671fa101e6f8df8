"""The history of runs: kept once, read by anybody, compared beyond noise."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from auditor.api import audit
from auditor.config import Config
from auditor.errors import ConfigError, InputError
from auditor.history.compare import Change, compared
from auditor.history.record import read, slim
from auditor.history.store import before, keep, records
from auditor.history.words import said, verdict
from auditor.model import Content
from checks import ALL_CHECKS
from reports import to_json
from tests.exports import ROLES, export, saved
from tests.test_cli import tree
from tests.test_outputs import DATED, ENVIRONMENT

ROWS = 1200


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What the history keeps of one real audit."""
    folder = tmp_path_factory.mktemp("kept")
    slow = {f"STA00{number}" for number in (2, 5, 6, 8)}
    quick = tuple(check.code for check in ALL_CHECKS if check.code not in slow)
    result, _ = audit(Config(export=saved(export(ROWS), folder, "in-2026-10.parquet"), select=quick, **ROLES))
    return slim(json.loads(to_json(result)), result.run.content)


def changed(kept, days=0, rows=ROWS, estimates=None, measured=None, limits=None, statuses=None, **run):
    """A later record, with other figures; an estimate is (value, low, high)."""
    record = copy.deepcopy(kept)
    report = record["report"]
    report["run"] |= run
    report["run"]["time"] = (datetime.fromisoformat(report["run"]["time"]) + timedelta(days=days)).isoformat()
    report["run"]["intake"]["rows_used"] = rows
    for name, (value, low, high) in (estimates or {}).items():
        report["estimates"][name] |= {"value": value, "low": low, "high": high}
    for check in report["checks"]:
        check["measurements"] |= {
            name: value for name, value in (measured or {}).items() if name in check["measurements"]
        }
    for name, value in (limits or {}).items():
        report["effective_config"]["limits"][name]["passes"] = value
    for gate in report["gates"]:
        gate["status"] = (statuses or {}).get(gate["id"], gate["status"])
        for each in gate["evidence"]:
            observed, status = (statuses or {}).get(each["measurement"], (each["observed"], each["status"]))
            each |= {"observed": observed, "status": status}
    return record


def pair(kept, **change):
    return compared(read(kept, "a"), read(changed(kept, days=1, **change), "b"))


def figure(found, name):
    return next(each for each in found.named if each.measurement == name)


FIGURES = {
    "the same": ({}, "label_noise_rate", Change.SAME),
    "5 points of noise": (
        {"estimates": {"label_noise_rate": (0.05, 0.04, None)}}, "label_noise_rate", Change.WORSE),
    "1 point of noise, which is little": (
        {"estimates": {"label_noise_rate": (0.01, 0.009, None)}}, "label_noise_rate", Change.WITHIN),
    "5 points that may be chance": (
        {"estimates": {"label_noise_rate": (0.05, 0.0, None)}}, "label_noise_rate", Change.WITHIN),
    "5 points of accuracy": ({"measured": {"accuracy_given_labels": 0.95}}, "accuracy_given_labels", Change.WORSE),
    "repeats": ({"estimates": {"near_duplicate_share": (0.1, 0.09, 0.11)}}, "near_duplicate_share", Change.WORSE),
}  # fmt: skip


@pytest.mark.parametrize(("change", "name", "expected"), FIGURES.values(), ids=FIGURES)
def test_a_named_figure_is_worse_by_two_points_and_beyond_noise(kept, change, name, expected):
    found = pair(kept, **change)
    assert figure(found, name).change is expected
    assert found.worse == (expected is Change.WORSE)
    assert (figure(found, name).label in verdict(found)) == found.worse


@pytest.mark.parametrize(
    ("change", "name", "gone"),
    [
        (lambda report: report["classes"][0].update(label="renamed"), "lost_classes", "classes"),
        (lambda report: report["segments"][0].update(rows=60), "lost_sources", "segments"),
        (lambda report: report["segments"].pop(0), "lost_sources", "segments"),
    ],
)
def test_a_class_or_source_that_went_missing_is_named(kept, change, name, gone):
    record = changed(kept, days=1)
    change(record["report"])
    first = kept["report"][gone][0]
    found = compared(read(kept, "a"), read(record, "b"))
    assert found.worse
    assert figure(found, name).names == (first.get("label") or first["value"],)
    assert [each.measurement for each in found.named if each.change is Change.WORSE] == [name]


def test_over_all_five_figures_one_false_alarm_in_twenty(kept):
    """A change that is beyond noise by itself (p = 0.03) is within it among five (Holm)."""
    before_, after = (0.05, 0.05 - 0.0175, None), (0.0783, 0.0783 - 0.0175, None)
    older = read(changed(kept, estimates={"label_noise_rate": before_}), "a")
    found = compared(older, read(changed(kept, days=1, estimates={"label_noise_rate": after}), "b"))
    assert figure(found, "label_noise_rate").change is Change.WITHIN


GATES = {
    "better": ({"statuses": {"governance": "pass"}}, False),
    "a gate that is not known any more": ({"statuses": {"volume": "unknown"}}, True),
    "a count": ({"statuses": {"governance": "fail", "unanswered_questions": (14, "fail")}}, True),
    "a share far beyond noise": ({"statuses": {"patterns": "fail", "confused_share": (0.2, "fail")},
                                  "measured": {"confused_share": 0.2}}, True),
    "a share just over its limit": ({"statuses": {"patterns": "fail", "confused_share": (0.001, "fail")},
                                     "measured": {"confused_share": 0.001}}, False),
    "a figure whose noise nobody knows": (
        {"statuses": {"stability": "fail", "decay_at_horizon": (0.2, "fail")}}, False),
}  # fmt: skip


@pytest.mark.parametrize(("change", "fell"), GATES.values(), ids=GATES)
def test_a_gate_falls_by_a_figure_beyond_noise(kept, change, fell):
    found = pair(kept, **change)
    assert [gate.fell for gate in found.gates].count(True) == fell == found.worse
    assert ("fell from" in verdict(found)) == fell


OBSTACLES = {
    "version": ({"tool_version": "9.9"}, "two versions of auditor (0.1.0 and 9.9)"),
    "limits": ({"limits": {"conflict_rate": 0.5}}, "The limits differ"),
}


@pytest.mark.parametrize(("change", "sentence"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_is_no_fair_pair_is_said_and_never_worse(kept, change, sentence):
    found = pair(kept, **change, statuses={"volume": "unknown"})
    assert not found.worse
    assert sentence in verdict(found)
    assert any(sentence in line for line in said(found))


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("cost", {"error_cost": 3.0}, "The prices differ"),
        ("window", "12m", "The slice of time differs"),
        ("horizon", 3, "The horizon differs"),
    ],
)
def test_other_settings_are_no_fair_pair(kept, key, value, sentence):
    record = changed(kept, days=1)
    record["report"]["effective_config"][key] = value
    assert sentence in verdict(compared(read(kept, "a"), read(record, "b")))


def test_where_the_newer_export_holds_the_older_one_the_new_rows_are_compared(kept):
    """2 % of 2,400 wrong after 0 % of 1,200: of the records that came, 4 % are."""
    later = changed(kept, days=30, rows=2 * ROWS, estimates={"label_noise_rate": (0.02, 0.015, None)})
    sample = sorted({*kept["sample"], *(f"{key:016x}" for key in range(2**63, 2**63 + 256))})[:256]
    found = compared(read(kept, "a"), read(later | {"sample": sample}, "b"))
    assert found.new_rows is None
    later["report"]["run"]["content_fingerprint"] = "other"
    found = compared(read(kept, "a"), read(later | {"sample": sample}, "b"))
    assert found.new_rows == ROWS
    assert figure(found, "label_noise_rate").after == pytest.approx(0.04)
    assert "1,200 records" in "\n".join(said(found))
    other = [f"{int(key, 16) ^ 1:016x}" for key in sample]
    assert compared(read(kept, "a"), read(later | {"sample": other}, "b")).new_rows is None


@pytest.mark.slow
def test_an_export_that_grew_holds_the_one_before(tmp_path):
    """Of the last third, a tenth repeat an earlier text."""
    data = export(900).sort("day")
    grown = data.with_columns(
        note=pl.when(pl.int_range(pl.len()).is_between(600, 629)).then(pl.col("note").first()).otherwise("note")
    )

    def run(frame):
        select = ("VOL001", "VOL002", "LAB002")
        result, _ = audit(Config(export=saved(frame, tmp_path, "in.parquet"), select=select, **ROLES))
        return read(slim(json.loads(to_json(result)), result.run.content), "")

    found = compared(run(data.head(600)), run(grown.sample(fraction=1, shuffle=True, seed=3)))
    assert found.new_rows == 300
    repeats = figure(found, "near_duplicate_share")
    assert (repeats.before, repeats.after, repeats.change) == (0, pytest.approx(0.1, abs=1e-4), Change.WORSE)
    assert compared(run(data.head(600)), run(grown.tail(400))).new_rows is None


def test_the_same_records_again_are_said_to_be(kept):
    assert "Both runs read the same records." in said(pair(kept))
    assert "Both runs read the same records." in said(compared(read(kept["report"], "a"), read(kept, "b")))


def test_records_lie_side_by_side_and_never_replace_one_another(kept, tmp_path):
    files = [keep(tmp_path / "h", kept) for _ in range(3)]
    assert len(set(files)) == 3
    assert {path.name for path in (tmp_path / "h").iterdir()} == {path.name for path in files}
    assert records(tmp_path / "h") == (read(kept, ""),) * 3


WRITER = """
import json, sys
from pathlib import Path
from auditor.history.store import keep, records
kept = json.loads(Path(sys.argv[1]).read_text())
for number in range(10):
    kept["report"]["run"]["id"] = "same" if number % 2 else f"{sys.argv[3]}-{number}"
    keep(Path(sys.argv[2]), kept)
    assert records(Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_twenty_writers_at_once_lose_nothing(kept, tmp_path):
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    arguments = [str(tmp_path / "kept.json"), str(tmp_path / "h")]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, *arguments, str(number)], env=ENVIRONMENT)  # noqa: S603
        for number in range(20)
    ]
    assert [writer.wait() for writer in writers] == [0] * 20
    found = [record.id for record in records(tmp_path / "h")]
    assert len(found) == 200
    assert found.count("same") == 100
    assert len(set(found)) == 101
    assert not [path for path in (tmp_path / "h").iterdir() if path.suffix != ".json"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "no report of auditor and no record"),
        ("[]", "no report of auditor and no record"),
        ("{}", "no report of auditor and no record"),
        ("[" * 100_000, "no report of auditor and no record"),
        ('{"history_schema": 2}', r"a newer auditor \(schema 2; this one reads 1\)"),
        ('{"history_schema": 1, "sample": [], "report": {"schema_version": "3.0"}}', r"newer auditor \(schema 3"),
        (
            '{"history_schema": 1, "sample": [], "report": {"schema_version": "1.4"}}',
            r"older .*Audit that export again",
        ),
        ('{"history_schema": 1, "sample": [], "report": {"schema_version": "2.1"}}', "no report of auditor"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(auditor, tmp_path, content, sentence):
    (tmp_path / "h").mkdir()
    (tmp_path / "h" / "x.json").write_text(content)
    with pytest.raises(InputError, match=sentence):
        records(tmp_path / "h")
    for command in (["history", "h"], ["compare", "h/x.json", "h/x.json"]):
        code, _, complaint = auditor(*command)
        assert (code, complaint.count("\n")) == (3, 1)


def test_a_report_of_the_schema_before_is_read(kept):
    older = copy.deepcopy(kept["report"]) | {"schema_version": "2.0"}
    del older["run"]["content_fingerprint"]
    assert read(older, "a") == replace(read(kept, "b"), content=Content())


def test_the_last_run_is_of_the_same_series(kept):
    def run(name, day):
        return read(changed(kept, days=day, source=name, id=f"{day}"), "")

    history = (run("in-2026-09.parquet", 3), run("in-2026-10.parquet", 2), run("other.parquet", 5))
    assert before(history, run("in-2026-11.parquet", 9)).id == "3"
    assert before(history, run("new.parquet", 9)) is None
    relabelled = replace(run("in-2026-11.parquet", 9), roles={"label": ("other",)})
    assert before(history, relabelled) is None


def test_no_history_is_one_sentence(auditor, tmp_path):
    assert auditor("history", "h")[::2] == (
        2, "There is no history at 'h'. `auditor run EXPORT --history DIR` starts one.\n"
    )  # fmt: skip
    (tmp_path / "h").mkdir()
    assert auditor("history", "h") == (0, "No run is kept in 'h' yet.\n", "")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_history_is_one_flat_table_with_every_figure(auditor, kept, tmp_path, kind):
    for day in range(2):
        keep(tmp_path / "h", changed(kept, days=day, id=f"run{day}"))
    code, _, said_ = auditor("history", "h", "--to", f"all.{kind}")
    assert (code, said_) == (0, "")
    table = (pl.read_csv if kind == "csv" else pl.read_parquet)(tmp_path / f"all.{kind}")
    assert set(table["run"]) == {"run0", "run1"}
    report = kept["report"]
    names = {name for check in report["checks"] for name in check["measurements"]} | set(report["estimates"])
    assert names <= set(table["figure"])
    passing = table.filter((pl.col("figure") == "unique_rows") & (pl.col("kind") == "limit"))
    assert passing.select("value", "gate", "status", "pass_limit").rows() == [(1200.0, "volume", "pass", 1000.0)] * 2
    before_ = tree(tmp_path)
    for target, sentence in ((f"all.{kind}", "exists"), ("all.xlsx", "must end in .csv or .parquet")):
        code, _, complaint = auditor("history", "h", "--to", target)
        assert (code, sentence in complaint) == (2, True)
    assert tree(tmp_path) == before_


def test_a_history_is_listed_and_drawn(auditor, kept, tmp_path):
    for day, questions in enumerate((13, 9, 5)):
        statuses = {"unanswered_questions": (questions, "caution")}
        keep(tmp_path / "h", changed(kept, days=day, id=f"{day}", statuses=statuses))
    code, printed, _ = auditor("history", "h")
    assert code == 0
    assert printed.count("in-2026-10.parquet") == 4
    assert "! █▅▁            5  questions about the running" in printed


QUICK = 'select = ["VOL001", "VOL002", "LAB002"]\n'
NORTH_GONE = {"do": "drop", "where": {"payer": "north"}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plant", "settings", "fail_on", "code", "sentence"),
    [
        ([], QUICK, "worse", 0, "Nothing got worse beyond noise"),
        ([NORTH_GONE], QUICK, "worse", 13, "Worse: records of sources that lost more than half of their share (north)"),
        ([NORTH_GONE], QUICK, None, 0, "Worse: records of sources"),
        ([NORTH_GONE], f"{QUICK}[cost]\nerror_cost = 2\n", "worse", 0, "Not comparable: The prices differ"),
        ([NORTH_GONE], f"{QUICK}[limits]\nunique_rows = 5\n", "worse", 0, "Not comparable: The limits differ"),
    ],
)
def test_fail_on_worse(auditor, tmp_path, plant, settings, fail_on, code, sentence):
    saved(export(600), tmp_path, "in-1.parquet")
    saved(export(600, seed=1, plant=plant), tmp_path, "in-2.parquet")
    (tmp_path / "first.toml").write_text(QUICK)
    (tmp_path / "audit.toml").write_text(settings)
    kept_in = ["--segment", "payer", "--history", "h", "--fail-on"]
    first = auditor("run", "in-1.parquet", *DATED, "--config", "first.toml", "--out", "a", *kept_in, "worse")
    assert (first[0], first[2]) == (0, "")
    assert "'h' holds no earlier run of this export" in first[1]
    second = [
        "--config",
        "audit.toml",
        "--out",
        "b",
        *(kept_in if fail_on else kept_in[:-1]),
        *([fail_on] if fail_on else []),
    ]
    ended, printed, complaint = auditor("run", "in-2.parquet", *DATED, *second)
    assert (ended, complaint) == (code, "")
    assert sentence in printed
    assert len(records(tmp_path / "h")) == 2
    remembered = [json.loads((tmp_path / out / "report.json").read_text())["history"] for out in ("a", "b")]
    assert [len(past) for past in remembered] == [0, 1]
    assert sentence.split(":")[0] in auditor("compare", "a", "b")[1]


def test_github_shows_the_short_report_on_the_page_of_the_run(auditor, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    saved(export(120), tmp_path, "in.parquet")
    (tmp_path / "page.md").write_text("before\n")
    (tmp_path / "audit.toml").write_text(f"{QUICK}history = 'h'\n")
    assert auditor("run", "in.parquet", *DATED, "--config", "audit.toml", "--out", "a")[0] == 0
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.startswith("before\n" + (tmp_path / "a" / "report.md").read_text(encoding="utf-8"))
    assert "holds no earlier run of this export" in page.replace("\\", "")


def test_worse_than_what_is_asked_before_the_audit(auditor, tmp_path):
    saved(export(60), tmp_path, "in.parquet")
    before_ = tree(tmp_path)
    code, printed, complaint = auditor("run", "in.parquet", *DATED, "--fail-on", "worse")
    assert (code, printed) == (2, "")
    assert "--history DIR" in complaint
    assert tree(tmp_path) == before_


def test_the_history_holds_no_text_of_a_record(kept):
    words = json.dumps(kept)
    for note in export(ROWS)["note"]:
        assert " ".join(note.split()[:3]) not in words
    assert {len(key) for key in kept["sample"]} == {16}


def test_nothing_but_a_folder_is_a_history(tmp_path):
    (tmp_path / "h").write_text("a file")
    with pytest.raises(ConfigError, match="no history"):
        records(Path(tmp_path / "h"))
