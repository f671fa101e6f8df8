"""Roles, typed rows and the refusal of exports that hold nothing to audit."""

import os
import re
from datetime import datetime as D
from pathlib import Path

import polars as pl
import pytest

from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError, InputError

DATA = Path(os.environ.get("AUDITOR_DATA", Path(__file__).parents[1] / "../shared/data"))
WORDS = (
    "the",
    "patient",
    "was",
    "not",
    "eligible",
    "on",
    "this",
    "day",
    "for",
    "a",
    "claim",
    "under",
    "that",
    "plan",
)


def denials(rows=240):
    """A small export with a column for every role, and some for none."""
    number = range(rows)
    label = ["eligibility", "coding", "authorization"]
    return pl.DataFrame(
        {
            "claim_id": [f"C{i:05}" for i in number],
            "received_at": [f"2024-{i % 12 + 1:02}-{i % 27 + 1:02}" for i in number],
            "payer": [["Acme", "Best", "Care", None][i // 3 % 4] for i in number],
            "site": [f"{i // 3 % 5:03}" for i in number],
            "entered_by": [["ann", "bob"][i // 3 % 2] for i in number],
            "amount": [i * 1.5 for i in number],
            "note": [" ".join(WORDS[(i * step) % len(WORDS)] for step in range(1, 9)) + f" {i}" for i in number],
            "denial_reason": [label[i % 3] for i in number],
            "denial_text": [{"e": "E 1", "c": "C 2", "a": "A 3"}[label[i % 3][0]] for i in number],
            "gold_reason": [label[i % 3] for i in number],
            "constant": ["same"] * rows,
            "split": [["train", "test"][i // 3 % 2] for i in number],
        }
    )


@pytest.fixture
def audit(tmp_path):
    def run(data, **settings):
        frame = data if isinstance(data, pl.DataFrame) else pl.DataFrame(data, strict=False)
        path = tmp_path / "export.parquet"
        frame.write_parquet(path)
        return load(Config(export=str(path), **settings))

    return run


def small(**columns):
    """Four rows with text and label, and whatever is added or replaced."""
    return {"text": ["one a", "two b", "three c", "four d"], "label": ["x", "y", "x", "y"]} | columns


GIVEN = {"text": ("text",), "label": "label"}


def test_every_role_is_inferred_and_explained(audit):
    roles = audit(denials()).roles
    assert {choice.role: choice.columns for choice in roles.choices} == {
        "text": ("note",),
        "label": ("denial_reason",),
        "time": ("received_at",),
        "id": ("claim_id",),
        "segment": ("site", "payer"),
        "annotator": ("entered_by",),
        "split": ("split",),
    }
    assert roles.segment == ("entered_by", "site", "payer")
    assert roles.numeric == ("amount",)
    assert not any(choice.given for choice in roles.choices)
    assert {choice.role: choice.reason for choice in roles.choices if choice.role in ("text", "label")} == {
        "text": "average 9 words, 100 % distinct",
        "label": "3 classes in 240 rows",
    }


def test_a_csv_export_gets_the_roles_of_its_parquet_twin(audit, tmp_path):
    denials().write_csv(tmp_path / "twin.csv")
    twin = load(Config(export=str(tmp_path / "twin.csv")))
    batch = audit(denials())
    assert twin.roles == batch.roles
    assert twin.frame.equals(batch.frame)


def test_a_given_column_leaves_the_others_to_inference(audit):
    roles = audit(denials(), label="payer", segment=("denial_reason",)).roles
    assert (roles.label, roles.text, roles.segment) == ("payer", ("note",), ("entered_by", "denial_reason"))
    assert {choice.role: choice.given for choice in roles.choices}["label"] is True


def test_a_prediction_is_never_inferred(audit):
    frame = denials().with_columns(pl.col("denial_reason").alias("prediction"))
    assert audit(frame).roles.prediction is None
    batch = audit(frame, prediction="prediction")
    assert batch.frame["prediction"].null_count() == 0


@pytest.mark.parametrize("name", ["gold_reason", "denial_text", "constant"])
def test_a_copy_of_the_label_or_a_constant_is_no_segment(audit, name):
    assert name not in audit(denials()).roles.segment


def test_without_prose_the_coded_columns_are_the_text_together(audit):
    batch = audit(denials().drop("note", "denial_text", "gold_reason"), label="denial_reason")
    assert batch.roles.text == ("payer", "site")
    assert batch.frame["text"][0] == "payer: Acme\nsite: 000"
    assert "site: 004" in batch.frame["text"].to_list()


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        (
            {"label": "denial_reson"},
            ["There is no column 'denial_reson' for --label. Did you mean 'denial_reason'?"],
        ),
        ({"label": "zz", "text": ("yy",)}, ["'yy' for --text", "'zz' for --label", "Columns: claim_id, "]),
        ({"label": "note", "text": ("note",)}, ["Column 'note' is given as text and label."]),
        (
            {"label": "payer", "id": "payer", "segment": ("payer",)},
            ["Column 'payer' is given as label and id and segment."],
        ),
    ],
)
def test_wrong_columns_are_refused_all_at_once(audit, settings, sentences):
    with pytest.raises(ConfigError) as caught:
        audit(denials(), **settings)
    for sentence in sentences:
        assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "sentences"),
    [
        (["amount"], ["Pass --text COL. Columns: amount.", "Pass --label COL."]),
        (["amount", "note"], ["No column looks like a label (a few values that repeat). Pass --label COL."]),
        (["amount", "denial_reason"], ["No column looks like free text. Pass --text COL."]),
    ],
)
def test_text_or_label_that_cannot_be_told_must_be_given(audit, columns, sentences):
    with pytest.raises(ConfigError) as caught:
        audit(denials().select(columns))
    assert all(sentence in str(caught.value) for sentence in sentences)


def test_an_audit_needs_an_export():
    with pytest.raises(ConfigError, match="No export is named"):
        load(Config())


def test_rows_are_typed_and_sorted_by_time_then_input_order(audit):
    batch = audit(
        small(
            time=["2020-02-01", None, "2020-01-01", "soon"],
            ref=["b", " ", "a", None],
            size=[1, 2, None, 4],
            where=[1, 1, 2, None],
        ),
        time="time", id="ref", segment=("where",), **GIVEN,
    )  # fmt: skip
    assert batch.frame.schema == {
        "row_id": pl.UInt32, "record_id": pl.String, "text": pl.String, "label": pl.String,
        "time": pl.Datetime("us"),
        "segment:where": pl.String, "numeric:size": pl.Float64, "key": pl.UInt64, "item": pl.UInt64,
        "has_word": pl.Boolean, "letters": pl.UInt32, "words": pl.Float32, "text_key": pl.UInt64,
        "copy": pl.Boolean, "usable": pl.Boolean,
    }  # fmt: skip
    assert batch.frame.drop("key", "item", "has_word", "letters", "words", "text_key").rows() == [
        (2, "a", "three c", "x", D(2020, 1, 1), "2", None, False, True),
        (0, "b", "one a", "x", D(2020, 2, 1), "1", 1.0, False, True),
        (1, "1", "two b", "y", None, "1", 2.0, False, True),
        (3, "3", "four d", "y", None, None, 4.0, False, True),
    ]
    assert (batch.segments, batch.numeric) == (("segment:where",), ("numeric:size",))
    assert (batch.intake.missing_date, batch.intake.unreadable_date) == (1, 1)


@pytest.mark.parametrize(
    ("text", "label", "usable", "kept"),
    [
        ("words", "x", True, ("words", "x")),
        (" words ", " X ", True, (" words ", " X ")),
        ("日本語", "x", True, ("日本語", "x")),
        ("", "x", False, ("", "x")),
        (None, "x", False, ("", "x")),
        ("--- ?!", "x", False, ("--- ?!", "x")),
        ("words", None, False, ("words", None)),
        ("words", " \t", False, ("words", None)),
        (None, None, False, ("", None)),
    ],
)
def test_a_row_is_usable_with_a_word_and_a_label_kept_to_the_letter(audit, text, label, usable, kept):
    rows = small()
    batch = audit({"text": [*rows["text"], text], "label": [*rows["label"], label]}, **GIVEN)
    row = batch.frame.row(4, named=True)
    assert (row["usable"], (row["text"], row["label"])) == (usable, kept)
    assert batch.frame.filter("usable").height == batch.intake.rows_used == 4 + usable


def test_every_row_is_counted(audit):
    batch = audit(
        {
            "text": ["a", "b", "", None, "c", "d", "e"],
            "label": ["x", "y", "x", None, " ", "x", "y"],
            "day": ["2020", "", None, "soon", "2021", "2020", "2021"],
        },
        time="day", **GIVEN,
    )  # fmt: skip
    intake = batch.intake
    assert (intake.rows_read, intake.rows_used) == (7, 4)
    assert (intake.empty_text, intake.missing_label, intake.missing_date, intake.unreadable_date) == (
        2,
        2,
        2,
        1,
    )
    assert batch.time_granularity == "year"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 1, 0, 1], {"0", "1"}),
        ([True, False, True, False], {"true", "false"}),
        (["01", "2", "01", "2"], {"01", "2"}),
    ],
)
def test_labels_are_strings_whatever_they_were(audit, values, labels):
    assert set(audit(small(label=values), **GIVEN).frame["label"]) == labels


