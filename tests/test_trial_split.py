"""Which rows a trial learns from and is asked about."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from auditor.config import Config
from auditor.errors import InputError
from auditor.evidence.given import ROWS
from auditor.evidence.groups import kin
from auditor.sheets import read_sheet
from auditor.trials.run import rows_for
from auditor.trials.split import split
from tests.exports import export
from tests.lots import numbered
from tests.sheets import drawn

ALONE = np.arange(6000)
NONE = np.empty(0, np.int64)


def parts(found):
    return {"train": found.train, "validation": found.validation, "latest": found.latest, "random": found.random}


def test_it_learns_from_before_the_latest_tenth_and_is_asked_about_both_sides():
    found = split(6000, ALONE, 2000, numbered(6000), others=NONE)
    assert {name: len(rows) for name, rows in parts(found).items()} == {
        "train": 2000, "validation": 300, "latest": 500, "random": 500,
    }  # fmt: skip
    assert found.latest.min() >= 5400
    assert max(part.max() for name, part in parts(found).items() if name != "latest") < 5400
    assert len(np.unique(np.concatenate(list(parts(found).values())))) == 3300


@pytest.mark.parametrize(
    ("rows", "dated", "asked"),
    [
        (1000, 1000, {"train": 700, "validation": 100, "latest": 100, "random": 100}),
        (1000, 0, {"train": 700, "validation": 100, "latest": 0, "random": 200}),
        (6000, 0, {"train": 2000, "validation": 300, "latest": 0, "random": 1000}),
    ],
)
def test_parts_shrink_with_the_export(rows, dated, asked):
    found = split(dated, np.arange(rows), 2000, numbered(rows), others=NONE)
    assert {name: len(part) for name, part in parts(found).items()} == asked


def test_undated_rows_beside_dated_ones_are_not_asked():
    assert split(3000, ALONE, 2000, numbered(6000), others=NONE).asked.max() < 3000


def test_what_is_alike_stands_on_one_side():
    groups = ALONE // 3
    found = parts(split(6000, groups, 2000, numbered(6000), others=NONE))
    sides = [
        set(groups[found["train"]]),
        set(groups[found["validation"]]),
        set(groups[[*found["latest"], *found["random"]]]),
    ]
    assert not sides[0] & sides[1]
    assert not (sides[0] | sides[1]) & sides[2]


def test_nothing_learns_from_rows_that_somebody_wants_answered():
    named = np.arange(0, 600)
    found = split(6000, ALONE // 3, 2000, numbered(6000), others=named)
    assert set(named) <= set(found.asked)
    assert len(np.unique(found.asked)) == len(found.asked)
    assert found.asked[found.drawn].tolist() == [*found.latest, *found.random]
    assert not {row // 3 for row in named} & {row // 3 for row in [*found.train, *found.validation]}


def test_the_same_seed_draws_the_same_rows_and_another_one_others():
    first, again, other = (split(6000, ALONE, 2000, numbered(6000, seed), NONE) for seed in (0, 0, 1))
    assert all((one == two).all() for one, two in zip(parts(first).values(), parts(again).values(), strict=True))
    assert (first.train != other.train).any()


def test_too_few_rows_are_refused():
    with pytest.raises(InputError, match="100 rows to learn from"):
        split(120, np.arange(120), 2000, numbered(120), others=NONE)


def test_rows_belong_together_through_any_key():
    near, item = np.array([0, 0, 1, 2, 3]), np.array([7, 8, 8, 9, 5])
    found = kin(near, pl.Series(item).cast(pl.String), None).groups
    assert found[0] == found[1] == found[2]
    assert len(set(found)) == 3


@pytest.fixture
def doubled():
    """Records of which each has a near duplicate under another id."""
    frame = export(rows=400)
    return pl.concat([frame, frame.with_columns(claim=pl.col("claim") + "N", note=pl.col("note") + " once")])


def test_nothing_of_a_sheet_nor_alike_to_it_is_learnt_from(doubled, steps, tmp_path):
    folder = drawn(doubled, tmp_path / "sheet", size=60)
    about = steps(doubled)
    of_sheet = {row.row_id for row in read_sheet(folder).rows}

    def row_ids(rows):
        return set(about[ROWS]["row_id"].gather(rows))

    def texts(rows):
        return {text.removesuffix(" once") for text in about[ROWS]["text"].gather(rows)}

    alone, found = (rows_for(about, 500, Config(sheet=sheet)) for sheet in (None, str(folder)))
    assert of_sheet & row_ids(alone.train)
    assert of_sheet <= row_ids(found.asked)
    learnt = np.concatenate([found.train, found.validation])
    assert len(found.train) >= 300
    assert not texts(learnt) & {doubled["note"][row].removesuffix(" once") for row in of_sheet}
    # Those that were drawn for the trial itself stand for the export, and nothing else of the sheet does.
    assert row_ids(found.asked[~found.drawn]) == of_sheet - row_ids(found.asked[found.drawn])


def test_a_sheet_of_another_export_is_refused(doubled, steps, tmp_path):
    folder = drawn(export(rows=400, seed=3), tmp_path / "sheet", size=60)
    with pytest.raises(InputError, match="The sheet belongs to another export"):
        rows_for(steps(doubled), 300, Config(sheet=str(folder)))
