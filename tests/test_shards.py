"""An export that is read in shards gives the same records as one that is read here, and no text travels."""

from __future__ import annotations

import pickle
from concurrent.futures import Executor
from dataclasses import replace

import polars as pl
import pytest

from auditor.batch import load
from auditor.config import Config, Read
from auditor.content import content_of
from auditor.errors import ConfigError, InputError, Lost
from auditor.evidence import sampling
from auditor.evidence.given import ROWS
from auditor.folders import kept
from auditor.inputs import shards as in_shards
from auditor.inputs.files import locate
from auditor.inputs.shards import Shards, refuse
from auditor.plan import steps_for
from tests.exports import export

CANARY = "canarybird"


class Here(Executor):
    """Does the work in this process as another would: tasks and what they say travel as bytes, which it keeps."""

    def __init__(self, most=None):
        self.sent, self.done, self.most = [], [], most

    def map(self, do, work, **_):
        for each in work:
            if self.most is not None and len(self.done) == self.most:
                raise Lost("The scheduler is gone.")
            said = do(self.travelled(each))
            self.done.append(type(each).__name__)
            yield self.travelled(said)

    def travelled(self, thing):
        self.sent.append(pickle.dumps(thing))
        return pickle.loads(self.sent[-1])  # noqa: S301


@pytest.fixture(autouse=True)
def every_file_is_a_shard(monkeypatch):
    monkeypatch.setattr(in_shards, "MOST_FILES", 1)


@pytest.fixture
def folder(tmp_path):
    """Writes frames to the files of one folder and gives the settings of an audit of it."""

    def of(*frames, **settings):
        for number, frame in enumerate(frames):
            name = tmp_path / "in" / f"part-{number:03}.parquet"
            name.parent.mkdir(exist_ok=True)
            frame.write_parquet(name)
        return Config(**({"export": str(tmp_path / "in"), "text": ("note",), "label": "label"} | settings))

    return of


def in_parts(frame, parts):
    size = -(-len(frame) // parts)
    return [frame.slice(start, size) for start in range(0, size * parts, size)]


def sharded(config, work, executor=None):
    work.mkdir(exist_ok=True)
    located = locate(config.export)
    refuse(config, located)
    return load(config, None, Shards(located, executor or Here(), work, 10**9, lambda _: None))


def same(config, work):
    """Reads the export here and in shards; gives both where all that is read is the same."""
    here, apart = load(config), sharded(config, work)
    for name in ("roles", "intake", "source.fingerprint", "source.columns", "source.nested", "time_granularity"):
        mine, theirs = here, apart
        for part in name.split("."):
            mine, theirs = getattr(mine, part), getattr(theirs, part)
        assert theirs == mine, name
    assert apart.frame.drop("draw_key", "text").equals(here.frame.drop("text"))
    assert content_of(apart.frame) == content_of(here.frame)
    ours, theirs = (steps_for(batch, seed=0)[ROWS] for batch in (here, apart))
    assert theirs.drop("draw_key").equals(ours)
    return here, apart


DATA = export(640)
ODD = DATA.head(60).with_columns(
    note=pl.Series(["", "  ", "!!!", "n/a", "caf\u00c3\u00a9 bill", *(f"note {i % 9}" for i in range(55))]),
    label=pl.Series([None, " ", *(["late", "early"] * 29)]),
    day=pl.Series(["31/01/2024", "02/03/2024", "soon", None, *(["05/06/2023"] * 56)]),
)


@pytest.mark.parametrize("parts", [1, 2, 7, 64])
def test_shards_are_the_same_records_as_one_file(folder, tmp_path, parts):
    twice = pl.concat([DATA, DATA.head(40)]).sample(fraction=1, shuffle=True, seed=1)
    here, _ = same(folder(*in_parts(twice, parts)), tmp_path / "work")
    assert here.intake.copies == 40


@pytest.mark.parametrize(
    ("frames", "settings"),
    [
        pytest.param(in_parts(ODD, 5), {"time": "day"}, id="dates in an order that one shard tells, words for nothing"),
        pytest.param(in_parts(ODD, 5), {"read": Read(null=("early bird",))}, id="words that stand for nothing"),
        pytest.param([DATA.head(99), DATA.slice(99, 0), DATA.tail(200).drop("payer")], {}, id="no rows, a column less"),
        pytest.param(
            [DATA.head(99).with_columns(claim=pl.int_range(99)), DATA.tail(99)], {"id": "claim"}, id="ids as numbers"
        ),
        pytest.param(in_parts(DATA, 3), {"text": ("note", "payer")}, id="two columns of text"),
        pytest.param(in_parts(DATA, 3), {"since": "2023-01-01", "time": "day"}, id="a slice of time"),
        pytest.param(
            [DATA.head(50).with_columns(pl.col("note").cast(pl.Binary)), DATA.tail(50)], {}, id="text as bytes"
        ),
        pytest.param(
            [DATA.head(90).with_columns(pl.struct(size="amount", by="payer").alias("more"))], {}, id="a nested column"
        ),
    ],
)
def test_whatever_the_files_hold(folder, tmp_path, frames, settings):
    same(folder(*frames, **settings), tmp_path / "work")


def test_the_same_texts_are_drawn_of_a_large_export(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "MOST_ROWS", 300)
    monkeypatch.setattr(sampling, "LEAST_OF_CLASS", 20)
    here, _ = same(folder(*in_parts(DATA, 7)), tmp_path / "work")
    assert len(steps_for(here, seed=0)[ROWS]) < 500


def test_no_text_travels(folder, tmp_path):
    executor = Here()
    marked = [pl.format(CANARY + "{}", pl.col(name).str.replace_all(" ", " " + CANARY)) for name in ("note", "claim")]
    told = DATA.with_columns(pl.format(CANARY + "{}", "label").alias("label"), *marked)
    batch = sharded(folder(*in_parts(told, 4)), tmp_path / "work", executor)
    rows = steps_for(batch, seed=0)[ROWS]
    assert rows["text"].str.count_matches(CANARY).min() == 18
    assert executor.done == ["Take"] * 4 + ["Type"] * 4 + ["Draw"] * 4
    assert not any(CANARY.encode() in message for message in executor.sent)
    assert set(batch.frame["text"]) == {"text"}


def test_a_run_goes_on_from_the_shards_that_were_done(folder, tmp_path):
    config, first, then = folder(*in_parts(DATA, 4)), Here(most=6), Here()
    with pytest.raises(Lost), kept(tmp_path, "auditor-test") as work:
        sharded(config, work, first)
    left = {path.name: path.stat().st_mtime_ns for path in work.iterdir() if path.name.startswith(("whole", "keys"))}
    with kept(tmp_path, "auditor-test") as work:
        sharded(config, work, then)
        assert {path.name: path.stat().st_mtime_ns for path in work.iterdir()}.items() >= left.items()
    assert len(left) == 6
    assert not work.exists()


def test_a_shard_that_changed_is_read_anew(folder, tmp_path):
    config = folder(*in_parts(DATA, 4))
    before = sharded(config, tmp_path / "work").source.fingerprint
    DATA.head(7).write_parquet(tmp_path / "in" / "part-002.parquet")
    after = sharded(config, tmp_path / "work")
    assert after.source.fingerprint != before
    assert after.intake.rows_read == 487


def test_only_one_run_at_a_time_uses_a_folder(tmp_path):
    with (
        kept(tmp_path, "auditor-test"),
        pytest.raises(ConfigError, match="another run"),
        kept(tmp_path, "auditor-test"),
    ):
        pass


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"text": ()}, ConfigError, "guesses no column"),
        ({"sheet": "sheet"}, ConfigError, "--sheet is held to the texts"),
        ({"query": "SELECT 1"}, InputError, "reads Parquet files"),
        ({"text": ("nota",)}, ConfigError, "no column 'nota' for --text. Did you mean 'note'"),
    ],
)
def test_what_cannot_be_read_in_shards_is_said(folder, tmp_path, settings, error, said):
    with pytest.raises(error, match=said):
        sharded(folder(*in_parts(DATA, 2), **settings), tmp_path / "work")


