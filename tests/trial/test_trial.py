"""A trial as a person meets it: the command, its files, and what the audit then says."""

from __future__ import annotations

import json
import shutil

import polars as pl
import pytest

from tests.exports import export, saved

ROLES = ("--text", "note", "--label", "label", "--time", "day", "--id", "claim")


def tried(auditor, folder, encoder, *more, rows=600, frame=None):
    path = saved(export(rows, own_words=2) if frame is None else frame, folder, "in.parquet")
    return auditor("trial", path, *ROLES, "--model", encoder, "--out", folder / "trial", *more)


def summary(folder):
    return json.loads((folder / "trial" / "trial.json").read_text())


def test_a_trial_is_written_and_read(auditor, tmp_path, encoder):
    code, printed, _ = tried(auditor, tmp_path, encoder, "--rows", 300)
    found = summary(tmp_path)
    assert code == 0
    assert (found["rows"], found["validation"], found["asked"], found["latest"]) == (300, 60, 120, 60)
    assert found["ended"] == "planned"
    assert set(found["accuracy"]) == {"tuned", "probe", "ordinary", "vote"}
    assert set(found["ahead"]) == {"probe", "ordinary", "vote"}
    assert "Learnt from 300 records, asked about 120 others, 60 of them the latest" in printed
    answers = pl.read_csv(tmp_path / "trial" / "answers.csv")
    assert answers.columns == ["row_id", "record_id", "part", "tuned", "probe", "ordinary", "vote"]
    code, *_ = auditor(
        "run", tmp_path / "in.parquet", *ROLES, "--trial", tmp_path / "trial" / "trial.json", "--out", "audit"
    )
    assert code == 0
    page = (tmp_path / "audit" / "report.md").read_text()
    assert "measured on 300 rows, extended" in page
