"""What `auditor trial` wrote, as the audit reads it."""

from __future__ import annotations

import json

import polars as pl
import pytest

from auditor.errors import ConfigError, InputError
from auditor.evidence.facts import FACTS
from auditor.evidence.prompted import TRAINED
from auditor.inputs.labels import record_digest
from auditor.judge.valuation import judged
from auditor.model import Tried, Tuning
from reports import first_screen, text
from tests.conftest import loaded
from tests.exports import export

ASKED = 200
FIGURES = {"rows": 300, "encoder_weights": 22_000_000, "ended": "planned", "epoch": 3}


def answers() -> pl.DataFrame:
    """The fine-tuned model is right on every record asked, the ordinary classifier of the same rows on none."""
    frame = export().head(ASKED).with_row_index("row_id")
    marks = pl.Series([record_digest(text, label) for text, label in frame.select("note", "label").iter_rows()])
    return frame.select(
        "row_id", record_id="claim", record=marks, tuned="label", ordinary=pl.lit("none"), part=pl.lit("random")
    )


def written(folder, frame=None, fingerprint=None, content=None, **figures):
    """The two files; their fingerprint is that of ``tests.exports`` unless another is given."""
    known = fingerprint or loaded(export(), folder).source.fingerprint
    (answers() if frame is None else frame).write_csv(folder / "answers.csv")
    path = folder / "trial.json"
    path.write_text(json.dumps(FIGURES | {"data_fingerprint": known} | figures) if content is None else content)
    return str(path)


def test_its_answers_stand_beside_those_of_the_classifier_that_learnt_the_same_rows(tmp_path, steps):
    about = steps(export(), trial=written(tmp_path))
    found = about[FACTS]
    assert found.trial == Tried(300, 22_000_000)
    assert found.trained.rows == ASKED
    assert (found.trained.right.value, found.trained.behind.value) == (1.0, -1.0)


def test_rows_that_somebody_named_do_not_stand_for_the_export(tmp_path, steps):
    part = pl.when(pl.int_range(pl.len()) < 50).then(pl.lit("other")).otherwise(pl.lit("random"))
    about = steps(export(), trial=written(tmp_path, answers().with_columns(part=part)))
    assert about[FACTS].trained.rows == ASKED - 50
    assert len(about[TRAINED].rows) == ASKED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ended", "epoch", "tuning", "basis"),
    [
        ("planned", 3, Tuning.WHOLE, ", measured on 300 rows, extended"),
        ("planned", 0, Tuning.PROBE, ", measured on 300 rows, extended; a linear probe, as tuning gained nothing"),
        ("minutes", 1, Tuning.CUT, ", measured on 300 rows, extended; tuning was cut short"),
        ("interrupted", 2, Tuning.CUT, ", measured on 300 rows, extended; tuning was cut short"),
    ],
)
def test_the_screen_says_what_a_trial_rests_on(tmp_path, steps, ended, epoch, tuning, basis):
    wrong = pl.when(pl.col("row_id") % 5 == 0).then(pl.lit("none"))
    frame = answers().with_columns(tuned=wrong.otherwise("tuned"), ordinary=wrong.otherwise("tuned"))
    known = steps(export(), trial=written(tmp_path, frame, ended=ended, epoch=epoch))[FACTS]
    assert known.trial.tuning is tuning
    valuation = judged(known, {"monthly_volume": 1_000}).valuation
    tuned = first_screen.table(valuation)[-1]
    assert (tuned.name, tuned.today_basis.endswith(basis)) == ("Fine-tuned model", True)
    assert any("trial" in text.message(note) for note in valuation.notes[: first_screen.MOST_NOTES]) == (
        tuning is not Tuning.WHOLE
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fingerprint": "other"}, "another export, or this one has changed"),
        ({"content": "{"}, "is no trial.json"),
        ({"content": "[]"}, "is no trial.json"),
        ({"content": '{"rows": null, "data_fingerprint": "x"}'}, "is no trial.json"),
        ({"content": "[" * 100_000}, "is no trial.json"),
        ({"rows": "many"}, "is no trial.json"),
        ({"epoch": None}, "is no trial.json"),
        ({"ended": "well"}, "is no trial.json"),
        ({"frame": answers().with_columns(part=pl.lit("other"))}, "is no trial.json"),
        ({"frame": answers().with_columns(part=pl.lit("best"))}, "is no trial.json"),
        ({"frame": answers().with_columns(part=pl.lit(None))}, "is no trial.json"),
        ({"rows": 0}, "figures in .* are those of no trial"),
        ({"rows": -300}, "figures in .* are those of no trial"),
        ({"rows": 600}, "figures in .* are those of no trial"),
        ({"encoder_weights": 0}, "figures in .* are those of no trial"),
        ({"encoder_weights": 10**30}, "figures in .* are those of no trial"),
        ({"epoch": -1}, "figures in .* are those of no trial"),
        ({"frame": pl.concat([answers(), answers().head(1)])}, "hold a record twice"),
        ({"frame": answers().drop("record")}, "is no trial.json"),
        ({"frame": answers().drop("tuned")}, "is no trial.json"),
        ({"frame": answers().drop("tuned"), "ended": "probe", "epoch": 0}, "not fine-tuned. Run it without --probe"),
        ({"ended": "minutes", "epoch": 0}, "a linear probe, not fine-tuned. It was stopped too early"),
        ({"ended": "interrupted", "epoch": 0}, "a linear probe, not fine-tuned. It was stopped too early"),
        ({"frame": answers().drop("ordinary")}, "is no trial.json"),
        ({"frame": answers().head(0)}, "is no trial.json"),
        ({"frame": answers().with_columns(record_id=pl.lit("x"))}, "about other records, or about this export read"),
        ({"frame": answers().with_columns(record=pl.lit("x"))}, "about other records, or about this export read"),
        ({"frame": answers().with_columns(row_id=pl.col("row_id") + 1_000)}, "about other records"),
    ],
)
def test_a_trial_that_cannot_be_used_is_refused(tmp_path, given, said):
    with pytest.raises(InputError, match=said):
        loaded(export(), tmp_path, trial=written(tmp_path, **given))


@pytest.mark.parametrize("settings", [{"label": "payer"}, {"text": ("payer",)}, {"text": ("note", "payer")}])
def test_a_trial_of_the_same_export_read_in_another_way_is_refused(tmp_path, settings):
    path = written(tmp_path)
    with pytest.raises(InputError, match="Name the same --text, --label and --id as for auditor trial"):
        loaded(export(), tmp_path, trial=path, **settings)


def test_a_trial_of_rows_that_changed_is_refused(tmp_path):
    path = written(tmp_path)
    with pytest.raises(InputError, match="has changed since"):
        loaded(export().head(500), tmp_path, trial=path)


def test_a_trial_without_its_answers_is_refused(tmp_path):
    path = written(tmp_path)
    (tmp_path / "answers.csv").unlink()
    with pytest.raises(InputError, match=r"answers\.csv beside it"):
        loaded(export(), tmp_path, trial=path)


def test_two_sources_of_a_trained_model_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="Pass one"):
        loaded(export(), tmp_path, trial=written(tmp_path), trained_prediction="payer")
