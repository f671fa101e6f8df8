"""What an audit takes, said before anything is computed; and a limit of memory, kept to or refused in one sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from auditor.batch import READING, load
from auditor.config import Config, load_config
from auditor.errors import ConfigError
from auditor.inputs.sql import connect
from auditor.memory import held_to, peak
from auditor.plan import STEPS, costs
from auditor.plan.costs import Size, gigabytes, seconds, threads_within
from auditor.plan.left import Left
from auditor.plan.paths import longest_paths, together
from auditor.results import Key
from tests.exports import export, saved

NVD = Size(rows=78_566, modelled=78_566, letters=20_000_000, classes=47, segments=0, periods=22)


@pytest.mark.parametrize(
    ("said", "amount"),
    [("4GB", 4_000_000_000), ("800 MB", 800_000_000), ("1.5g", 1_500_000_000), ("2GiB", 2**31)],
)
def test_an_amount_of_memory_is_read_as_people_write_it(said, amount):
    assert load_config(None, {"max_memory": said}).max_memory == amount


@pytest.mark.parametrize("said", ["4", "much", "-4GB", "4 apples", "", "0KB", f"{'9' * 400}GB"])
def test_anything_else_is_no_amount_of_memory(said):
    with pytest.raises(ConfigError, match='an amount of memory such as "4GB"'):
        load_config(None, {"max_memory": said})


def test_every_constant_is_of_a_step_and_of_a_unit():
    known = {each.key.name for each in STEPS} | {costs.READING, costs.REPORTING}
    assert set(costs.SECONDS) <= known
    units = set(costs.units(NVD))
    assert all(set(each) <= units for each in costs.SECONDS.values())
    assert set(costs.GIGABYTES) <= units


def test_more_records_take_more_and_a_slower_machine_longer():
    assert sum(seconds(NVD).values()) > sum(seconds(NVD.of(20_000)).values()) > 1
    assert gigabytes(NVD, 1) > gigabytes(NVD.of(20_000), 1) > 0.2
    assert sum(seconds(NVD, pace=2.0).values()) == pytest.approx(2 * sum(seconds(NVD).values()))


def test_no_path_can_be_shared_and_no_work_saved():
    graph = {"a": (), "b": (), "c": ("b",), "d": ("a", "c")}
    cost = {"a": 5.0, "b": 1.0, "c": 2.0, "d": 4.0}
    assert longest_paths(graph, cost) == {"a": 9, "b": 7, "c": 6, "d": 4}
    assert [together(graph, cost, n) for n in (1, 2)] == [12, 9]


def test_under_a_limit_fewer_threads_work():
    enough = [int(1e9 * gigabytes(NVD, n)) + 1 for n in (1, 2, 4)]
    assert [threads_within(NVD, 4, each) for each in enough] == [1, 2, 4]
    assert threads_within(NVD, 4, None) == 4


def test_a_limit_too_small_says_what_would_fit():
    with pytest.raises(ConfigError, match=r"allows 900 MB\. Allow more, or audit a slice of time of some ") as said:
        threads_within(NVD, 2, 900_000_000)
    fits = int(str(said.value).partition("some ")[2].partition(" records")[0].replace(",", ""))
    assert gigabytes(NVD.of(fits), 1) <= 0.9 < gigabytes(NVD, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "code", "said"),
    [
        ("400MB", 2, "An audit of these 300 records takes about 0.5 GB of memory, and --max-memory allows"),
        ("10MB", 2, "--max-memory allows 10 MB, in which the export cannot be read. Allow more, or audit fewer "),
        ("1KB", 2, "--max-memory allows 1 kB, in which the export cannot be read. Allow more, or audit fewer "),
    ],
    ids=["to compute", "to read", "to begin"],
)
def test_an_audit_beyond_its_limit_is_refused_before_any_step(tmp_path, limit, code, said):
    saved(export(300), tmp_path, "in.parquet")
    options = ("in.parquet", "--text", "note", "--label", "label", "--max-memory", limit, "--out", "out")
    command = [sys.executable, "-m", "auditor", "run", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)  # noqa: S603 - our own
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith(said)
    assert "Words" not in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_what_takes_more_than_was_foreseen_ends_before_the_next_step():
    heard = []
    held_to(None, heard.append)("Words")
    held_to(2 * peak(), heard.append)("Words")
    with pytest.raises(ConfigError, match=r"Before 'Words' the audit held .* more than the .* of --max-memory"):
        held_to(peak() // 2, heard.append)("Words")
    assert heard == ["Words", "Words"]


@pytest.mark.parametrize(("asked", "kept"), [(4 * 2**30, [2 * 2**30]), (None, [READING])])
def test_what_is_read_keeps_half_of_the_memory_asked_for_or_a_gigabyte(monkeypatch, tmp_path, asked, kept):
    given = []
    monkeypatch.setattr("auditor.batch.connect", lambda threads, memory: given.append(memory) or connect(memory=memory))
    load(Config(export=saved(export(60), tmp_path), text=("note",), label="label", max_memory=asked))
    assert given == kept


def test_what_does_not_fit_is_read_once_more_without_that_limit(monkeypatch, tmp_path):
    monkeypatch.setattr("auditor.batch.READING", 2**20)
    settings = {"export": saved(export(60), tmp_path), "text": ("note",), "label": "label"}
    assert load(Config(**settings)).intake.rows_used == 60
    with pytest.raises(ConfigError, match="--max-memory allows 2 MB, in which the export cannot be read"):
        load(Config(**settings, max_memory=2**21))


def test_a_plan_says_time_and_memory(auditor, tmp_path):
    path = saved(export(60), tmp_path)
    code, said, _ = auditor("plan", path, "--text", "note", "--label", "label", "--threads", "1")
    assert code == 0
    assert "on one thread of this machine, and 0." in said.splitlines()[1]


def test_what_is_left_follows_from_what_has_been_and_what_is_under_way(monkeypatch):
    clock = iter([0.0, 0.0, 0.0, 40.0, 60.0])
    monkeypatch.setattr("auditor.plan.left.time.perf_counter", lambda: next(clock))
    one, two, three = (Key[int](name) for name in ("one", "two", "three"))
    left = Left({one: (), two: (), three: (two,)}, {"one": 20.0, "two": 10.0, "three": 30.0}, 2)
    left.begins(one)
    left.begins(two)
    # Twice as long as foreseen: of 40 seconds at least 30 are still to go.
    assert left.ended(two) == pytest.approx(30 * 45 / 15)
    assert left.ended(one) == pytest.approx(30 * 65 / 15)
