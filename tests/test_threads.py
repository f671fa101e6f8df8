"""Threads: as many as were asked for, the same figures with any number, and none left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time

import pytest

from auditor.api import audit
from auditor.config import Config, config_hash, effective
from auditor.errors import InputError
from auditor.evidence.given import BATCH
from auditor.inputs.sql import connect
from auditor.plan.resolver import Resolver
from auditor.plan.step import Step
from auditor.results import Key
from auditor.threads import Threads
from reports import OUTPUTS
from tests.exports import ROLES, export, saved

NAMES = "abcdefgh"
KEYS = {name: Key[str](name) for name in NAMES}


class AtWork:
    """Counts how many are inside at one time."""

    def __init__(self):
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self._lock:
            self.now -= 1


def step(name, needs=(), compute=lambda of: "done", title=""):
    return Step(KEYS[name], compute, tuple(KEYS[each] for each in needs), title=title)


def resolver(steps, threads, **how):
    return Resolver(steps, {BATCH: None}, threads=threads, **how)


def of(result):
    """``report.json`` without what is of the run."""
    report = json.loads(OUTPUTS["report.json"](result))
    del report["run"]
    for check in report["checks"]:
        del check["seconds"]
    return json.dumps(report)


@pytest.fixture(scope="module")
def saved_export(tmp_path_factory):
    return str(saved(export(400), tmp_path_factory.mktemp("threads"), "in.parquet"))


@pytest.mark.slow
def test_a_report_is_the_same_on_one_two_and_four_threads(saved_export):
    one, two, four = (audit(Config(export=saved_export, **ROLES, threads=n)) for n in (1, 2, 4))
    assert of(two[0]) == of(one[0])
    assert of(four[0]) == of(one[0])
    assert two[1].equals(one[1])
    assert four[1].equals(one[1])


def test_the_number_of_threads_is_no_setting_of_the_result():
    assert config_hash(Config(threads=3)) == config_hash(Config())
    assert "threads" not in effective(Config(threads=3))


@pytest.mark.parametrize("n", [2, 3])
def test_no_more_threads_are_at_work_than_were_asked_for(n):
    at_work = AtWork()

    def part(_):
        with at_work:
            time.sleep(0.005)

    with Threads(n) as threads:
        sharing = [step(name, compute=lambda _: str(threads.share(part, range(8)))) for name in NAMES]
        resolver(sharing, threads).run(set(KEYS.values()))
    assert at_work.most == n


def test_parts_come_in_their_order_and_each_once():
    with Threads(3) as threads:
        assert threads.share(lambda each: each * each, range(50)) == [each * each for each in range(50)]


def test_a_part_that_fails_fails_the_step_and_the_other_parts_are_not_begun():
    begun = []

    def part(each):
        begun.append(each)
        if each == 0:
            raise ValueError("no")
        time.sleep(0.01)

    with Threads(2) as threads, pytest.raises(ValueError, match="no"):
        threads.share(part, range(1000))
    assert len(begun) < 10


def test_a_step_waits_for_what_it_needs_and_starts_with_what_most_hangs_on():
    began = []
    steps = [step("a"), step("b"), step("c", "b"), step("d", "c"), step("e", "ad")]

    def noted(each):
        return step(
            each.key.name, [need.name for need in each.needs], lambda of: [of[need] for need in each.needs] and "x"
        )

    with Threads(2) as threads:
        steps = [Step(each.key, noted(each).compute, each.needs, title=each.key.name) for each in steps]
        cost = dict.fromkeys(NAMES, 1.0)
        found = resolver(steps, threads, on_stage=began.append, cost=cost).run({KEYS["e"]})
    assert found[KEYS["e"]] == "x"
    assert began[0] == "b"
    assert began[-1] == "e"
    assert began.index("c") < began.index("d")


@pytest.mark.parametrize("error", [MemoryError, OSError, KeyboardInterrupt, InputError])
def test_what_ends_a_run_ends_it_and_stops_the_others_at_once(error):
    ended, at_work = [], threading.Event()

    def fails(_):
        at_work.wait()
        raise error("no more")

    def goes_on(_):
        at_work.set()
        try:
            while True:
                time.sleep(0.001)
        finally:
            ended.append("stopped")

    begun = time.monotonic()
    with pytest.raises(error), Threads(2) as threads:
        resolver([step("a", compute=goes_on), step("b", compute=fails)], threads).run({KEYS["a"], KEYS["b"]})
    assert ended == ["stopped"]
    assert time.monotonic() - begun < 30
    assert not [each for each in threading.enumerate() if each.name.startswith("auditor")]


def test_a_listener_hears_of_stages_in_the_thread_that_asked():
    heard = []

    def hear(title, *_):
        heard.append((title, threading.current_thread() is threading.main_thread()))

    with Threads(2) as threads:
        steps = [step(name, title=name) for name in "abc"]
        resolver(steps, threads, on_stage=hear, on_end=hear).run({each.key for each in steps})
    assert sorted(heard) == sorted([("a", True), ("b", True), ("c", True)] * 2)


def test_duckdb_takes_as_many_threads():
    assert connect(3).sql("SELECT current_setting('threads')").fetchall() == [(3,)]


LIBRARIES = """
import sys
from auditor.commands.options import settings_of
settings_of(None, {"export": "in.csv", "threads": int(sys.argv[1])}, "")
import polars
print(polars.thread_pool_size())
"""


def test_polars_takes_as_many_threads():
    for n in ("1", "3"):
        command = [sys.executable, "-c", LIBRARIES, n]
        said = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - our own
        assert said.stdout == f"{n}\n"


@pytest.mark.slow
def test_an_audit_on_many_threads_is_interrupted_as_on_one(tmp_path):
    saved(export(3_000), tmp_path, "in.parquet")
    command = [sys.executable, "-m", "auditor", "run", "in.parquet", "--text", "note", "--label", "label"]
    asked = [*command, "--log-format", "json", "--threads", "2", "--out", "out"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(asked, cwd=tmp_path, **pipes) as run:  # noqa: S603 - our own
        for line in run.stdout:
            if json.loads(line)["stage"] == "Moments":
                break
        run.send_signal(signal.SIGINT)
        _, complaint = run.communicate(timeout=60)
    assert (run.returncode, complaint) == (130, "Stopped. Nothing was written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