def test_several_texts_are_joined_by_name_without_the_blank_ones(audit):
    batch = audit(small(more=["m", None, " ", "n"]), text=("text", "more"), label="label")
    assert batch.frame["text"].to_list() == [
        "text: one a\nmore: m",
        "text: two b",
        "text: three c",
        "text: four d\nmore: n",
    ]


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("count", [3, 1, 2, 9], True),
        ("Weight", ["2", "1", "1", "5"], True),
        ("n", [1.0, 4.0, 1.0, 1.0], True),
        ("weight", [0.5, 1.2, 3.0, 2.0], False),
        ("count", [1, 1, 1, 1], False),
        ("word_count", [3, 1, 2, 9], False),
    ],
)
def test_how_many_records_a_row_stands_for_is_not_counted_and_that_is_said(audit, name, values, said):
    batch = audit(small(**{name: values}), **GIVEN)
    texts = [notice.text for notice in batch.intake.notices]
    assert any("It is not counted: every row is one record." in text for text in texts) is said
    assert batch.intake.rows_used == 4


def test_times_with_a_zone_become_utc(audit):
    moments = pl.Series([D(2020, 1, 1, 1)] * 4).dt.replace_time_zone("Europe/Berlin")
    assert audit(small(seen_at=moments)).frame["time"][0] == D(2020, 1, 1)


