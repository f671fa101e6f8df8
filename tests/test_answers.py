"""What `auditor baseline` wrote, as the audit reads it."""

from __future__ import annotations

import polars as pl
import pytest

from auditor.errors import ConfigError, InputError
from auditor.evidence.classes import CLASSES
from auditor.evidence.facts import FACTS
from auditor.evidence.given import BATCH, ROWS
from auditor.evidence.prompted import PROMPTED
from auditor.inputs.labels import record_digest as digest
from auditor.sheets import read_sheet
from checks.labels import lab005_sheet
from tests.checking import checked
from tests.conftest import loaded
from tests.exports import export, saved
from tests.sheets import filled


def answers(rows: int = 200, **columns: object) -> pl.DataFrame:
    """Two runs of answers about the first records of ``tests.exports``: the second is outside the taxonomy."""
    frame = export().head(rows).with_row_index("row_id")
    marks = [digest(text, label) for text, label in frame.select("note", "label").iter_rows()]
    first = frame.select(
        "row_id", record_id="claim", run=pl.lit(1), prediction="label", record=pl.Series(marks), export=pl.lit("mark"),
        stands_for=pl.lit(1.0),
    )  # fmt: skip
    second = first.with_columns(run=pl.lit(2), prediction=pl.lit(None, dtype=pl.String))
    return pl.concat([first, second]).with_columns(**columns)


def test_each_run_is_a_column_beside_its_records(tmp_path, steps):
    about = steps(export(), baseline=saved(answers(), tmp_path, "answers.csv"))
    assert about[BATCH].answers == ("prediction", "prediction:2")
    found = about[PROMPTED]
    assert sorted(about[ROWS]["row_id"][found.rows]) == list(range(200))
    assert (found.runs[:, 0] == about[CLASSES].codes[found.rows]).all()
    assert (found.runs[:, 1] == -1).all()
    assert found.right(about[CLASSES]).tolist() == [0.5] * 200
    assert found.inconsistent.all()


def test_rows_count_for_as_many_records_as_they_stand_for(tmp_path, steps):
    wrong = pl.col("row_id") < 100
    asked = answers().filter(pl.col("run") == 1)
    asked = asked.with_columns(
        prediction=pl.when(wrong).then(pl.lit("none")).otherwise("prediction"),
        stands_for=pl.when(wrong).then(1.0).otherwise(9.0),
    )
    about = steps(export(), baseline=saved(asked, tmp_path, "answers.csv"))
    assert about[FACTS].prompt.right.value == pytest.approx(0.9)


@pytest.mark.parametrize("asked", [0, 1, 40])
def test_how_many_rows_of_a_sheet_were_answered_is_counted(tmp_path, steps, asked):
    folder = filled(export(), export()["label"].to_list(), tmp_path, size=40)
    drawn = [row.row_id for row in read_sheet(folder).rows][:asked]
    others = sorted(set(range(600)) - {row.row_id for row in read_sheet(folder).rows})[:50]
    path = saved(answers(600).filter(pl.col("row_id").is_in([*drawn, *others])), tmp_path, "answers.csv")
    about = steps(export(), baseline=path, sheet=folder)
    (outcome,), _ = checked(about, (lab005_sheet.CHECK,))
    assert outcome.measurements["review_prompt_answers"] == asked
    assert outcome.measurements["review_drawn"] == 40
    assert "review_trained_answers" not in outcome.measurements


TWICE = pl.concat([answers(30), answers(30)])


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (answers(record_id=pl.lit("other")), "about another export"),
        (answers(row_id=pl.col("row_id") + 1_000), "about another export"),
        (answers(0), "holds no answers"),
        (pl.DataFrame({"a": [1]}), "no answers.csv"),
        (answers().drop("record"), "no answers.csv"),
        (answers(prediction=pl.lit("billing")).drop("prediction"), "no answers.csv"),
        (answers(stands_for=pl.lit(0.0)), "no answers.csv"),
        (TWICE, "answers a record twice"),
    ],
)
def test_answers_about_something_else_are_refused(tmp_path, frame, said):
    with pytest.raises(InputError, match=said):
        loaded(export(), tmp_path, baseline=saved(frame, tmp_path, "answers.csv"))


def changed(column: str, row: int) -> pl.DataFrame:
    """The export with another value in one cell."""
    at = pl.int_range(pl.len()) == row
    return export().with_columns(pl.when(at).then(pl.lit("changed")).otherwise(column).alias(column))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (export(), None),
        (pl.concat([export(), export(seed=1)]), None),
        (changed("payer", 7), None),
        (changed("note", 500), None),
        (changed("note", 7), "1 of the 200 records"),
        (changed("label", 7), "1 of the 200 records"),
        (export().reverse(), "another export"),
        (export(seed=1), "another export"),
    ],
)
def test_what_may_change_after_the_answers(tmp_path, now, said):
    path = saved(answers(), tmp_path, "answers.csv")
    if said is None:
        assert loaded(now, tmp_path, baseline=path).answers == ("prediction", "prediction:2")
    else:
        with pytest.raises(InputError, match=said):
            loaded(now, tmp_path, baseline=path)


def test_the_same_file_read_in_another_way(tmp_path):
    batch = loaded(export(), tmp_path)
    path = saved(answers(export=pl.lit(batch.source.fingerprint)), tmp_path, "answers.csv")
    with pytest.raises(InputError, match="Name the same --text, --label"):
        loaded(export(), tmp_path, baseline=path, text=("payer",))


def test_a_file_of_other_bytes_is_no_answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(b"row_id,record_id\xff\n\x00\x01")
    with pytest.raises(InputError, match=r"no answers.csv"):
        loaded(export(), tmp_path, baseline=str(path))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"baseline": "answers.csv", "prediction": "payer"}, "--baseline and --prediction"),
        ({"prediction_run": ("payer",)}, "name the first with --prediction"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path, settings, said):
    with pytest.raises(ConfigError, match=said):
        loaded(export(), tmp_path, **settings)
