"""The generator plants what it says, and nothing in the clean variant."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest

import sample_data
from sample_data.defects import LEAKED_CODE, VARIANTS, WORDING
from sample_data.generate import PAYERS, Sample, make, write, write_small
from sample_data.taxonomy import CATEGORIES, row_counts

ROWS = 6_000
FOLDER = Path(sample_data.__file__).parent
PERSONAL = re.compile(
    r"\b555[-.]\d{4}|@|\bMRN|(?:\bPt|\bMrs?\.|spoke w/|\bmother) [A-Z][a-z]+ [A-Z][a-z]+",
)


@pytest.fixture(scope="module")
def flawed() -> Sample:
    return make(ROWS, seed=11)


@pytest.fixture(scope="module")
def clean() -> Sample:
    return make(ROWS, seed=11, clean=True)


@pytest.fixture(scope="module")
def joined(flawed: Sample) -> pl.DataFrame:
    return flawed.export.join(flawed.truth_rows, on="claim_id", validate="1:1", maintain_order="left")


def carrying(frame: pl.DataFrame, defect: str) -> pl.DataFrame:
    return frame.filter(pl.col("defects").list.contains(defect))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_same_bytes(tmp_path: Path, flawed: Sample) -> None:
    write(flawed, tmp_path / "a")
    write(make(ROWS, seed=11), tmp_path / "b")
    write(make(ROWS, seed=12), tmp_path / "c")
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert set(first) == {"denials.parquet", "truth.json", "truth_rows.parquet"}
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_small_sample_is_current(tmp_path: Path) -> None:
    write_small(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), f"{path.name} is out of date"


@pytest.mark.parametrize("variant", ["flawed", "clean"])
def test_export_is_well_formed(variant: str, request: pytest.FixtureRequest) -> None:
    sample: Sample = request.getfixturevalue(variant)
    export = sample.export
    assert export.height == sample.truth_rows.height == ROWS
    assert export["claim_id"].to_list() == sample.truth_rows["claim_id"].to_list()
    assert export["claim_id"].n_unique() == ROWS
    assert [export[name].n_unique() for name in ("payer", "facility", "coder")] == [14, 22, 18]
    assert export.drop("denied_on").null_count().sum_horizontal().item() == 0
    words = [len(note.split()) for note in export["note"]]
    assert min(words) >= 20
    assert max(words) <= 60
    assert not any("{" in note or "  " in note for note in export["note"])
    assert json.loads(json.dumps(sample.truth)) == sample.truth


def test_class_sizes_at_full_scale() -> None:
    counts = row_counts(80_000)
    assert counts.sum() == 80_000
    assert 0.11 < counts.max() / 80_000 < 0.14
    assert 90 <= counts.min() <= 130
    assert len({category.name for category in CATEGORIES}) == len(CATEGORIES) == 47


def test_clean_has_no_defects(clean: Sample) -> None:
    export = clean.export
    assert clean.truth["defects"] == {}
    assert export["category"].to_list() == clean.truth_rows["true_label"].to_list()
    assert set(export["category"]) == {category.name for category in CATEGORIES}
    assert export["denied_on"].null_count() == 0
    assert export["note"].n_unique() == ROWS
    assert clean.truth_rows["defect"].null_count() == ROWS
    text = "\n".join(export["note"]).lower()
    assert LEAKED_CODE.lower() not in text
    assert not any(new in text for new in WORDING.values())
    assert not any(PERSONAL.search(note) for note in export["note"])


def test_clean_classes_are_spread_evenly_over_payers_and_time(clean: Sample) -> None:
    share = pl.col("category").eq(CATEGORIES[0].name).mean()
    by_payer = clean.export.group_by("payer").agg(share)["category"]
    by_year = clean.export.group_by(pl.col("denied_on").dt.year()).agg(share)["category"]
    assert by_payer.max() - by_payer.min() < 0.12
    assert by_year.max() - by_year.min() < 0.05


@pytest.mark.parametrize(
    ("defect", "share"),
    [
        ("random_noise", 0.08),
        ("near_duplicates", 0.04),
        ("conflicting_duplicates", 0.012),
        ("label_variants", 0.0045),
        ("missing_dates", 0.025),
        ("personal_data", 0.03),
    ],
)
def test_share_of_defect(flawed: Sample, joined: pl.DataFrame, defect: str, share: float) -> None:
    rows = carrying(joined, defect).height
    assert rows == pytest.approx(share * ROWS, rel=0.12)
    told = flawed.truth["defects"][defect]
    assert told["rows"] == rows
    assert told["share"] == pytest.approx(rows / ROWS, abs=1e-4)


def test_wrong_labels_are_all_accounted_for(flawed: Sample, joined: pl.DataFrame) -> None:
    spelling = {variant: label for label, variant in _spellings(flawed)}
    wrong = joined.filter(pl.col("category").replace(spelling) != pl.col("true_label"))
    changing = ("random_noise", "segment_pattern", "coder_habit", "conflicting_duplicates")
    assert set(wrong["defect"]) == set(changing)
    planted = sum(flawed.truth["defects"][defect]["rows"] for defect in changing[:3])
    assert wrong.height == planted + flawed.truth["defects"]["conflicting_duplicates"]["wrong_rows"]


def _spellings(sample: Sample) -> list[tuple[str, str]]:
    return [(entry["label"], entry["variant"]) for entry in sample.truth["defects"]["label_variants"]["variants"]]


def test_noise_uses_active_labels_only(flawed: Sample, joined: pl.DataFrame) -> None:
    told = flawed.truth["defects"]
    dated = joined.filter(pl.col("denied_on").is_not_null())

    def days(label: str) -> pl.Series:
        return dated.filter(pl.col("category") == label)["denied_on"].cast(pl.String)

    for label, start in (
        (told["born_class"]["label"], told["born_class"]["date"]),
        (told["renamed_class"]["new"], told["renamed_class"]["date"]),
        (told["merged_classes"]["into"], told["merged_classes"]["date"]),
    ):
        assert days(label).min() >= start
    assert days(told["renamed_class"]["old"]).max() < told["renamed_class"]["date"]
    for label in told["merged_classes"]["from"]:
        assert days(label).max() < told["merged_classes"]["date"]


def test_taxonomy_changes(flawed: Sample, joined: pl.DataFrame) -> None:
    told, labels = flawed.truth["defects"], flawed.truth["labels"]
    assert len(labels["ever"]) == joined["true_label"].n_unique() == 50
    assert len(labels["active_at_end"]) == 47
    rows = dict(joined["true_label"].value_counts().iter_rows())
    assert rows[told["born_class"]["label"]] == told["born_class"]["rows"] == round(0.01 * ROWS)
    assert rows[told["renamed_class"]["old"]] == told["renamed_class"]["rows_before"]
    assert rows[told["renamed_class"]["new"]] == told["renamed_class"]["rows_after"]
    assert rows[told["merged_classes"]["into"]] == told["merged_classes"]["rows_after"]


def test_habits(flawed: Sample, joined: pl.DataFrame) -> None:
    segment, coder = (flawed.truth["defects"][name] for name in ("segment_pattern", "coder_habit"))
    assert segment["value"] in PAYERS

    def filed(told: dict[str, str]) -> pl.Series:
        rows = joined.filter((pl.col(told["column"]) == told["value"]) & (pl.col("true_label") == told["from"]))
        return rows["category"]

    assert set(filed(segment)) == {segment["to"]}
    assert segment["rows"] == filed(segment).len() > 10
    assert (filed(coder) == coder["to"]).sum() == coder["rows"]
    assert 0.6 < coder["rate"] < 0.95


def test_wording_drifts_when_it_should(flawed: Sample) -> None:
    told = flawed.truth["defects"]["wording_drift"]
    dated = flawed.export.filter(pl.col("denied_on").is_not_null())
    day = dated["denied_on"].cast(pl.String)
    # A mistyped old word stays as it is, so the text is searched for the words as recorded.
    for swap in told["swaps"]:
        note = dated["note"].str.to_lowercase()
        new = note.str.contains(swap["new"], literal=True)
        assert not new.filter(day < told["start"]).any()
        assert new.filter(day >= told["end"]).any()
        old = note.str.contains(rf"\b{swap['old']}\b")
        assert old.filter(day < told["start"]).any()
        assert not old.filter(day >= told["end"]).any()


def test_near_duplicates(joined: pl.DataFrame) -> None:
    near = joined.filter(pl.col("duplicate_group").str.starts_with("near-"))
    groups = near.group_by("duplicate_group").agg(pl.len(), pl.col("category", "note").n_unique())
    assert groups["len"].min() >= 5
    assert groups["len"].max() <= 60
    assert groups["category"].max() == 1
    assert (groups["note"] == groups["len"]).all()


def test_conflicting_duplicates(joined: pl.DataFrame) -> None:
    clash = joined.filter(pl.col("duplicate_group").str.starts_with("conflict-"))
    groups = clash.group_by("duplicate_group").agg(pl.len(), pl.col("category", "note").n_unique())
    assert groups["len"].min() >= 2
    assert groups["note"].max() == 1
    assert groups["category"].min() >= 2
    repeated = joined.filter(pl.col("note").is_duplicated())
    assert set(repeated["claim_id"]) == set(clash["claim_id"])


def test_label_variants(flawed: Sample, joined: pl.DataFrame) -> None:
    rows = dict(joined["category"].value_counts().iter_rows())
    for entry in flawed.truth["defects"]["label_variants"]["variants"]:
        assert rows[entry["variant"]] == entry["rows"] >= 1
        assert entry["variant"] != entry["label"]
    assert len({key for key, _, _ in VARIANTS}) == 4


def test_leaked_code(flawed: Sample, joined: pl.DataFrame) -> None:
    told = flawed.truth["defects"]["leaked_code"]
    has = joined["note"].str.contains(told["code"], literal=True)
    filed = joined["category"] == told["label"]
    assert not (has & ~filed).any()
    assert has.sum() == told["rows"]
    assert (has & filed).sum() / filed.sum() == pytest.approx(told["coverage"], abs=1e-3)
    assert told["coverage"] == pytest.approx(0.9, abs=0.02)


def test_personal_data(flawed: Sample, joined: pl.DataFrame) -> None:
    found = [bool(PERSONAL.search(note)) for note in joined["note"]]
    assert found == joined["defects"].list.contains("personal_data").to_list()
    kinds = flawed.truth["defects"]["personal_data"]["rows_by_kind"]
    assert set(kinds) == {"name", "phone", "mrn", "email"}
    assert min(kinds.values()) > 0
    assert joined["note"].str.contains("@", literal=True).sum() == kinds["email"]
    assert joined["note"].str.contains("MRN", literal=True).sum() == kinds["mrn"]


def test_missing_dates(joined: pl.DataFrame) -> None:
    missing = joined["denied_on"].is_null()
    assert missing.to_list() == joined["defects"].list.contains("missing_dates").to_list()


def test_smallest_export_still_works() -> None:
    sample = make(2_000, seed=5)
    assert all(entry.get("rows", 1) > 0 for entry in sample.truth["defects"].values())
    with pytest.raises(ValueError, match="too few"):
        make(100)
