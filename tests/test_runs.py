"""Where runs lie, which records they read, and how a run is repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from auditor import dated
from auditor.content import content_of
from auditor.errors import ConfigError, InputError
from auditor.history import earlier
from auditor.lock import run_lock
from tests.conftest import loaded
from tests.exports import export, saved
from tests.test_outputs import DATED, OUTPUTS

# Enough to run an audit, and quick.
QUICK = 'select = ["VOL001", "VOL002", "LAB002"]\n'


def report_in(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("denials.csv", "audit-denials"),
        ("data/denials.csv.gz", "audit-denials"),
        ("data/", "audit-data"),
        ("data/2026/*.parquet", "audit-2026"),
        ("data/*/part-*.csv", "audit-data"),
        ("my denials (1).json", "audit-my-denials-1"),
        ("*.csv", "audit-export"),
        ("..", "audit-export"),
    ],
)
def test_the_folder_of_runs_is_named_after_the_export(given, name):
    assert dated.root_of(given) == Path(name)


def test_runs_of_one_second_have_folders_of_their_own(tmp_path):
    started, names = datetime(2026, 11, 28, 6, 5, 4, tzinfo=UTC), []
    for _ in range(3):
        run = dated.new_run(tmp_path, started)
        run.mkdir()
        names.append(run.name)
    assert names == ["2026-11-28T060504Z", "2026-11-28T060504Z-2", "2026-11-28T060504Z-3"]


@pytest.mark.parametrize("links", [True, False])
def test_the_pointer_names_the_latest_run(tmp_path, monkeypatch, links):
    def refused(*_, **__):
        raise OSError("no links here")

    if not links:
        monkeypatch.setattr(Path, "symlink_to", refused)
    assert dated.latest(tmp_path) is None
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(name)
        dated.point_to_latest(tmp_path / name)
        for path in (tmp_path, tmp_path / "latest", tmp_path / name, tmp_path / name / "report.json"):
            assert dated.report_at(path).read_text() == name
    assert (tmp_path / "latest").is_symlink() == links
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second", "latest"}


def test_a_folder_without_an_audit_is_said_to_be_one(tmp_path):
    with pytest.raises(InputError, match="There is no audit at"):
        dated.report_at(tmp_path)


def test_one_run_at_a_time_for_each_folder(tmp_path):
    with run_lock(tmp_path / "a" / "out"):
        with run_lock(tmp_path / "b"):
            pass
        with pytest.raises(ConfigError, match="Another audit is writing to"), run_lock(tmp_path / "a" / "out"):
            pass
    with run_lock(tmp_path / "a" / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_runs_without_out_lie_side_by_side_and_are_repeated_with_their_settings(auditor, tmp_path):
    (tmp_path / "data").mkdir()
    saved(export(120), tmp_path / "data", "in.parquet")
    limits = "[limits]\nunique_rows = [100, 50]\nreviewed_noise_rate = 0.01\n"
    (tmp_path / "audit.toml").write_text(
        f"{QUICK}horizon = 3\n{limits}[cost]\nerror_cost = 4\n[governance]\nowner = 'us'\nlicence = "
        "{ not_applicable = 'ours' }\n[read]\nnull = ['?']\n[severity]\nGOV001 = 'info'\n[[ignore]]\ncheck = 'LAB003'\n"
        "class = ['A', 'B']\nreason = 'known'\nuntil = 2099-01-31\n"
    )
    code, _, said = auditor("run", "data/in.parquet", *DATED, "--config", "audit.toml", "--since", "2022-02-01")
    assert (code, said) == (0, "")
    root = tmp_path / "audit-in"
    first = (root / "latest").resolve()
    assert {path.name for path in first.iterdir()} == OUTPUTS

    code, _, said = auditor("run", "--again", root)
    assert (code, said.count("\n")) == (2, 1)
    assert "'in.parquet'" in said
    code, _, said = auditor("run", "data/in.parquet", "--again", root, "--seed", 3)
    assert (code, said) == (0, "")
    second = (root / "latest").resolve()
    assert {path.name for path in root.iterdir()} == {first.name, second.name, "latest"}
    assert len({first, second}) == 2

    before, now = report_in(first)["effective_config"], report_in(second)["effective_config"]
    for own in ("out", "seed"):
        assert before.pop(own) != now.pop(own)
    assert before == now
    assert now["limits"]["reviewed_noise_rate"]["passes"] == 0.01
    assert [len(report_in(run)["history"]) for run in (first, second)] == [0, 1]
    assert [past.rows for past in earlier(root / "next", "label")] == [
        report_in(run)["run"]["intake"]["rows_used"] for run in (first, second)
    ]


def test_a_slice_of_time_is_said_and_holds_its_records_alone(auditor, tmp_path):
    data = export(240).with_columns(day=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("day"))
    saved(data, tmp_path, "in.parquet")
    (tmp_path / "audit.toml").write_text(f"{QUICK}since = 2023-01-01\nuntil = '2023-12-31'\n")
    code, printed, _ = auditor("run", "in.parquet", *DATED, "--config", "audit.toml", "--out", "out")
    assert code == 0
    inside = data["day"].is_between(datetime(2023, 1, 1), datetime(2023, 12, 31)).fill_null(value=False)
    said = f"Only records dated 2023-01-01 to 2023-12-31 are audited: {inside.sum()} of 240; 5 without a date"
    report = report_in(tmp_path / "out")
    assert said in report["run"]["intake"]["notices"][0]["text"]
    assert said in " ".join(printed.split())
    assert (report["run"]["rows"], report["run"]["intake"]["missing_date"]) == (inside.sum(), 0)
    assert set(pl.read_parquet(tmp_path / "out" / "rows.parquet")["row_id"]) == set(inside.arg_true())


@pytest.mark.parametrize(
    ("settings", "first", "last"),
    [
        ({"since": "2024-06-01"}, "2024-06-01", "2024-12-31"),
        ({"until": "2022-03-31"}, "2022-01-01", "2022-03-31"),
        ({"until": "9999-12-31"}, "2022-01-01", "2024-12-31"),
        ({"window": "12m"}, "2024-01-01", "2024-12-31"),
        ({"window": "1y"}, "2024-01-01", "2024-12-31"),
        ({"window": "90d"}, "2024-10-03", "2024-12-31"),
        ({"window": "2w"}, "2024-12-18", "2024-12-31"),
        ({"window": "3m", "until": "2023-06-30"}, "2023-04-01", "2023-06-30"),
    ],
)
def test_the_days_at_both_ends_are_inside(tmp_path, settings, first, last):
    days = loaded(export(1096), tmp_path, **settings).frame["time"]
    assert (str(days.min().date()), str(days.max().date())) == (first, last)


def test_content_is_named_by_values_and_not_by_bytes_or_order(tmp_path):
    data = export(200).with_columns(site=pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("payer"))

    def content(frame, **settings):
        return content_of(loaded(frame, tmp_path, segment=("payer", "site"), **settings).frame)

    known = content(data)
    assert content(data.sample(fraction=1, shuffle=True, seed=1)) == known
    assert content(data.select(reversed(data.columns))) == known
    assert content(data.with_columns(site=pl.col("site").fill_null(""))) == known
    assert content(data.with_columns(day=pl.col("day").cast(pl.String))) == known
    saved(data, tmp_path, "in.csv")
    assert content(data, export=str(tmp_path / "in.csv")).fingerprint == known.fingerprint
    assert content(data.with_columns(answer="label"), prediction="answer") == known
    for other in (
        data.head(199),
        pl.concat([data, data.head(1)]),
        data.with_columns(label=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("x")).otherwise("label")),
    ):
        assert content(other).fingerprint != known.fingerprint


def test_rows_without_ids_are_the_same_in_any_order(tmp_path):
    data = export(100).drop("claim")
    assert content_of(loaded(data, tmp_path).frame) == content_of(loaded(data.reverse(), tmp_path).frame)


def test_an_export_that_holds_the_same_again_has_the_same_sample(tmp_path):
    data = export(300)
    kept = set(content_of(loaded(data, tmp_path).frame).sample)
    assert len(kept) == 256
