"""What an audit hands over, and corrections that come back: queues, training sets, snapshots, overlays."""

from __future__ import annotations

import csv
import json
import os
import re
import stat
import sys
import warnings
import xml.etree.ElementTree as ET
from datetime import date, datetime
from pathlib import Path
from shutil import copytree

import jsonschema
import numpy as np
import polars as pl
import pytest

from auditor import cli
from auditor.api import audit, write
from auditor.batch import load
from auditor.cells import plain
from auditor.config import Config
from auditor.errors import ConfigError, InputError
from auditor.handover.corrected import take_back
from auditor.handover.finished import finished
from auditor.handover.gain import gain
from auditor.handover.kinds import QUEUES, To
from auditor.handover.parts import Part, parts
from auditor.handover.queue import chances, queue
from auditor.handover.training import Cleaning, training_set
from auditor.handover.write import hand_over
from auditor.inputs.corrections import FILED, read_overlay, with_corrections
from reports.as_json import schema
from tests.exports import ROLES, export, saved
from tests.lots import numbered

ROWS = 1200
CLASSES = ("billing", "coverage", "records", "provider", "timely filing", "bundling")
FLIPPED = {"do": "flip", "where": {"share": 0.2}}
FORMULA = "=HYPERLINK(1) "
TRUTH = export(ROWS, CLASSES, 2)["label"].to_list()
QUICK = {"select": ("LAB001",), **ROLES}
CHOSEN = 'text = ["note"]\nlabel = "label"\ntime = "day"\nid = "claim"\nsegment = ["payer"]\nselect = ["LAB001"]\n'


