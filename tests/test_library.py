"""Audits from Python: frames and paths in, the result and its files out."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import auditor
from tests.alike import nameless
from tests.conftest import the_rest_slow
from tests.exports import export, saved
from tests.test_outputs import ENVIRONMENT, OUTPUTS

# Under 200 rows no learning curve is drawn, which takes a third of a small audit.
FRAME = export(180).with_columns(pl.col("day").cast(pl.String)).drop("amount")
GIVEN = {"text": "note", "label": "label", "time": "day", "id": "claim", "segment": "payer"}
FORMS = {
    "polars": lambda frame: frame,
    "lazy": pl.DataFrame.lazy,
    "pandas": pl.DataFrame.to_pandas,
    "pandas by id": lambda frame: frame.to_pandas().set_index("claim"),
    "pandas filtered": lambda frame: pl.concat([frame, frame]).to_pandas().iloc[: len(frame)],
    "pandas dates": lambda frame: frame.to_pandas().assign(day=lambda all_: pd.to_datetime(all_["day"])),
    "arrow": pl.DataFrame.to_arrow,
    "batches": pa.RecordBatchReader.from_stream,
    "typed": lambda frame: frame.with_columns(
        pl.col("day").str.to_date(), pl.col("label", "payer").cast(pl.Categorical)
    ),
}
USUAL = ("polars", "pandas", "arrow", "typed")


@pytest.fixture(scope="module")
def of_csv(tmp_path_factory):
    return auditor.audit(saved(FRAME, tmp_path_factory.mktemp("csv"), "denials.csv"), **GIVEN)


@pytest.mark.parametrize("form", the_rest_slow(FORMS, USUAL))
def test_a_frame_says_what_its_file_says(of_csv, form):
    found = auditor.audit(FORMS[form](FRAME), name="denials", **GIVEN)
    assert nameless(found) == nameless(of_csv)
    assert found.rows.equals(of_csv.rows)
    assert found.run.source == "denials"


def test_parquet_says_what_csv_says(of_csv, tmp_path):
    assert nameless(auditor.audit(tmp_path / saved(FRAME, tmp_path), **GIVEN)) == nameless(of_csv)


def test_columns_are_chosen_by_name_and_content_as_those_of_a_file_are():
    roles = {choice.role: choice.columns for choice in auditor.audit(FRAME).run.roles}
    assert (roles["text"], roles["label"], roles["time"]) == (("note",), ("label",), ("day",))


@pytest.mark.slow
def test_the_same_rows_have_the_same_fingerprint_and_others_another(of_csv):
    def mark(frame):
        return auditor.audit(frame, **GIVEN).run.data_fingerprint

    changed = FRAME.with_columns(note=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("new words")).otherwise("note"))
    same = mark(FRAME)
    assert same == mark(FRAME.to_pandas())
    assert len({same, mark(changed), of_csv.run.data_fingerprint}) == 3


def test_the_files_are_those_of_the_command(of_csv, tmp_path):
    out = of_csv.write(tmp_path / "audit")
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert pl.read_parquet(out / "rows.parquet").equals(of_csv.rows)
    assert json.loads((out / "report.json").read_text("utf-8"))["run"]["source"] == "denials.csv"
    with pytest.raises(auditor.ConfigError, match="exists"):
        of_csv.write(out)
    of_csv.write(out, force=True)


def test_it_shows_the_first_screen_and_no_record(of_csv):
    shown = of_csv._repr_html_()
    assert shown.startswith("<iframe") and "Audit of denials.csv" in shown
    assert repr(of_csv).startswith("<Audit of 'denials.csv': ") and len(repr(of_csv)) < 200
    with_texts = auditor.audit(FRAME, include_examples=5, **GIVEN)
    texts = [example.text for example in with_texts.examples]
    assert texts and not [text for text in texts if text in with_texts._repr_html_() + repr(with_texts)]


def test_options_are_those_of_the_settings_file_and_win_over_it(tmp_path):
    (tmp_path / "audit.toml").write_text('text = "note"\nlabel = "payer"\nseed = 3\n[cost]\nerror_cost = 2.0\n')
    found = auditor.audit(
        FRAME,
        config=tmp_path / "audit.toml",
        label="label",
        since=datetime.date(2023, 1, 1),
        ignore=[{"check": "GOV002", "reason": "by design", "until": datetime.date(2099, 1, 31)}],
        limits={"label_noise_rate": (0.03, 0.08)},
        read={"null": ["unknown"]},
    )
    settings = found.effective_config
    assert (settings["label"], settings["seed"], settings["since"]) == ("label", 3, "2023-01-01")
    assert settings["cost"] == {"error_cost": 2.0} and settings["read"]["null"] == ["unknown"]
    assert settings["ignore"] == [{"check": "GOV002", "reason": "by design", "until": "2099-01-31"}]
    assert settings["limits"]["label_noise_rate"]["passes"] == 0.03


def test_objects_of_several_types_are_text(of_csv):
    frame = FRAME.to_pandas()
    frame["note"] = [{"a": 1} if row == 3 else 7 if row == 5 else each for row, each in enumerate(frame["note"])]
    frame["note"] = frame["note"].astype(object)
    assert auditor.audit(frame, **GIVEN).run.intake.rows_read == len(FRAME)


@pytest.mark.parametrize(
    ("given", "settings", "error", "says"),
    [
        (FRAME, {"label": "lable"}, auditor.ConfigError, "Did you mean 'label'?"),
        (FRAME, {"seed": -1}, auditor.ConfigError, "audit(): 'seed' must be a whole number from 0 to 4294967295"),
        (FRAME, {"config": "none.toml"}, auditor.ConfigError, "no settings file"),
        (FRAME.head(0), {}, auditor.InputError, "no rows"),
        (FRAME.select("note"), {"label": "note"}, auditor.ConfigError, "Give it one role"),
        ("nowhere.csv", {}, auditor.InputError, "There is no file or folder"),
        ("nowhere.csv", {"name": "denials"}, auditor.ConfigError, "has a name of its own"),
        ([{"note": "a"}], {}, auditor.InputError, "An audit reads a path or a frame"),
        (None, {}, auditor.InputError, "found NoneType"),
        (FRAME.with_columns(odd=pl.Series([object()] * len(FRAME), dtype=pl.Object)), {}, auditor.InputError, "Arrow"),
        (FRAME.lazy().select("nothing"), {}, auditor.InputError, "The frame cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(given, settings, error, says):
    with pytest.raises(error) as raised:
        auditor.audit(given, **{"text": "note", **settings})
    assert says in str(raised.value)


def test_the_import_is_light():
    heavy = "import auditor, sys; print({'polars', 'duckdb', 'sklearn', 'pandas', 'numpy'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", heavy], env=ENVIRONMENT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout == "set()\n"


@pytest.mark.slow
def test_the_types_are_known(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import polars as pl\n\nimport auditor\n\n"
        'result = auditor.audit(pl.DataFrame({"note": ["a"]}), text="note")\n'
        "reveal_type(result)\nreveal_type(result.rows)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(script)]
    checked = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603
    assert 'type is "auditor.library.Audit"' in checked.stdout and "DataFrame" in checked.stdout
    assert "Any" not in checked.stdout
