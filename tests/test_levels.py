"""Labels that are paths in a tree: recognised, said, and audited at a level."""

import polars as pl
import pytest

from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError
from auditor.inputs.levels import levels_of
from tests.exports import export, saved

NOTES = export(240)
TREE = ["Front > Approval", "Front > Cover", "Back > Code", "Back > Twice", "Back > Late"]


@pytest.fixture
def loaded(tmp_path):
    """Loads the notes with other columns of labels."""

    def run(columns, **settings):
        frame = NOTES.drop("label").with_columns(**{name: pl.Series(cells) for name, cells in columns.items()})
        return load(Config(export=saved(frame, tmp_path, "export.csv"), text=("note",), **settings))

    return run


def told(batch):
    return [notice.text for notice in batch.intake.notices]


def each(names):
    return [names[row % len(names)] for row in range(240)]


@pytest.mark.parametrize(
    ("names", "mark", "classes"),
    [
        (TREE, ">", (2, 5)),
        ([f"All/{name.replace(' > ', '/')}" for name in TREE], "/", (1, 2, 5)),
        (["a::b::c", "a::b::d", "a::e::f", "g::h::i", "g::h::j"], "::", (2, 3, 5)),
        (["F32.0", "F32.1", "F33.0", "F33.2", "J45.9", "J45.1"], ".", (3, 6)),
        (["1.1", "1.2", "2.1", "2.2"], ".", (2, 4)),
        ([*TREE, "Front > Approval > Late", "Front > Approval > Lost"], ">", (2, 5, 7)),
    ],
)
def test_paths_are_told_by_what_divides_them_and_how_many_classes_each_level_has(names, mark, classes):
    assert levels_of(names) == (mark, classes)


@pytest.mark.parametrize(
    "names",
    [
        ["Approval", "Cover", "Code"],
        ["yes/no", "in/out", "up/down"],
        ["A/R", "Approval", "Cover", "N/A"],
        ["CWE-79", "CWE-89", "CWE-20"],
        ["1.0", "2.0", "3.0"],
        ["0.5", "1.0", "1.5", "2.0"],
        ["Follow-up > late"],
    ],
)
def test_other_names_are_no_paths(names):
    assert levels_of(names) is None


def test_a_tree_is_said_with_the_option_that_takes_a_level(loaded):
    (said,) = told(loaded({"label": each(TREE)}, label="label"))
    assert "level 1 has 2, level 2 has 5 classes" in said
    assert "--label-level N" in said


@pytest.mark.parametrize(("level", "classes"), [(1, {"Front", "Back"}), (2, set(TREE))])
def test_a_level_is_audited(loaded, level, classes):
    batch = loaded({"label": each(TREE)}, label="label", label_level=level)
    assert set(batch.frame["label"]) == classes
    assert told(batch) == []


@pytest.mark.parametrize(
    ("names", "level", "sentence"),
    [(TREE, 3, "have 2 levels; --label-level 3"), (["Approval", "Cover", "Code"], 1, "are no paths")],
)
def test_a_level_that_is_not_there_is_refused(loaded, names, level, sentence):
    with pytest.raises(ConfigError, match=sentence):
        loaded({"label": each(names)}, label="label", label_level=level)


def test_a_column_of_another_level_is_said_and_describes_nothing(loaded):
    above = [name.split(" > ")[0] for name in each(TREE)]
    batch = loaded({"category": above, "subcategory": each(TREE)})
    assert batch.roles.label == "category"
    assert "subcategory" not in (*batch.roles.segment, *batch.roles.text)
    assert "Column 'subcategory' holds a level below 'category' (5 classes beside 2)" in told(batch)[-1]
