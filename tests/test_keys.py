"""Keys and draws are the same on every machine and in every order of the rows."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from auditor.evidence.proxy import N_FOLDS, random_folds
from auditor.keys import Lots, digest, row_keys
from tests.conftest import loaded
from tests.exports import export
from tests.lots import numbered

ROWS = pl.DataFrame(
    {
        "text": ["a", "b", None, ""],
        "time": [datetime(2024, 1, 1), None, datetime(2024, 1, 1), datetime(2024, 1, 1)],
        "size": [0.0, 1.5, float("nan"), None],
    },
    schema_overrides={"time": pl.Datetime("us")},
)


def test_keys_and_draws_never_change():
    # Written down: another version of this module would draw other folds from the same export.
    assert digest("claim") == 7475468623587328415
    assert numbered(3).drawn("folds").tolist() == [13986547938908882045, 11431640522959280457, 17965230802602911730]
    assert row_keys(ROWS).tolist() == [
        6509709826214524526,
        12677373845386214384,
        18421078648533638299,
        13803066388187795806,
    ]


def test_equal_rows_share_a_key_and_the_order_of_rows_and_columns_has_no_part_in_it():
    keys = row_keys(ROWS)
    assert len(set(keys.tolist())) == 4
    assert row_keys(ROWS[[3, 1, 1, 0]]).tolist() == keys[[3, 1, 1, 0]].tolist()
    assert row_keys(ROWS.select("size", "text", "time")).tolist() == keys.tolist()


@pytest.mark.parametrize(
    ("one", "other"), [(["a", "bc"], ["ab", "c"]), (["", None], [None, ""]), (["1:a", "-"], ["1", ":a-"])]
)
def test_values_do_not_run_into_each_other(one, other):
    pair = [
        row_keys(pl.DataFrame([values], schema={"x": pl.String, "y": pl.String}, orient="row"))
        for values in (one, other)
    ]
    assert pair[0] != pair[1]


def test_both_zeros_are_one_number():
    assert len(set(row_keys(pl.DataFrame({"size": [0.0, -0.0]})).tolist())) == 1


def test_every_seed_and_purpose_draws_for_itself_and_evenly():
    drawn = [numbered(10_000, seed).uniform(purpose) for seed in (0, 1) for purpose in ("one", "other")]
    assert np.abs(np.corrcoef(drawn) - np.eye(4)).max() < 0.04
    assert all(np.histogram(each, 10, (0, 1))[0].min() > 900 for each in drawn)


def test_rows_of_one_item_share_a_fold_and_others_fill_them_evenly():
    items = np.arange(1_000, dtype=np.uint64)
    items[:30] = 7
    folds = random_folds(Lots(items, 0))
    assert len(set(folds[:30])) == 1
    assert np.bincount(folds, minlength=N_FOLDS).max() <= 230
    shuffled = np.random.default_rng(0).permutation(1_000)
    assert random_folds(Lots(items[shuffled], 0)).tolist() == folds[shuffled].tolist()


def test_an_id_makes_rows_one_item_and_a_blank_one_does_not(tmp_path):
    frame = export(40).with_columns(claim=pl.Series(["C1", "C1", " ", None, *map(str, range(36))]))
    batch = loaded(frame, tmp_path)
    by_row = batch.frame.sort("row_id")
    assert by_row["item"][0] == by_row["item"][1]
    assert by_row["item"].n_unique() == 39
    assert by_row["key"].n_unique() == 40
    assert by_row["item"][2:4].to_list() == by_row["key"][2:4].to_list()


def test_usable_rows_come_in_one_order_wherever_they_stood(tmp_path):
    frame = export(200).with_columns(day=pl.col("day").dt.truncate("1y"))
    shuffled = frame.sample(fraction=1, shuffle=True, seed=0)
    batches = [loaded(each, tmp_path) for each in (frame, shuffled)]
    found = [batch.frame[batch.usable()["at"]].drop("row_id") for batch in batches]
    assert found[0].equals(found[1])