def run_of(frame: pl.DataFrame, folder: Path, **more: object) -> Path:
    """The folder of an audit of ``frame``, which lies beside it as export.parquet."""
    result, rows = audit(Config(export=saved(frame, folder), **{**QUICK, **more}))
    write(result, rows, folder / "run", force=False)
    return folder / "run"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of records of which one in five has another class; one text begins as a formula does."""
    frame = export(ROWS, CLASSES, 2, plant=[FLIPPED])
    formula = pl.when(pl.int_range(pl.len()) == 5).then(FORMULA + pl.col("note")).otherwise("note")
    return run_of(frame.with_columns(note=formula), tmp_path_factory.mktemp("handover"))


@pytest.fixture
def queued(run: Path, tmp_path: Path) -> Path:
    """The queue of all records, as CSV."""
    hand_over(run, None, To.CSV, tmp_path / "queue", ROWS)
    return tmp_path / "queue" / "queue.csv"


def lines_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(file: Path, answers: dict[int, str], **changes: str) -> Path:
    """The queue at ``file`` with ``answers`` by line; ``changes`` are of its first line."""
    lines = lines_of(file)
    for place, answer in answers.items():
        lines[place]["your_label"] = answer
    lines[0] |= changes
    filled = file.with_name("filled.csv")
    with filled.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    return filled


def truth_of(file: Path) -> dict[int, str]:
    return {place: TRUTH[int(line["row_id"])] for place, line in enumerate(lines_of(file))}


# The queue


def test_the_queue_begins_with_the_records_most_worth_reading(run):
    found = queue(finished(run, None), ROWS).rows
    wrong = np.array([TRUTH[row] != label for row, label in found.select("row_id", "label").iter_rows()])
    assert found["chance"].is_sorted(descending=True)
    assert found["worth"].is_sorted(descending=True)
    planted = int(wrong.sum())
    assert wrong[:planted].mean() > 0.6
    assert found["chance"].sum() == pytest.approx(planted, rel=0.5)


def test_a_queue_is_of_the_records_that_a_repair_reads(run):
    audited = finished(run, None)
    assert set(queue(audited).rows["row_id"]) == set(audited.frame.filter("listed")["row_id"])
    assert len(queue(audited, 7).rows) == 7


def test_an_audit_that_did_not_judge_labels_has_no_queue(tmp_path):
    folder = run_of(export(300), tmp_path, select=("VOL001",))
    with pytest.raises(InputError, match="LAB001 did not run"):
        queue(finished(folder, None))


def test_chances_add_up_to_the_wrong_labels():
    doubt = np.random.default_rng(0).beta(1, 4, 1000)
    habit = np.arange(1000) < 50
    found = chances(1 - doubt, habit, 0.2)
    assert found.sum() == pytest.approx(200, abs=0.5)
    assert (found[habit] == 0.8).all()
    assert (np.diff(found[50:][np.argsort(doubt[50:])]) >= 0).all()
    assert chances(1 - doubt, habit, 0.0)[50:].max() == pytest.approx(0, abs=1e-6)


def test_no_cell_of_a_queue_is_a_formula(queued):
    cells = [cell for line in lines_of(queued) for cell in line.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any(plain(cell).startswith(FORMULA) for cell in cells)


@pytest.mark.parametrize("to", list(To))
def test_what_is_handed_over_may_be_read_by_whom_the_umask_says(run, to, tmp_path):
    os.umask(allowed := os.umask(0))
    hand_over(run, None, to, tmp_path / "out")
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o666 & ~allowed}
    with pytest.raises(ConfigError, match="is not replaced"):
        hand_over(run, None, to, tmp_path / "out")


def test_label_studio_reads_the_tasks_and_their_interface(run, tmp_path):
    hand_over(run, None, To.LABEL_STUDIO, tmp_path / "out")
    tasks = json.loads((tmp_path / "out" / "label_studio.json").read_text())
    view = ET.parse(tmp_path / "out" / "label_studio.xml").getroot()  # noqa: S314 - our own file
    choices, text = view.find("Choices"), view.find("Text")
    for task in tasks:
        (result,) = task["predictions"][0]["result"]
        assert (result["from_name"], result["to_name"]) == (choices.get("name"), choices.get("toName"))
        assert result["value"]["choices"][0] in {each.get("value") for each in choices}
        assert text.get("value")[1:] in task["data"]


# The training set


def test_parts_follow_time_and_a_group_is_in_that_of_its_last_date():
    days = pl.Series([datetime(2024, 1, 1 + day // 40, day % 24) for day in range(1000)]).sort()
    groups = np.arange(1000)
    # The first record hangs together with one of the latest, and one of the middle with the last but one tenth.
    groups[0], groups[500] = groups[990], groups[850]
    found = parts(days, groups, numbered(1000))
    assert (found[901:] == Part.TEST).all()
    assert (found[0], found[500]) == (Part.TEST, Part.VALIDATION)
    assert (found[1:500] == Part.TRAIN).all()
    assert {part: int((found == part).sum()) for part in Part} == {"train": 800, "validation": 100, "test": 100}


def test_undated_records_and_large_groups_are_learnt_from():
    days = pl.Series([None] * 50 + [datetime(2024, 1 + day // 90, 1) for day in range(950)])
    groups = np.arange(1000)
    groups[700:] = np.where(np.arange(300) % 2, 700, groups[700:])
    found = parts(days, groups, numbered(1000))
    assert (found[:50] == Part.TRAIN).all()
    assert (found[groups == 700] == Part.TRAIN).all()


def test_without_dates_parts_are_drawn():
    found = parts(pl.Series([None] * 500, dtype=pl.Datetime), np.arange(500), numbered(500))
    assert [int((found == part).sum()) for part in Part] == [400, 50, 50]
    assert np.flatnonzero(found == Part.TEST).min() < 100


@pytest.mark.parametrize(
    ("rows", "group", "said"), [(99, 1, "needs 100 records"), (300, 400, "most of them hang together")]
)
def test_records_that_cannot_be_parted_are_refused(rows, group, said):
    days = pl.Series([datetime(2024, 1, 1)] * rows)
    with pytest.raises(InputError, match=said):
        parts(days, np.arange(rows) // group, numbered(rows))


def test_a_gain_is_of_pairs_and_groups_are_one_witness():
    before, after = np.arange(400) % 4 != 0, np.arange(400) % 8 != 0
    alone = gain(before, after, np.arange(400))
    assert (alone.before, alone.after) == (0.75, 0.875)
    assert alone.beyond_noise
    assert alone.high - alone.low == pytest.approx(2 * 1.645 * np.sqrt(0.125 * 0.875 / 400), rel=0.01)
    together = gain(before, after, np.arange(400) % 8)
    assert together.low < 0 < together.high


def test_validation_and_the_latest_tenth_are_as_filed(run):
    found = training_set(finished(run, None))
    held = found.frame.filter(pl.col("part") != Part.TRAIN)
    assert held["left_out"].null_count() == len(held)
    filed = dict(pl.read_parquet(run.parent / "export.parquet").select("claim", "label").iter_rows())
    assert all(filed[record] == label for record, label in held.select("record_id", "label").iter_rows())
    for each in found.cleaned:
        assert each.left == bool(each.gain and each.gain.low > 0)
    left = {str(each.cleaning) for each in found.cleaned if each.left}
    assert set(found.frame["left_out"].drop_nulls()) == left


@pytest.mark.slow
def test_rows_leave_where_that_gains_beyond_noise(tmp_path):
    """Half of the earlier labels are wrong, and an audit that saw it would list them: those rows leave."""
    frame = export(1500, plant=[{"do": "flip", "where": {"share": 0.5, "until": date(2024, 6, 1)}}], own_words=3)
    truth = export(1500, own_words=3)["label"]
    folder = run_of(frame, tmp_path)
    rows = pl.read_parquet(folder / "rows.parquet")
    wrong = pl.Series((frame["label"] != truth).to_list())
    rows.with_columns(reason=pl.when(wrong).then(pl.lit("model"))).write_parquet(folder / "rows.parquet")
    found = training_set(finished(folder, None))
    suspect = found.cleaned[0]
    assert (suspect.cleaning, suspect.left) == (Cleaning.SUSPECT, True)
    assert found.test and found.test.low > 0
    assert set(found.frame.filter(pl.col("left_out").is_not_null())["part"]) == {Part.TRAIN}
    hand_over(folder, None, To.PARQUET, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "left out |" in card
    assert "On the latest tenth all that was left out takes accuracy from" in card


def test_chats_are_read_as_what_they_were_written_from(run, tmp_path):
    hand_over(run, None, To.CHAT, tmp_path / "out")
    found = training_set(finished(run, None))
    for part in Part:
        read = load(Config(export=str(tmp_path / "out" / f"{part}.jsonl"))).frame
        assert (
            read.select("text", "label").sort("text").rows()
            == found.of(part).select("text", "label").sort("text").rows()
        )


def test_hugging_face_finds_a_file_for_each_split(run, tmp_path):
    hand_over(run, None, To.HUGGING_FACE, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nconfigs:\n")
    for split in ("train", "validation", "test"):
        assert f"  - split: {split}\n    path: data/{split}-*\n" in card
        (file,) = (tmp_path / "out" / "data").glob(f"{split}-*")
        assert set(pl.read_parquet(file).columns) == {"record_id", "text", "label", "date"}


def test_a_card_quotes_no_record(run, tmp_path):
    hand_over(run, None, To.PARQUET, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for text in pl.read_parquet(run.parent / "export.parquet")["note"]:
        assert text[:30] not in card


def test_a_card_names_no_class_of_few_records(tmp_path):
    """The files of the records hold their labels."""
    number = pl.int_range(pl.len())
    label = pl.when(number < 2).then(pl.lit("quagmire")).when(number < 4).then(pl.lit("zephyr")).otherwise("label")
    hand_over(run_of(export(300).with_columns(label=label), tmp_path), None, To.PARQUET, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "quagmire" not in card and "zephyr" not in card
    (rare,) = re.findall(r"\| \(rare classes\) \| (\d+) \| (\d+) \| (\d+) \|", card)
    assert sum(map(int, rare)) == 4
    assert "quagmire" in set(pl.read_parquet(tmp_path / "out" / "training.parquet")["label"])


def test_more_rows_than_there_are_is_all_of_them(run, queued, tmp_path):
    hand_over(run, None, To.CSV, tmp_path / "more", 10**40)
    assert lines_of(tmp_path / "more" / "queue.csv") == lines_of(queued)


# Of which export


def test_another_export_is_refused(run, tmp_path):
    frame = pl.read_parquet(run.parent / "export.parquet")
    other = saved(frame.with_columns(note=pl.col("note") + " x"), tmp_path)
    with pytest.raises(InputError, match="its records differ"):
        finished(run, other)
    moved = saved(frame.reverse(), tmp_path, "moved.parquet")
    with pytest.raises(InputError, match="its records are the same, but stand in another file"):
        finished(run, moved)


@pytest.mark.parametrize("part", ["run", "estimates"])
def test_a_report_that_lost_a_part_is_refused(run, tmp_path, part):
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.json").write_text(json.dumps(report | {part: None}), encoding="utf-8")
    with pytest.raises(InputError, match="is no report of auditor"):
        finished(tmp_path / "run", str(run.parent / "export.parquet"))


def test_an_audit_without_its_table_is_refused(run, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.json").write_bytes((run / "report.json").read_bytes())
    with pytest.raises(InputError, match=r"lacks rows\.parquet"):
        finished(tmp_path / "run", str(run.parent / "export.parquet"))


# Corrections


def test_corrections_are_laid_over_the_export_which_stays_as_it_was(run, queued, tmp_path):
    file = run.parent / "export.parquet"
    before = file.read_bytes()
    said = take_back(fill(queued, truth_of(queued)), run, None, tmp_path / "c.json")
    frame = finished(run, None).batch.frame
    laid, found = with_corrections(frame, str(tmp_path / "c.json"))
    wrong = sum(TRUTH[row] != label for row, label in frame.select("row_id", "label").iter_rows())
    assert said.startswith(f"{wrong:,} labels corrected and {ROWS - wrong:,} confirmed")
    assert (found.changed, found.confirmed, found.gone) == (wrong, ROWS - wrong, 0)
    assert dict(laid.select("row_id", "label").iter_rows()) == dict(enumerate(TRUTH))
    assert laid[FILED].to_list() == frame["label"].to_list()
    assert laid["key"].equals(frame["key"])
    assert file.read_bytes() == before
    assert not any(text[:30] in (tmp_path / "c.json").read_text() for text in frame["text"])


def test_records_are_found_wherever_they_stand(run, queued, tmp_path):
    take_back(fill(queued, truth_of(queued)), run, None, tmp_path / "c.json")
    frame = finished(run, None).batch.frame
    changed = frame.reverse().with_columns(
        text=pl.when(pl.col("row_id") == 3).then(pl.lit("other words")).otherwise("text"),
        row_id=pl.col("row_id") + 7,
    )
    laid, found = with_corrections(changed, str(tmp_path / "c.json"))
    assert found.gone == 1
    assert [TRUTH[row - 7] for row in laid["row_id"] if row != 10] == [
        label for row, label in laid.select("row_id", "label").iter_rows() if row != 10
    ]
    with pytest.raises(InputError, match="are about another export"):
        with_corrections(changed.with_columns(text=pl.lit("nothing")), str(tmp_path / "c.json"))


BAD = {
    "no row": ({0: "billing"}, {"row_id": "90000"}, "filled.csv, line 2: '90000' is no row of the audit"),
    "moved": ({0: "billing"}, {"text": "of another record"}, "filled.csv, line 2: the text is not that of row"),
    "class": ({0: "bilings"}, {}, "'bilings' is none of the classes. Did you mean 'billing'?"),
    "a text": ({0: "billing " * 20}, {}, "the answer is none of the classes"),
    "empty": ({}, {}, "Nobody has filled"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_sentence_with_its_row(run, queued, tmp_path, case):
    answers, changes, said = BAD[case]
    with pytest.raises(InputError, match=said.replace("?", r"\?")) as raised:
        take_back(fill(queued, answers, **changes), run, None, tmp_path / "c.json")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "c.json").exists()


def test_row_ids_may_be_written_as_frames_and_spreadsheets_write_numbers(run, queued, tmp_path):
    first = lines_of(queued)[0]["row_id"]
    take_back(fill(queued, {0: "coverage"}, row_id=f"{first}.0"), run, None, tmp_path / "c.json")
    assert len(read_overlay(str(tmp_path / "c.json")).records) == 1


def test_a_row_with_two_answers_is_refused_and_unsure_is_no_correction(run, queued, tmp_path):
    first = lines_of(queued)[0]["row_id"]
    twice = fill(queued, {0: "billing", 1: "coverage"})
    lines = twice.read_text(encoding="utf-8").splitlines()
    twice.write_text("\n".join([*lines, lines[1].replace(",billing", ",records")]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"Row {first} has two different answers"):
        take_back(twice, run, None, tmp_path / "c.json")
    said = take_back(fill(queued, {0: "unsure", 1: "coverage"}), run, None, tmp_path / "c.json")
    assert "1 records stay as filed, as nobody could tell." in said
    assert len(read_overlay(str(tmp_path / "c.json")).records) == 1


def test_what_is_no_overlay_is_refused(run, queued):
    with pytest.raises(InputError, match="holds no corrections of auditor apply"):
        with_corrections(finished(run, None).batch.frame, str(queued))


def test_label_studio_and_argilla_come_back(run, tmp_path):
    hand_over(run, None, To.LABEL_STUDIO, tmp_path / "studio")
    tasks = json.loads((tmp_path / "studio" / "label_studio.json").read_text())
    people = [
        {**task, "annotations": [{"result": [_choice(TRUTH[int(task["data"]["row_id"])])], "was_cancelled": False}]}
        for task in tasks
    ]
    # A second person differs on the first record.
    filed = tasks[0]["data"]["filed_label"]
    other = next(name for name in sorted(set(TRUTH)) if name not in (filed, TRUTH[int(tasks[0]["data"]["row_id"])]))
    people[0]["annotations"].append({"result": [_choice(other)], "was_cancelled": False})
    (tmp_path / "read.json").write_text(json.dumps(people))
    said = take_back(tmp_path / "read.json", run, None, tmp_path / "a.json")
    assert "1 records stay as filed, as two people differ." in said

    hand_over(run, None, To.ARGILLA, tmp_path / "argilla")
    records = json.loads((tmp_path / "argilla" / "records.json").read_text())
    for record in records[1:]:
        answer = {"value": TRUTH[int(record["id"])], "user_id": "7f1b7b5e-0000-4000-8000-000000000001"}
        record["responses"] = {"your_label": [{**answer, "status": "submitted"}]}
    records[0]["responses"] = {"your_label": [{"value": "billing", "status": "draft"}]}
    (tmp_path / "argilla.json").write_text(json.dumps(records))
    take_back(tmp_path / "argilla.json", run, None, tmp_path / "b.json")
    studio, argilla = (read_overlay(str(tmp_path / name)) for name in ("a.json", "b.json"))
    assert studio.records == argilla.records
    assert len(studio.records) == len(tasks) - 1


def _choice(label: str) -> dict[str, object]:
    return {"from_name": "your_label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}


def test_without_ids_exact_copies_are_corrected_together(tmp_path):
    frame = export(300, plant=[FLIPPED]).drop("claim")
    frame = pl.concat([frame, frame.head(1)])
    roles = {**ROLES, "id": None}
    folder = run_of(frame, tmp_path, **roles)
    hand_over(folder, None, To.CSV, tmp_path / "queue", 301)
    file = tmp_path / "queue" / "queue.csv"
    places = [place for place, line in enumerate(lines_of(file)) if line["row_id"] in ("0", "300")]
    take_back(fill(file, {places[0]: "billing"}), folder, None, tmp_path / "c.json")
    _, found = with_corrections(finished(folder, None).batch.frame, str(tmp_path / "c.json"))
    assert found.changed + found.confirmed == 2
    with pytest.raises(InputError, match="no id tells them apart"):
        take_back(fill(file, {places[0]: "billing", places[1]: "records"}), folder, None, tmp_path / "d.json")


@pytest.fixture(scope="module")
def corrected(run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The audit with its listed records corrected, and the overlay."""
    folder = tmp_path_factory.mktemp("corrected")
    hand_over(run, None, To.CSV, folder / "queue")
    file = folder / "queue" / "queue.csv"
    take_back(fill(file, truth_of(file)), run, None, folder / "corrections.json")
    again = {**QUICK, "corrections": str(folder / "corrections.json")}
    result, rows = audit(Config(export=str(run.parent / "export.parquet"), **again))
    write(result, rows, folder / "run", force=False)
    return folder / "run", folder / "corrections.json"