def test_a_time_column_without_values_plays_no_role(audit):
    batch = audit(small(day=pl.Series([None, "", " ", None], dtype=pl.String)), time="day", **GIVEN)
    assert batch.roles.time is None
    assert all(choice.role != "time" for choice in batch.roles.choices)
    assert (batch.intake.missing_date, batch.frame["time"].null_count()) == (4, 4)


@pytest.mark.parametrize(
    ("columns", "settings", "sentence"),
    [
        ({"label": [None, "", " ", None]}, {}, "Every label in column 'label' is empty"),
        ({"text": [None, "", " ", "?!"]}, {}, "No text in 'text' has a word in it"),
        ({"text": ["a", "b", "", ""], "label": [None, None, "x", "y"]}, {}, "No row has both a label"),
        ({"label": ["x"] * 4}, {}, "Every usable row has the same label"),
        ({"label": ["Denied", "denied", "Denied ", "DENIED"]}, {}, "Every usable row has the same label"),
        ({"day": ["soon", "later", None, ""]}, {"time": "day"}, "column 'day' is a date auditor can read."),
    ],
)  # fmt: skip
def test_an_export_with_nothing_to_audit_is_refused(audit, columns, settings, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        audit(small(**columns), **GIVEN, **settings)


def test_loading_twice_gives_the_same(audit):
    first, second = audit(denials()), audit(denials())
    assert first.frame.equals(second.frame)
    assert (first.roles, first.source.fingerprint) == (second.roles, second.source.fingerprint)


IMR_TEXT = ("Diagnosis Category", "Treatment Category")
REAL = [
    ("banking77.parquet", {}, {"text": ("text",), "label": ("label",), "split": ("split",)}),
    ("clinc150.parquet", {}, {"text": ("text",), "label": ("label",), "split": ("split",)}),
    ("noisyag_news.parquet", {}, {"text": ("text",), "label": ("label",), "split": ("split",)}),
    (
        "cfpb.parquet",
        {"label": "product"},
        {"text": ("narrative",), "label": ("product",), "time": ("date",), "id": ("id",),
         "segment": ("extract", "issue")},
    ),
    (
        "imr_ca.csv",
        {"label": "Determination", "text": IMR_TEXT},
        {"text": IMR_TEXT, "label": ("Determination",), "time": ("Report Year",), "id": ("Reference ID",),
         "segment": ("Type", "Age Range", "Patient Gender")},
    ),
    (
        "nvd_cwe_2008_2018.parquet",
        {},
        {"text": ("description",), "label": ("cwe",), "time": ("published",), "id": ("cve",)},
    ),
    (
        "nvd_relabelled.parquet",
        {"label": "cwe_old"},
        {"text": ("description",), "label": ("cwe_old",), "time": ("published",), "id": ("cve",),
         "segment": ("description_changed",)},
    ),
]  # fmt: skip


def real(name, **settings):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not under AUDITOR_DATA")
    return load(Config(export=str(path), **settings))


@pytest.mark.parametrize(("name", "settings", "expected"), REAL, ids=[name for name, *_ in REAL])
def test_the_roles_of_real_exports(name, settings, expected):
    assert {choice.role: choice.columns for choice in real(name, **settings).roles.choices} == expected


def test_real_coded_records_are_described_by_their_codes():
    batch = real("imr_ca.csv", label="Diagnosis Category")
    assert "Treatment Category" in batch.roles.text
    assert "Diagnosis Sub Category" not in batch.roles.text
    assert (batch.time_granularity, batch.intake.missing_label) == ("year", 59)
    assert batch.frame["time"].dt.year().min() == 2001


def test_real_missing_dates_are_counted():
    intake = real("cfpb.parquet", label="product").intake
    assert (intake.missing_date, intake.unreadable_date, intake.rows_used) == (3947, 0, 8692)
