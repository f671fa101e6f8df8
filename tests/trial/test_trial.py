"""A trial as a person meets it: the command, its files, and what the audit then says."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import torch

from auditor.errors import AuditError
from auditor.inputs.labels import digests
from auditor.sheets import sheet_rows
from auditor.trials.encoder import enough_memory
from tests.exports import export, saved
from tests.sheets import filled

ROLES = ("--text", "note", "--label", "label", "--time", "day", "--id", "claim")


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def tried(auditor, folder, encoder, *more, frame=None, out="trial"):
    path = saved(export(600, own_words=2) if frame is None else frame, folder, "in.parquet")
    return auditor("trial", path, *ROLES, "--model", encoder, "--out", out, "--rows", 300, *more)


def summary(folder, out="trial"):
    return json.loads((folder / out / "trial.json").read_text())


def answers(folder, out="trial"):
    return pl.read_csv(folder / out / "answers.csv")


def test_a_trial_is_written_and_read(auditor, tmp_path, encoder):
    code, printed, _ = tried(auditor, tmp_path, encoder)
    found = summary(tmp_path)
    assert code == 0
    assert (found["rows"], found["validation"], found["asked"], found["latest"]) == (300, 60, 120, 60)
    assert found["ended"] == "planned"
    assert set(found["accuracy"]) == {"tuned", "probe", "ordinary", "vote"}
    assert set(found["ahead"]) == {"probe", "ordinary", "vote"}
    assert "Learnt from 300 records, asked about 120 others, 60 of them the latest" in printed
    assert answers(tmp_path).columns == ["row_id", "record_id", "record", "part", "tuned", "probe", "ordinary", "vote"]
    code, *_ = auditor("run", "in.parquet", *ROLES, "--trial", "trial/trial.json", "--out", "audit")
    assert code == 0
    assert "measured on 300 rows, extended" in (tmp_path / "audit" / "report.md").read_text()


def test_no_text_of_a_record_is_in_its_files(auditor, tmp_path, encoder):
    tried(auditor, tmp_path, encoder, "--probe")
    written = "".join(path.read_text() for path in (tmp_path / "trial").iterdir())
    words = {word for note in export(600, own_words=2)["note"] for word in note.split()}
    assert not {word for word in words if word in written}


def test_one_thread_gives_the_same_twice(auditor, tmp_path, encoder):
    for out in ("one", "two"):
        tried(auditor, tmp_path, encoder, out=out)
    assert answers(tmp_path, "one").equals(answers(tmp_path, "two"))
    one, two = (summary(tmp_path, out) | {"seconds": 0} for out in ("one", "two"))
    assert one == two


def test_a_linear_probe_is_said_to_be_one(auditor, tmp_path, encoder):
    code, printed, _ = tried(auditor, tmp_path, encoder, "--probe")
    assert code == 0
    assert "two-minute answer" in printed
    assert "tuned" not in answers(tmp_path).columns
    code, _, complaint = auditor("run", "in.parquet", *ROLES, "--trial", "trial/trial.json", "--out", "audit")
    assert (code, "Run it without --probe" in complaint) == (3, True)


def test_minutes_end_it_and_the_best_so_far_is_kept(auditor, tmp_path, encoder):
    code, printed, _ = tried(auditor, tmp_path, encoder, "--minutes", 0)
    assert code == 0
    assert summary(tmp_path)["ended"] == "minutes"
    assert "the best so far is kept" in printed
    assert "this is no trial of fine-tuning" in printed
    assert (answers(tmp_path)["tuned"] == answers(tmp_path)["probe"]).all()
    code, _, complaint = auditor("run", "in.parquet", *ROLES, "--trial", "trial/trial.json", "--out", "audit")
    assert (code, "a linear probe, not fine-tuned" in complaint) == (3, True)


def test_an_interruption_loses_nothing(tmp_path, encoder):
    path = saved(export(3000, own_words=2), tmp_path, "in.parquet")
    command = ["trial", path, *ROLES, "--model", str(encoder), "--out", str(tmp_path / "trial")]
    run = [sys.executable, "-c", "from auditor.cli import main; main()", *command]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        for line in process.stdout:
            if "Reading the texts with the encoder" in line:
                process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert summary(tmp_path)["ended"] == "interrupted"
    assert len(answers(tmp_path)) == summary(tmp_path)["asked"]


def test_an_interruption_before_there_are_answers_leaves_an_earlier_trial(auditor, tmp_path, encoder):
    path = saved(export(3000, own_words=2), tmp_path, "in.parquet")
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / "trial.json").write_text("earlier")
    command = ["trial", path, *ROLES, "--model", str(encoder), "--out", str(tmp_path / "trial"), "--force"]
    run = [sys.executable, "-c", "from auditor.cli import main; main()", *command]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        for line in process.stdout:
            if "Reading the export" in line:
                process.send_signal(signal.SIGINT)
                break
        process.stdout.read()
        complaint = process.stderr.read()
        assert process.wait() == 130
    assert complaint == "Stopped before there were answers: nothing was written, and an earlier trial stands.\n"
    assert {each.name: each.read_text() for each in (tmp_path / "trial").iterdir()} == {"trial.json": "earlier"}


def test_longer_texts_than_the_encoder_reads_are_cut_and_said_to_be(auditor, tmp_path, encoder):
    frame = export(600, own_words=2).with_columns(note=pl.concat_str([pl.col("note")] * 4, separator=" "))
    _, printed, _ = tried(auditor, tmp_path, encoder, "--probe", frame=frame)
    assert (summary(tmp_path)["length"], summary(tmp_path)["cut"]) == (40, 1.0)
    assert "the first 40 tokens were read; 100 % are longer" in printed


def test_a_class_with_one_row_is_no_obstacle(auditor, tmp_path, encoder):
    alone = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("alone")).otherwise("label")
    code, *_ = tried(auditor, tmp_path, encoder, frame=export(600).with_columns(label=alone))
    assert code == 0


def test_a_prompt_is_compared_on_the_rows_that_it_answered(auditor, tmp_path, encoder):
    frame = export(600, own_words=2)
    asked = frame.with_row_index("row_id").sample(100, seed=1).select("row_id", record_id="claim", run=pl.lit(1))
    marks = digests(frame[asked["row_id"]].select("label", text="note"))
    more = {"record": pl.Series(marks), "stands_for": pl.lit(1.0), "export": pl.lit("")}
    asked.with_columns(prediction=pl.lit("billing"), **more).write_csv(tmp_path / "prompted.csv")
    _, printed, _ = tried(auditor, tmp_path, encoder, "--baseline", "prompted.csv", frame=frame)
    assert "Then: auditor run ... --baseline prompted.csv --trial trial/trial.json" in printed
    found = summary(tmp_path)
    assert found["prompted"] == 100
    assert found["accuracy"]["prompt"]["value"] == (frame[asked["row_id"]]["label"] == "billing").mean()
    assert set(asked["row_id"]) <= set(answers(tmp_path)["row_id"])


def without(name):
    def broken(folder):
        (folder / name).unlink()

    return broken


def cut_short(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:200])


def garbled(folder):
    (folder / "config.json").write_text("[1")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without("config.json"), "holds no whole model"),
        (without("model.safetensors"), "holds no whole model"),
        (without("tokenizer.json"), "holds no whole model"),
        (cut_short, "cannot be loaded"),
        (garbled, "says nothing of a model"),
    ],
)
def test_a_broken_model_is_one_sentence(auditor, tmp_path, encoder, damage, said):
    folder = tmp_path / "model"
    shutil.copytree(encoder, folder)
    damage(folder)
    code, _, complaint = tried(auditor, tmp_path, folder)
    assert (code, said in complaint, complaint.count("\n")) == (2, True, 1)
    assert not (tmp_path / "trial").exists()


def test_an_encoder_of_another_language_is_refused(auditor, tmp_path, encoder):
    letters = "aeioubdfgklmnprstvz"
    frame = export(600).with_columns(
        note=pl.col("note").str.replace_many(list(letters), [chr(0x0E01 + place) for place in range(len(letters))])
    )
    code, _, complaint = tried(auditor, tmp_path, encoder, frame=frame)
    assert (code, "cannot read 100 % of the words" in complaint) == (3, True)


def test_a_decoder_is_refused(auditor, tmp_path, decoder):
    code, _, complaint = tried(auditor, tmp_path, decoder)
    assert (code, "is a 'llama', no encoder" in complaint) == (2, True)


def test_an_earlier_trial_is_replaced_on_request_only(auditor, tmp_path, encoder):
    tried(auditor, tmp_path, encoder, "--probe")
    code, _, complaint = tried(auditor, tmp_path, encoder, "--probe")
    assert (code, "replace it with --force" in complaint) == (2, True)
    assert tried(auditor, tmp_path, encoder, "--probe", "--force")[0] == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    code, _, complaint = tried(auditor, tmp_path, encoder, "--probe", "--force", out="other")
    assert (code, "holds other files" in complaint) == (2, True)


@pytest.mark.parametrize("allocate", [lambda: torch.empty(10**15), lambda: np.empty(10**15)])
def test_too_little_memory_is_one_sentence(allocate):
    with pytest.raises(AuditError, match="ran out of memory"), enough_memory():
        allocate()


def test_other_failures_are_not_taken_for_too_little_memory():
    with pytest.raises(RuntimeError, match="shapes"), enough_memory():
        torch.ones(2, 3) @ torch.ones(2, 3)


def test_the_rows_of_a_sheet_are_asked_and_not_learnt_from(auditor, tmp_path, encoder):
    frame = export(600, own_words=2)
    sheet = filled(frame, frame["label"], tmp_path, size=100)
    drawn = set(sheet_rows(sheet, frame.select(text="note", usable=pl.lit(True)).with_row_index("row_id")))
    tried(auditor, tmp_path, encoder, "--sheet", sheet, frame=frame)
    asked = answers(tmp_path)
    assert drawn <= set(asked["row_id"])
    assert summary(tmp_path)["asked"] == len(asked.filter(pl.col("part") != "other")) == 120
    code, *_ = auditor("run", "in.parquet", *ROLES, "--trial", "trial/trial.json", "--sheet", sheet, "--out", "audit")
    assert code == 0