def test_the_next_audit_shows_what_corrections_did(run, corrected):
    before, after = (json.loads((folder / "report.json").read_text()) for folder in (run, corrected[0]))
    jsonschema.validate(after, schema())
    found = after["corrections"]
    assert found["run"] == before["run"]["id"]
    for name in found["before"]:
        assert found["before"][name]["value"] == before["estimates"][name]["value"]
        assert found["after"][name] == after["estimates"][name]
    assert found["after"]["label_noise_rate"]["value"] < found["before"]["label_noise_rate"]["value"]
    forecast = before["valuation"]["repair"]["after"]
    assert {end: found["forecast"][end] for end in ("value", "low", "high")} == {
        end: forecast[end] for end in ("value", "low", "high")
    }
    page = (corrected[0] / "report.html").read_text(encoding="utf-8")
    assert "What the corrections did" in page
    assert f"{found['changed']} labels corrected" in page
    assert "What the corrections did" not in (run / "report.html").read_text(encoding="utf-8")


def test_a_second_round_keeps_the_first_and_leaves_out_what_was_read(run, corrected, tmp_path):
    folder, overlay = corrected
    # A report keeps the last name of a path: the overlay lies above the run.
    copytree(folder, tmp_path / "run")
    (tmp_path / "corrections.json").write_bytes(overlay.read_bytes())
    source = str(run.parent / "export.parquet")
    first = read_overlay(str(overlay)).records
    assert len(queue(finished(tmp_path / "run", source), ROWS).rows) == ROWS - len(first)
    hand_over(tmp_path / "run", source, To.CSV, tmp_path / "queue", 20)
    file = tmp_path / "queue" / "queue.csv"
    take_back(fill(file, truth_of(file)), tmp_path / "run", source, tmp_path / "second.json")
    second = read_overlay(str(tmp_path / "second.json")).records
    assert set(first) < set(second)
    assert len(second) == len(first) + 20


