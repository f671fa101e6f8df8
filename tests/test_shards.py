"""An export that is read in shards gives the same records as one that is read here, and no text travels."""

from __future__ import annotations

import pickle
from concurrent.futures import Executor
from dataclasses import replace

import polars as pl
import pytest
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from auditor.api import audit
from auditor.batch import load
from auditor.config import Config, Read
from auditor.content import content_of
from auditor.engine import _absolute, named
from auditor.errors import AuditError, ConfigError, InputError, Lost
from auditor.evidence import sampling
from auditor.evidence.given import ROWS
from auditor.folders import kept
from auditor.inputs import buckets, source
from auditor.inputs import shards as in_shards
from auditor.inputs.columnar import rows_in
from auditor.inputs.files import locate
from auditor.inputs.shard import done
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

# What the first two files make of a value together is not what all three make of it.
TYPES = {
    "a whole number, a number, a word": (pl.lit(1), pl.lit(1.5), pl.lit("x")),
    "a large number, a short one, a long one": (pl.lit(16_777_217), pl.lit(0.5, pl.Float32), pl.lit(0.25)),
    "a day, a time, a word": (pl.date(2024, 1, 2), pl.datetime(2024, 1, 2, 3), pl.lit("x")),
    "yes, a number, a word": (pl.lit(value=True), pl.lit(2), pl.lit("x")),
    "a number in an object, a word in one": (pl.struct(a=1), pl.struct(a=1.5, b=1), pl.struct(a=pl.lit("x"))),
}


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
        pytest.param(in_parts(DATA, 3), {"segment": ("note", "payer")}, id="a text that is a segment too"),
        pytest.param(
            [DATA.head(90).with_columns(pl.lit("x").alias("payer ")), DATA.tail(90).rename({"payer": "payer "})],
            {},
            id="names with spaces",
        ),
        pytest.param(
            [DATA.head(90).with_columns(pl.col("amount").alias("É")), DATA.tail(90).with_columns(é="amount")],
            {},
            id="names in capitals",
        ),
        pytest.param(
            [DATA.head(90).with_columns(picture=pl.lit(b"\xff\xd8")), DATA.tail(90).with_columns(picture=pl.lit(b"a"))],
            {},
            id="bytes that are text in one file",
        ),
        *(
            pytest.param([DATA[n * 90 : n * 90 + 90].with_columns(x=each) for n, each in enumerate(kinds)], {}, id=name)
            for name, kinds in TYPES.items()
        ),
        pytest.param(
            [DATA.head(90).with_columns(pl.struct(size="amount", by="payer").alias("more"))], {}, id="a nested column"
        ),
    ],
)
@pytest.mark.parametrize("most", [1, 2], ids=["a file a shard", "two files a shard"])
def test_whatever_the_files_hold(folder, tmp_path, monkeypatch, frames, settings, most):
    monkeypatch.setattr(in_shards, "MOST_FILES", most)
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
    assert executor.done == ["Take"] * 4 + ["Key"] * 4 + ["Draw"] * 4
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


@pytest.mark.parametrize(("error", "stays"), [(Lost, True), (ConfigError, True), (InputError, False)])
def test_what_a_lost_run_did_stays_until_one_ends(tmp_path, error, stays):
    with pytest.raises(Lost), kept(tmp_path, "auditor-test") as work:
        (work / "done").touch()
        raise Lost
    with pytest.raises(error), kept(tmp_path, "auditor-test"):
        raise error
    assert (work / "done").exists() == stays


def test_wrong_settings_leave_nothing(tmp_path):
    with pytest.raises(ConfigError), kept(tmp_path, "auditor-test"):
        raise ConfigError
    assert not list(tmp_path.iterdir())


def test_an_export_that_grows_goes_on_in_the_same_folder(folder, tmp_path, monkeypatch):
    before = named(locate(folder(*in_parts(DATA, 2)).export))
    folder(*in_parts(DATA, 3))
    monkeypatch.chdir(tmp_path)
    assert named(locate("in")) == named(locate("in/")) == before
    assert named(locate("in/*.parquet")) != before


def test_a_shard_that_changed_is_read_anew(folder, tmp_path):
    config = folder(*in_parts(DATA, 4))
    before = sharded(config, tmp_path / "work").source.fingerprint
    DATA.head(7).write_parquet(tmp_path / "in" / "part-002.parquet")
    after = sharded(config, tmp_path / "work")
    assert after.source.fingerprint != before
    assert after.intake.rows_read == 487


def test_a_file_that_changes_after_its_rows_were_counted_is_noticed(folder, tmp_path, monkeypatch):
    config = folder(*in_parts(DATA, 4))

    def counted(*given):
        found = rows_in(*given)
        DATA.head(7).write_parquet(tmp_path / "in" / "part-002.parquet")
        return found

    monkeypatch.setattr(in_shards, "rows_in", counted)
    with pytest.raises(InputError, match="changed since the audit began"):
        sharded(config, tmp_path / "work")


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

    for executor, wrong, said in (
        (Vanished(), InputError, "'gone.parquet'"),
        # A wrong setting leaves what another run had done.
        (Unreached(), ConfigError, "the folder .* of --work"),
    ):
        with pytest.raises(wrong, match=f"A worker does not find {said}"):
            sharded(config, tmp_path / "work", executor)


@pytest.mark.parametrize("name", ["payer", "note"])
def test_a_column_that_was_renamed_between_shards_is_said(folder, tmp_path, name):
    later = DATA.tail(320).rename({name: f"{name}_name"})
    with pytest.raises(InputError, match="read one by one"):
        sharded(folder(DATA.head(320), later), tmp_path / "work")