def test_files_that_do_not_fit_vanish_or_cannot_be_reached_are_named(folder, tmp_path):
    config = folder(DATA.head(50), DATA.tail(50))
    (tmp_path / "in" / "part-002.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"part-002.parquet' cannot be read as Parquet: it is none, or was cut short"):
        sharded(config, tmp_path / "work")
    (tmp_path / "in" / "part-002.parquet").unlink()

    class Gone(Here):
        def map(self, do, work, **_):
            yield from super().map(do, (replace(each, shard=self.moved(each.shard)) for each in work))

    class Vanished(Gone):
        def moved(self, shard):
            return replace(shard, files=tuple(file.with_name("gone.parquet") for file in shard.files))

    class Unreached(Gone):
        def moved(self, shard):
            return replace(shard, work=shard.work / "elsewhere")

    for executor, said in ((Vanished(), "'gone.parquet'"), (Unreached(), "the folder .* of --work")):
        with pytest.raises(InputError, match=f"A worker does not find {said}"):
            sharded(config, tmp_path / "work", executor)


def test_a_column_that_was_renamed_between_shards_is_said(folder, tmp_path):
    later = DATA.tail(300).rename({"payer": "payer_name"})
    with pytest.raises(InputError, match="read one by one"):
        sharded(folder(DATA.head(300), later), tmp_path / "work")


def test_a_large_file_is_read_in_parts(monkeypatch, folder, tmp_path):
    monkeypatch.setattr(in_shards, "MOST_BYTES", 5_000)
    config, executor = folder(DATA.head(9), pl.concat([DATA] * 4)), Here()
    here, _ = same(config, tmp_path / "work")
    sharded(config, tmp_path / "again", executor)
    assert executor.done.count("Take") > 5
    assert here.intake.rows_read == 2569


def test_small_files_are_read_together(monkeypatch, folder, tmp_path):
    monkeypatch.setattr(in_shards, "MOST_FILES", 3)
    executor = Here()
    sharded(folder(*in_parts(DATA, 8)), tmp_path / "work", executor)
    assert executor.done.count("Take") == 3