# Evidently


def test_a_workspace_of_evidently_opens_the_snapshot_and_no_text_is_in_it(run, tmp_path):
    said = hand_over(run, None, To.EVIDENTLY, tmp_path / "out")
    assert "tests fail" in said
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.json"))
    for text in pl.read_parquet(run.parent / "export.parquet")["note"]:
        assert text[:25] not in written
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently.ui.workspace import Workspace

        workspace = Workspace(str(tmp_path / "out"))
        (project,) = workspace.list_projects()
        (snapshot,) = workspace.list_runs(project.id)
        loaded_again = workspace.get_run(project.id, snapshot)
    assert project.name == "export.parquet"
    assert loaded_again is not None


def test_evidently_needs_dates(tmp_path):
    folder = run_of(export(300).drop("day"), tmp_path, time=None)
    with pytest.raises(InputError, match="have no dates"):
        hand_over(folder, None, To.EVIDENTLY, tmp_path / "out")


# The command line and CI


def told(monkeypatch, capsys, *arguments: object) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["auditor", *map(str, arguments)])
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_export_says_first_that_files_hold_texts_and_then_what_to_do(run, tmp_path, monkeypatch, capsys):
    for to in QUEUES:
        code, said = told(monkeypatch, capsys, "export", run, "--to", to, "--out", tmp_path / to)
        assert code == 0
        assert said.index("will hold the texts of records") < said.index("records that a repair reads")
        assert "auditor apply" in said
    code, said = told(monkeypatch, capsys, "export", run, "--to", "chat", "--rows", 3, "--out", tmp_path / "no")
    assert (code, "--rows is of a queue" in said) == (2, True)
    code, said = told(monkeypatch, capsys, "apply", tmp_path / "nothing.csv", run)
    assert (code, "There is no file" in said) == (3, True)


