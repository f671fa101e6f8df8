"""Records of one patient, account or claim keep together: in folds, retrieval, prompts, trials and words shown."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pytest

from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError
from auditor.estimators.together import TOGETHER, together
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ITEMS, ROWS
from auditor.evidence.groups import KIN, coded, held_together, kept, kin
from auditor.evidence.leakage import TELLING_WORDS
from auditor.evidence.moments import Fit
from auditor.evidence.proxy import FOLD_MOMENTS, random_folds
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.keys import Lots
from auditor.trials.run import rows_for
from tests.chat_server import chat_server
from tests.exports import ROLES, export, of_people, saved
from tests.sheets import drawn

# Texts say who wrote them, and nothing of their class.
BY_PERSON = of_people(export(600, own_words=0), "patient", each=6)
NAMED = ["--text", "note", "--label", "label", "--time", "day", "--id", "claim", "--group", "patient"]


def test_rows_hang_together_by_near_duplicates_ids_and_groups_in_a_chain():
    others = range(30)
    near = np.array([0, 0, 1, 2, 3, *(4 + row for row in others)])
    ids = pl.Series(["a", "b", "c", "c", "d", *(f"e{row}" for row in others)])
    groups = pl.Series(["x", "y", "y", None, " ", *[None] * 30])
    found = kin(near, ids, groups)
    assert not found.near_apart
    assert [np.flatnonzero(found.of(np.array([row]))).tolist() for row in (0, 4)] == [[0, 1, 2, 3], [4]]


def test_templates_that_many_groups_share_do_not_tie_them_to_one():
    """Forty patients, each with the same template once and a text of its own: one component of all rows."""
    near = np.array([0, 1] * 40) + np.array([0, 1] * 40) * np.arange(80)
    groups = pl.Series([f"P{row // 2}" for row in range(80)])
    found = kin(near, pl.Series([str(row) for row in range(80)]), groups)
    assert found.near_apart
    assert [np.flatnonzero(found.of(np.array([row]))).tolist() for row in (0, 3)] == [[0, 1], [2, 3]]


def test_a_blank_group_is_like_no_other():
    assert len(np.unique(coded(pl.Series(["a", None, "", " ", "a"])))) == 4


def test_folds_keep_groups_together_in_whatever_order_the_rows_come():
    items, groups = Lots(np.random.default_rng(0).permutation(900).astype(np.uint64), 0), np.arange(900) // 3
    folds = random_folds(kept(groups, items))
    assert all(len(set(folds[groups == group])) == 1 for group in range(300))
    assert np.abs(np.bincount(folds, minlength=5) - 180).max() <= 3
    order = np.random.default_rng(1).permutation(900)
    assert (random_folds(kept(groups[order], items[order])) == folds[order]).all()


def test_a_query_never_sees_its_group_and_accuracy_is_that_of_new_patients(steps):
    apart, together_ = steps(BY_PERSON), steps(BY_PERSON, group="patient")
    patient = together_[ROWS]["group"].to_numpy()
    folds = together_[FOLD_MOMENTS].folds
    assert all(len(set(folds[patient == each])) == 1 for each in set(patient))
    for about, low, high in ((apart, 0.8, 1.0), (together_, 0.0, 0.4)):
        codes, found = about[CLASSES].codes, about[RETRIEVAL]
        assert low <= (found.vote == codes[found.queries]).mean() <= high
        assert low <= about[SURROGATE].out_of_fold.accuracy(codes) <= high


def test_the_same_records_are_drawn_with_and_without_groups(steps):
    about = [steps(BY_PERSON, **settings)[ITEMS].keys for settings in ({}, {"group": "patient"})]
    assert (about[0] == about[1]).all()


def test_the_fall_is_none_where_groups_say_nothing():
    rng = np.random.default_rng(0)
    codes, groups = rng.integers(0, 3, 1500).astype(np.int32), rng.integers(0, 300, 1500)
    phi = np.column_stack([np.eye(3)[codes] + rng.normal(0, 0.7, (1500, 3)), np.ones(1500)]).round(2)
    phi = (np.rint(phi * 64) / 64).astype(np.float32)
    held = held_together(groups, phi, codes, 3, Fit(0.5), Lots(np.arange(1500).astype(np.uint64), 0))
    found = together("one", held, given=False)
    assert abs(found.falls) < 3 * found.error
    assert found.rows <= 1500
    assert 0 < found.error < 0.02


def test_it_is_never_inferred_into_folds(steps):
    about = steps(BY_PERSON)
    assert (about[FOLD_MOMENTS].folds == random_folds(about[ITEMS])).all()
    (found,) = about[TOGETHER]
    assert (found.column, found.given) == ("patient", False)
    assert found.falls > 0.4


def test_a_trial_learns_from_no_group_that_it_is_asked_about_or_that_a_sheet_holds(steps, tmp_path):
    frame = of_people(export(1200), "patient", each=3)
    sheet = drawn(frame, tmp_path / "sheet", size=30, second=0)
    about = steps(frame, group="patient")
    found = rows_for(about, 300, Config(sheet=str(sheet)))
    patient = about[ROWS]["group"].to_numpy()
    assert len(found.others) > 0
    assert not set(patient[found.train]) & set(patient[found.asked])
    assert not set(patient[found.train]) & set(patient[found.validation])


def test_no_prompt_shows_a_record_of_the_group(auditor, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    path, of = saved(BY_PERSON, tmp_path), dict(BY_PERSON.select("note", "patient").rows())
    arguments = ["--size", 60, "--repeats", 1, "--model", "small", "--yes-send-text"]
    with chat_server(answer="billing") as server:
        code, _, complaint = auditor("baseline", path, *NAMED, *arguments, "--endpoint", server.url)
        prompts = [body["messages"][1]["content"] for body in server.bodies]
        again = auditor("baseline", path, *NAMED[:-2], *arguments, "--endpoint", server.url)
    assert (code, complaint) == (0, "")
    for prompt in prompts:
        *shown, record = re.findall(r"^Record: (.*)$", prompt, re.MULTILINE)
        assert len(shown) == 20
        assert of[record] not in {of[text] for text in shown}
    assert again[0] == 2
    assert "asked with another --group. They are kept" in again[2]


def test_a_word_of_one_patient_is_not_named(steps):
    """Twenty records of one patient hold it, in texts that are no near duplicates."""
    number = pl.int_range(pl.len())
    frame = export(240, classes=("billing", *[f"class{n}" for n in range(5)]))
    held = (pl.col("label") == "billing") & (number.over("label") < 24)
    frame = frame.with_columns(
        note=pl.when(held).then(pl.format("{} quagmire", "note")).otherwise("note"),
        patient=pl.when(held).then(pl.lit("P1")).otherwise(pl.format("P{}", number + 2)),
    )
    assert "quagmire" in {word.word for word in steps(frame)[TELLING_WORDS]}
    about = steps(frame, group="patient")
    assert "quagmire" not in {word.word for word in about[TELLING_WORDS]}
    assert about[KIN].of(np.array([0])).any()


REFUSED = {
    "none": ({}, "nobody", "There is no column 'nobody' for --group."),
    "one of its own": ({"group": pl.format("P{}", pl.int_range(pl.len()))}, "group", "a value of its own in every"),
    "constant": ({"group": pl.lit("P1")}, "group", "holds one value alone, and groups need 5 or more"),
    "empty": ({"group": pl.lit(" ")}, "group", "is empty in every record that is used"),
    "two": ({"group": pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("a")).otherwise(pl.lit("b"))}, "group",
            "holds 2 values alone"),
    "the label": ({}, "label", "given as label and group"),
    "the label again": ({"group": pl.concat_str(pl.lit("G"), "label")}, "group", "is the label again"),
    "a placeholder": ({"group": pl.when(pl.int_range(pl.len()) % 5 > 0).then(pl.lit("unknown"))
                       .otherwise(pl.format("P{}", pl.int_range(pl.len()) // 10))}, "group",
                      "One value of column 'group' stands in 80 % of the records, as a placeholder does"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "group", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_column_that_keeps_nothing_together_is_refused_in_a_sentence(tmp_path, columns, group, sentence):
    names = ("billing", "coverage", "records", "provider", "appeal")
    path = saved(export(240, classes=names).with_columns(**columns), tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Config(export=path, **ROLES, group=group))
    assert sentence in str(caught.value)
    assert "unknown" not in str(caught.value)


def test_every_output_says_the_difference_and_names_no_patient(auditor, tmp_path):
    frame = BY_PERSON.with_columns(patient=pl.format("zq{}", "patient"))
    code, printed, complaint = auditor("run", saved(frame, tmp_path), *NAMED, "--out", "out")
    assert (code, complaint) == (0, "")
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["effective_config"]["group"] == "patient"
    assert {"role": "group", "columns": ["patient"], "given": True, "reason": "given"} in report["run"]["roles"]
    (check,) = (each for each in report["checks"] if each["code"] == "PAT009")
    assert check["findings"][0]["message"].startswith("Kept together by patient, a model gets ")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Kept together by patient, a model gets" in page
    assert not re.search(r"zqP\d", page + json.dumps(report) + printed)


def test_settings_name_it_in_a_file_too(auditor, tmp_path):
    path = saved(BY_PERSON, tmp_path)
    (tmp_path / "audit.toml").write_text('group = "patent"\n', encoding="utf-8")
    code, _, complaint = auditor("plan", path, *NAMED[:-2], "--config", "audit.toml")
    assert code == 2
    assert "There is no column 'patent' for --group. Did you mean 'patient'?" in complaint
