"""Agreement against published figures, and the taxonomy's file."""

import numpy as np
import polars as pl
import pytest

from auditor.errors import ConfigError, InputError
from auditor.estimators.agreement import krippendorff_alpha
from auditor.estimators.taxonomy import auc_error
from auditor.evidence.agreement import added
from auditor.evidence.duplicates import Duplicates
from auditor.inputs.taxonomy import read_taxonomy

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": his examples A and C.
TWO_OBSERVERS = ["0100000010", "1110010000"]
FOUR_OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def counted(observers):
    counts = np.zeros((len(observers[0]), 6), np.int64)
    for each in observers:
        for item, label in enumerate(each):
            if label != ".":
                counts[item, int(label)] += 1
    return counts


def alpha_of(counts):
    votes = added(counts, 2)
    return krippendorff_alpha(votes.unequal, votes.by_class)


@pytest.mark.parametrize(("observers", "alpha"), [(TWO_OBSERVERS, 0.095), (FOUR_OBSERVERS, 0.743)])
def test_alpha_of_the_published_examples(observers, alpha):
    assert alpha_of(counted(observers)) == pytest.approx(alpha, abs=0.0005)


def test_alpha_where_nothing_varies():
    assert alpha_of(np.array([[2, 0], [3, 0]])) == 1
    assert alpha_of(np.array([[1, 0], [0, 1]])) == 1


def test_error_of_an_area_of_one_half_is_that_of_ranks():
    exact = np.sqrt((50 + 80 + 1) / (12 * 50 * 80))
    assert auc_error(0.5, 50, 80) == pytest.approx(exact, rel=0.01)


def test_wrong_labels_that_duplicates_imply():
    groups = Duplicates(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 0, 0, 1]))
    codes = np.array([0, 0, 1, 2, 2, 1], np.int32)
    assert groups.wrong_at_least(codes) == 1
    assert groups.conflicting(codes).tolist() == [True, True, True, False, False, False]
    assert groups.near_conflicting(codes).tolist() == [True] * 5 + [False]


FULL = {"label": "a", "definition": "d", "active_from": "2022-01-01", "active_to": "2023"}


@pytest.fixture
def written(tmp_path):
    def write(name="taxonomy.csv", **changes):
        frame = pl.DataFrame([{key: value for key, value in (FULL | changes).items() if value is not None}])
        path = tmp_path / name
        match path.suffix:
            case ".parquet":
                frame.write_parquet(path)
            case ".jsonl":
                frame.write_ndjson(path)
            case ending:
                frame.write_csv(path, separator="\t" if ending == ".tsv" else ",")
        return str(path)

    return write


@pytest.mark.parametrize("name", ["taxonomy.csv", "taxonomy.tsv", "taxonomy.parquet", "taxonomy.jsonl"])
def test_every_format_is_read(written, name):
    (entry,) = read_taxonomy(written(name))
    assert (entry.label, entry.definition) == ("a", "d")
    assert (str(entry.start), str(entry.end)) == ("2022-01-01 00:00:00", "2024-01-01 00:00:00")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"definition": None, "defintion": "d"}, "no column 'definition'. Is it 'defintion'?"),
        ({"active_to": None, "zzz": "d"}, "no column 'active_to'"),
        ({"label": " "}, "1 lines without a label"),
        ({"active_from": "soon"}, "cannot be read"),
        ({"active_to": "2020"}, "ends 'a' before it starts"),
    ],
)
def test_a_wrong_file_is_explained(written, changes, words):
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        read_taxonomy(written(**changes))


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="--taxonomy"):
        read_taxonomy(str(tmp_path / "none.csv"))