@pytest.mark.slow
def test_a_pipeline_reads_lines_of_json_test_cases_and_what_changed(tmp_path, monkeypatch, capsys):
    (tmp_path / "audit.toml").write_text(CHOSEN)
    source = saved(export(300), tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    common = ("run", source, "--config", tmp_path / "audit.toml", "--history", tmp_path / "history")
    code, said = told(monkeypatch, capsys, *common, "--out", tmp_path / "a")
    assert code == 0
    assert "::warning title=auditor, governance::" in said
    junit = tmp_path / "gates.xml"
    code, said = told(monkeypatch, capsys, *common, "--out", tmp_path / "b", "--log-format", "json", "--junit", junit)
    events = [json.loads(line) for line in said.splitlines()]
    assert {event["event"] for event in events} == {"stage", "audited"}
    last = events[-1]
    report = json.loads((tmp_path / "b" / "report.json").read_text())
    assert last["decision"] == report["verdict"]["decision"]
    assert last["gates"] == {gate["id"]: gate["status"] for gate in report["gates"]}
    assert (last["exit_code"], last["worse"], last["since"]) == (0, False, "Nothing got worse beyond noise.")
    assert report["since"]["said"] == last["since"]
    jsonschema.validate(report, schema())
    assert "Since the last audit" in (tmp_path / "b" / "report.html").read_text(encoding="utf-8")
    cases = list(ET.parse(junit).getroot().iter("testcase"))  # noqa: S314 - our own file
    ends = {case.get("name"): [child.tag for child in case] for case in cases}
    expected = {"pass": [], "fail": ["failure"], "caution": ["system-out"], "unknown": ["skipped"]}
    assert ends == {gate["id"]: expected[gate["status"]] for gate in report["gates"]}
    code, said = told(monkeypatch, capsys, "run", tmp_path / "none.csv", "--log-format", "json")
    assert (code, json.loads(said)["event"], json.loads(said)["exit_code"]) == (3, "error", 3)
