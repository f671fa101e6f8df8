"""What `auditor baseline` wrote, as the audit reads it."""

from __future__ import annotations

import polars as pl
import pytest

from auditor.errors import ConfigError, InputError
from tests.conftest import loaded
from tests.exports import export, saved


def answers(rows: int = 200, **columns: object) -> pl.DataFrame:
    """Two runs of answers about the first records of ``tests.exports``: the second is outside the taxonomy."""
    frame = export().head(rows)
    first = frame.with_row_index("row_id").select("row_id", record_id="claim", run=pl.lit(1), prediction="label")
    second = first.with_columns(run=pl.lit(2), prediction=pl.lit(None, dtype=pl.String))
    return pl.concat([first, second]).with_columns(**columns)


def test_each_run_is_a_column_beside_its_records(tmp_path, evidence):
    about = evidence(export(), baseline=saved(answers(), tmp_path, "answers.csv"))
    assert about.batch.answers == ("prediction", "prediction:2")
    found = about.prompted
    assert sorted(about.rows["row_id"][found.rows]) == list(range(200))
    assert (found.runs[:, 0] == about.codes[found.rows]).all()
    assert (found.runs[:, 1] == -1).all()
    assert found.right(about.classes).tolist() == [0.5] * 200
    assert found.wavering.all()


@pytest.mark.parametrize("frame", [answers(record_id=pl.lit("other")), answers(0), pl.DataFrame({"a": [1]})])
def test_answers_about_something_else_are_refused(tmp_path, frame):
    with pytest.raises(InputError, match=r"answers"):
        loaded(export(), tmp_path, baseline=saved(frame, tmp_path, "answers.csv"))


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
