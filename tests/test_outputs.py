"""What an audit writes: the contract of its files, the same again, and no text of any record."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from auditor import api
from auditor.config import Config
from auditor.history import earlier
from reports import OUTPUTS as RENDER
from reports.as_json import schema
from tests.exports import export, saved

GIVEN = ["--text", "note", "--label", "label", "--id", "claim", "--segment", "payer"]
DATED = [*GIVEN, "--time", "day"]
OUTPUTS = {"report.html", "report.json", "report.md", "rows.parquet"}
MAIN = "from auditor.cli import main; main()"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
UNTOLD = "quagmire zephyr told nobody"


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """One export with secrets and gaps, audited twice by the real command in its own process."""
    folder = tmp_path_factory.mktemp("cli")
    number = pl.int_range(pl.len())
    marked = pl.format("{} {} {}", "note", pl.lit(UNTOLD), number)
    data = export(300, plant=[{"do": "append", "text": "call 212-555-0147 RC-17", "where": {"label": "billing"}}])
    data = data.with_columns(
        note=pl.when(number % 50 == 7).then(marked).when(number % 50 == 9).then(pl.lit(" ")).otherwise("note"),
        label=pl.when(number % 50 == 7).then(None).when(number % 30 == 0).then(pl.lit("Billing ")).otherwise("label"),
        day=pl.when(number % 20 == 3).then(None).otherwise("day"),
    ).with_columns(note=pl.when(number % 60 == 11).then(marked).otherwise("note"))
    saved(data, folder, "in.parquet")
    runs = []
    for out in ("first", "second"):
        command = [sys.executable, "-c", MAIN, "run", "in.parquet", *DATED, "--out", out]
        runs.append(subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False))  # noqa: S603
    return folder, data, runs


def test_the_command_runs_in_a_process_of_its_own(audited):
    folder, _, runs = audited
    assert [(run.returncode, run.stderr) for run in runs] == [(0, ""), (0, "")]
    assert {path.name for path in folder.iterdir()} == {"in.parquet", "first", "second"}
    assert {path.name for path in (folder / "first").iterdir()} == OUTPUTS


def test_the_files_may_be_read_by_whom_the_umask_says(audited):
    folder, *_ = audited
    os.umask(allowed := os.umask(0))
    assert stat.S_IMODE((folder / "first").stat().st_mode) == 0o777 & ~allowed
    for path in (folder / "first").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~allowed, path.name


@pytest.mark.parametrize("place", [*sorted(OUTPUTS - {"rows.parquet"}), "terminal"])
def test_no_text_of_any_record_is_shown(audited, place):
    folder, data, runs = audited
    shown = runs[0].stdout if place == "terminal" else (folder / "first" / place).read_text(encoding="utf-8")
    assert len(shown) > 500
    words = " ".join(re.findall(r"\w+", shown.lower()))
    for secret in (UNTOLD, "quagmire", "zephyr", "212 555 0147"):
        assert secret not in words
    for note in data["note"].drop_nulls():
        opening = " ".join(re.findall(r"\w+", note.lower())[:4])
        assert not opening or opening not in words


def test_rows_parquet_has_one_line_per_input_row_in_input_order(audited):
    folder, data, _ = audited
    rows = pl.read_parquet(folder / "first" / "rows.parquet")
    modelled = {"suggested_label", "label_quality", "is_label_issue", "systematic", "fold"}
    assert {"row_id", "label", "duplicate_group", *modelled} <= set(rows.columns)
    assert not {"note", "text"} & set(rows.columns)
    assert rows["row_id"].to_list() == list(range(len(data)))
    assert rows["label"].to_list() == data["label"].to_list()
    usable = data["label"].is_not_null() & (data["note"].str.strip_chars() != "")
    assert 0 < usable.sum() < len(data)
    for column in modelled:
        assert rows[column].is_not_null().to_list() == usable.to_list(), column
    assert rows["label_quality"].drop_nulls().is_between(0, 1).all()
    assert set(rows["suggested_label"].drop_nulls()) <= {"billing", "coverage", "records", "provider"}
    assert rows["duplicate_group"].drop_nulls().value_counts()["count"].min() != 1


def test_report_json_follows_its_schema(audited):
    folder, data, _ = audited
    report = json.loads((folder / "first" / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, schema())
    intake = report["run"]["intake"]
    assert intake["rows_read"] == len(data)
    assert intake["missing_label"] == data["label"].null_count()
    assert intake["missing_date"] == data["day"].null_count()


def test_the_same_audit_gives_the_same_report(audited):
    folder, *_ = audited
    first, second = (json.loads((folder / out / "report.json").read_text()) for out in ("first", "second"))
    assert first["run"].pop("id") != second["run"].pop("id")
    for report in (first, second):
        assert report["effective_config"].pop("out")
        for of in (report["run"], *report["checks"]):
            of.pop("seconds")
        report["run"].pop("time")
    assert first == second
    assert pl.read_parquet(folder / "first" / "rows.parquet").equals(
        pl.read_parquet(folder / "second" / "rows.parquet")
    )


class Stopped(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 11, 14, 9, 30, tzinfo=UTC)


@pytest.mark.slow
def test_same_input_settings_and_clock_give_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(api, "datetime", Stopped)
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    path = saved(export(300), tmp_path, "in.parquet")
    settings = Config(export=path, text=("note",), label="label", time="day", include_examples=2)
    first, second = (api.audit(settings)[0] for _ in range(2))
    for render in RENDER.values():
        assert render(first) == render(second)


@pytest.mark.slow
def test_examples_are_masked_and_only_there_when_asked_for(tmp_path):
    number = pl.int_range(pl.len())
    secret = pl.format("Zoe Quagmire called 212-555-0147 on C{} about the zephyr. {}", number, "note")
    data = export(300, plant=[{"do": "flip", "where": {"share": 0.1}}])
    path = saved(data.with_columns(note=secret), tmp_path, "in.parquet")
    result, _ = api.audit(Config(export=path, text=("note",), label="label", include_examples=5))
    assert len({example.row_id for example in result.examples}) == 5
    for example in result.examples:
        assert data["label"][example.row_id] == example.label != example.suggested_label
        assert not re.search(r"\d|zoe|quagmire", example.text, re.I)
        assert "called" in example.text
    assert api.audit(Config(export=path, text=("note",), label="label"))[0].examples == ()


@pytest.mark.slow
def test_an_audit_remembers_those_that_it_replaces(tmp_path):
    path = saved(export(300), tmp_path, "in.parquet")
    settings = Config(export=path, text=("note",), label="label", out=str(tmp_path / "out"), force=True)
    results = []
    for _ in range(3):
        result, rows = api.audit(settings)
        api.write(result, rows, tmp_path / "out", force=True)
        results.append(result)
    assert [len(result.history) for result in results] == [0, 1, 2]
    first, second = results[2].history
    assert (first.time, second.time) == (results[0].run.time, results[1].run.time)
    assert (first.rows, first.decision) == (300, results[0].verdict.decision)
    assert first.figures["unique_rows"] == 300


@pytest.mark.parametrize("report", ["", "[]", "{}", '{"schema_version": "1.0", "run": {"roles": []}}'])
def test_a_damaged_report_is_no_history(tmp_path, report):
    (tmp_path / "report.json").write_text(report)
    assert earlier(tmp_path, "label") == ()


def test_segments_are_held_against_each_other(tmp_path):
    data = export(600, plant=[{"do": "flip", "where": {"payer": "north", "share": 0.4}}])
    settings = Config(
        export=saved(data, tmp_path, "in.parquet"), text=("note",), label="label", id="claim", segment=("payer",)
    )
    worst, *others = api.audit(settings)[0].segments
    assert (worst.column, worst.value) == ("payer", "north")
    assert worst.rows == data["payer"].to_list().count("north")
    assert worst.low > max(each.high for each in others)
    assert len(others) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere addresses are not limited")
def test_with_few_addresses_nothing_is_begun(audited):
    """Where charts are drawn, the process would be ended by the system, with the audit lost."""
    folder, *_ = audited
    (folder / "x.toml").write_text("[cost]\nerror_cost = 5\n", encoding="utf-8")
    few = "import resource; resource.setrlimit(resource.RLIMIT_AS, (8 * 10**9,) * 2); "
    for arguments in (["run", "in.parquet", *DATED, "--out", "few"], ["judge", "first", "--config", "x.toml"]):
        command = [sys.executable, "-c", few + MAIN, *arguments]
        run = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603
        assert run.returncode == 2
        assert run.stderr.startswith("The system limits this process to 8.0 GB of addresses (ulimit -v)")
    assert not (folder / "few").exists()