@pytest.mark.parametrize(
    ("frames", "settings"),
    [
        pytest.param(
            [DATA.head(90).with_columns(pl.lit("Gebühr".encode("cp1252")).alias("note")), DATA.tail(90)],
            {},
            id="bytes that are no text",
        ),
        pytest.param([DATA.with_columns(pl.concat_list("note", "payer").alias("note"))], {}, id="a list as text"),
        pytest.param([DATA], {"label": "lable"}, id="no such column"),
        pytest.param([DATA.head(0)], {}, id="no rows"),
        pytest.param([DATA.with_columns(label=pl.lit("late"))], {}, id="one class"),
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(folder, tmp_path, frames, settings):
    config = folder(*frames, **settings)
    with pytest.raises((ConfigError, InputError)) as here:
        load(config)
    with pytest.raises((ConfigError, InputError)) as apart:
        sharded(config, tmp_path / "work")
    assert (type(apart.value), str(apart.value)) == (type(here.value), str(here.value))


def test_so_many_columns_are_refused_in_shards_too(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_COLUMNS", 5)
    with pytest.raises(InputError, match="6 columns, and auditor looks at 5 at most"):
        sharded(folder(DATA), tmp_path / "work")


def test_whole_numbers_that_no_type_holds_together_are_said(folder, tmp_path):
    signed, unsigned = (DATA.head(50).with_columns(n=pl.lit(1, kind)) for kind in (pl.Int64, pl.UInt64))
    with pytest.raises(InputError, match="The files give column 'n' whole numbers of different types"):
        sharded(folder(signed, unsigned), tmp_path / "work")


def test_another_memory_is_no_reason_to_read_anew(folder, tmp_path):
    config, work = folder(*in_parts(DATA, 4)), tmp_path / "work"
    work.mkdir()
    for memory in (10**9, 2 * 10**9):
        load(config, None, Shards(locate(config.export), Here(), work, memory, lambda _: None))
    assert len(list(work.glob("whole-*"))) == len(list(work.glob("keys-*"))) == 4


def test_results_of_other_settings_are_not_taken_for_new(folder, tmp_path):
    config = folder(*in_parts(DATA, 2))
    sharded(config, tmp_path / "work")
    word = DATA["note"][0]
    other = replace(config, read=Read(null=(word,)))
    assert sharded(other, tmp_path / "work").intake.empty_text == load(other).intake.empty_text == 1


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (ValueError(CANARY), AuditError, r"auditor failed inside \(ValueError in test_shards\.py"),
        (OSError(28, "No space left on device"), Lost, "No space left on device. Make room"),
        (MemoryError(), InputError, "more memory than a worker may have"),
        (InputError(f"{CANARY} was a sentence"), InputError, "was a sentence"),
    ],
)
def test_an_error_of_a_worker_brings_no_other_along(error, raised, said):
    def fails():
        try:
            raise KeyError(CANARY)
        except KeyError:
            raise error from None

    with pytest.raises(raised, match=said) as found:
        done(fails)
    assert found.value.__context__ is None and found.value.__cause__ is None
    assert type(found.value) is raised and (CANARY in str(found.value)) == isinstance(error, InputError)


def test_a_folder_that_is_a_link_or_a_file_is_no_place_for_texts(tmp_path):
    (tmp_path / "victim").mkdir()
    (tmp_path / ".auditor-link").symlink_to(tmp_path / "victim")
    (tmp_path / ".auditor-file").touch()
    for name in ("auditor-link", "auditor-file"):
        with pytest.raises(ConfigError, match=r"this user's own folder|cannot be written"), kept(tmp_path, name):
            pass
    assert not any((tmp_path / "victim").iterdir())


def test_workers_are_told_whole_paths(folder, tmp_path, monkeypatch):
    folder(*in_parts(DATA, 2))
    monkeypatch.chdir(tmp_path)
    assert _absolute(locate("in")).files[0] == tmp_path / "in" / "part-000.parquet"


def test_an_engine_reads_no_frame_and_nothing_without_an_export():
    with pytest.raises(ConfigError, match="A frame in memory is read here"):
        audit(Config(export="frame", engine="dask", text=("note",), label="label"), frame=DATA)
    with pytest.raises(ConfigError, match="No export is named"):
        audit(Config(engine="dask"))


def test_a_large_file_is_read_in_parts(monkeypatch, folder, tmp_path):
    monkeypatch.setattr(in_shards, "MOST_BYTES", 5_000)
    config, executor = folder(DATA.head(9), pl.concat([DATA] * 4)), Here()
    here, _ = same(config, tmp_path / "work")
    sharded(config, tmp_path / "again", executor)
    assert executor.done.count("Take") > 5
    assert here.intake.rows_read == 2569


def test_objects_bring_back_no_folder_that_a_failed_run_took_away(tmp_path, monkeypatch):
    (tmp_path / "bucket" / "claims" / "in" / "day=1").mkdir(parents=True)
    (tmp_path / "bucket" / "claims" / "in" / "day=1" / "a").touch()
    monkeypatch.setattr(buckets, "_store", lambda: SubTreeFileSystem(str(tmp_path / "bucket"), LocalFileSystem()))
    found = buckets.objects_at("s3://claims/in")
    with pytest.raises(InputError, match="cannot be fetched"):
        found.copied(tmp_path / "work" / "objects")
    assert not (tmp_path / "work").exists()
    (tmp_path / "work").mkdir()
    assert (found.copied(tmp_path / "work" / "objects") / "day=1" / "a").exists()


def test_small_files_are_read_together(monkeypatch, folder, tmp_path):
    monkeypatch.setattr(in_shards, "MOST_FILES", 3)
    executor = Here()
    sharded(folder(*in_parts(DATA, 8)), tmp_path / "work", executor)
    assert executor.done.count("Take") == 3
