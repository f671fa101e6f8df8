"""Audits on dask: the same report as on one machine, whatever happens to workers, or one clear sentence."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import Executor
from dataclasses import replace

import dask.config
import distributed
import polars as pl
import pytest
from distributed.comm import tcp

from auditor.api import audit
from auditor.batch import load
from auditor.config import Config
from auditor.engine import dask as engine
from auditor.engine import named, shards_of
from auditor.engine.dask import workers
from auditor.errors import ConfigError, Lost
from auditor.folders import kept
from auditor.inputs import shards as in_shards
from auditor.inputs.files import locate
from auditor.inputs.shards import Shards
from tests.alike import nameless
from tests.clusters import as_settings, certificates, cluster
from tests.exports import ROLES, export
from tests.test_shards import in_parts

SHARDS, ROWS = 12, 600


@pytest.fixture(autouse=True)
def every_file_is_a_shard(monkeypatch):
    monkeypatch.setattr(in_shards, "MOST_FILES", 1)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    for number, part in enumerate(in_parts(export(ROWS), SHARDS)):
        part.write_parquet(folder / f"part-{number:03}.parquet")
    return Config(export=str(folder), text=("note",), label="label")


@pytest.fixture(scope="module")
def here(config):
    return load(config)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with workers(None, 2, tmp_path_factory.mktemp("dask")) as executor:
        yield executor


@pytest.fixture
def executor(started):
    """Once all of its processes are up: one that dies before is not started again."""
    nannies = started._client.cluster.workers.values()
    started._client.wait_for_workers(2, timeout=120)
    for _ in range(600):
        if all(each.status is distributed.Status.running for each in nannies):
            return started
        time.sleep(0.1)
    raise TimeoutError


class Harmed(Executor):
    """Does ``harm`` to the workers while they do the work of pass ``at``."""

    def __init__(self, executor, at, harm):
        self.executor, self.at, self.harm, self.passes = executor, at, harm, 0

    def map(self, do, work, **_):
        found = self.executor.map(do, work)
        if self.passes == self.at:
            self.harm(self.executor)
        self.passes += 1
        yield from found


def pids(executor):
    return list(executor._client.run(os.getpid).values())


def kill(count):
    def harm(executor):
        for pid in pids(executor)[:count]:
            os.kill(pid, signal.SIGKILL)

    return harm


def halt(executor):
    """A worker that does nothing for a while."""
    (pid, *_) = pids(executor)
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(2, os.kill, (pid, signal.SIGCONT)).start()


def loaded(config, executor, work):
    work.mkdir(exist_ok=True)
    return load(config, None, Shards(locate(config.export), executor, work, 10**9, lambda _: None))


@pytest.mark.parametrize("at", [0, 1, 2], ids=["reading", "keys", "texts"])
@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(kill(1), id="a worker killed"),
        pytest.param(kill(2), id="two killed", marks=pytest.mark.slow),
        pytest.param(halt, id="a slow worker", marks=pytest.mark.slow),
    ],
)
def test_what_happens_to_workers_changes_nothing(config, here, executor, tmp_path, at, harm):
    with kept(tmp_path, "work") as work:
        found = loaded(config, Harmed(executor, at, harm), work)
        assert found.frame.drop("draw_key", "text").equals(here.frame.drop("text"))
        assert found.with_texts(found.frame)["text"].equals(here.frame["text"])
    # What a killed worker had half-written goes with its folder.
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_report_from_64_shards_is_that_of_one_file(tmp_path):
    some = export(7_600)
    twice = pl.concat([some, some.head(200), some.head(200).with_columns(claim=some["claim"].tail(200))])
    for parts in (1, 64):
        (tmp_path / f"in {parts}").mkdir()
        for number, part in enumerate(in_parts(twice.sample(fraction=1, shuffle=True, seed=1), parts)):
            part.write_parquet(tmp_path / f"in {parts}" / f"{number:02}.parquet")
    of_one = Config(export=str(tmp_path / "in 1"), **ROLES)
    of_many = replace(of_one, export=str(tmp_path / "in 64"), engine="dask", threads=2)
    assert nameless(audit(of_many)[0]) == nameless(audit(of_one)[0])


def test_no_message_holds_a_word_of_a_record(tmp_path, monkeypatch):
    sent, write = [], tcp.TCP.write

    async def recorded(self, message, *args, **kwargs):
        sent.extend(map(bytes, await tcp.to_frames(message)))
        return await write(self, message, *args, **kwargs)

    monkeypatch.setattr(tcp.TCP, "write", recorded)
    folder = tmp_path / "in"
    folder.mkdir()
    marked = [
        pl.format("canary{}", pl.col(name).str.replace_all(" ", " canary")) for name in ("note", "label", "claim")
    ]
    for number, part in enumerate(in_parts(export(60).with_columns(marked), 3)):
        part.write_parquet(folder / f"{number}.parquet")
    config = Config(export=str(folder), text=("note",), label="label")
    with (
        distributed.LocalCluster(
            n_workers=2, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL, local_directory=str(tmp_path),
        ) as inside,
        distributed.Client(inside) as client,
    ):  # fmt: skip
        batch = loaded(config, client.get_executor(pure=False), tmp_path / "work")
        assert batch.with_texts(batch.frame)["text"].str.count_matches("canary").min() == 18
    assert sum(b"auditor.inputs.shard" in each for each in sent) > 3
    assert not any(b"canary" in each for each in sent)


def test_a_scheduler_that_dies_is_a_sentence_and_the_next_run_goes_on(config, here, tmp_path):
    with (
        pytest.raises(Lost, match=r"The scheduler at 'tcp://127\.0\.0\.1:\d+' is gone"),
        cluster(tmp_path) as (address, scheduler, _),
        workers(address, 1, tmp_path) as executor,
    ):
        loaded(config, Harmed(executor, 1, lambda _: scheduler.kill()), tmp_path / "work")
    done = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("whole*")}
    assert len(done) == SHARDS
    with cluster(tmp_path) as (address, *_), workers(address, 1, tmp_path) as executor:
        found = loaded(config, executor, tmp_path / "work")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "work").glob("whole*")} == done
    assert found.frame.drop("draw_key", "text").equals(here.frame.drop("text"))


def test_workers_that_are_gone_are_not_waited_for_for_ever(config, tmp_path):
    soon = {"DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT": "1s"}
    with (
        pytest.raises(Lost, match="All workers are gone, and none came back"),
        cluster(tmp_path, env=soon) as (address, _, nanny),
        workers(address, 1, tmp_path) as executor,
    ):
        # Gone before anything is asked of them, as they may be done before they are gone.
        nanny.terminate()
        nanny.wait(60)
        loaded(config, executor, tmp_path / "work")


def test_a_cluster_that_cannot_start_is_not_waited_for(tmp_path):
    with pytest.raises(RuntimeError, match="failed to start"), cluster(tmp_path, protocol="nonsense"):
        pass


@pytest.fixture
def empty(tmp_path):
    """A cluster without workers, in this process."""
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1",
        dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, local_directory=str(tmp_path),
    ) as inside:  # fmt: skip
        yield inside


def test_workers_that_start_after_the_run_are_waited_for(tmp_path, empty):
    threading.Timer(1, empty.scale, (1,)).start()
    with workers(empty.scheduler_address, 1, tmp_path) as executor:
        assert len(pids(executor)) == 1


def test_a_cluster_that_gets_no_workers_is_said(tmp_path, empty, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 1)
    with pytest.raises(ConfigError, match="The cluster has no workers"), workers(empty.scheduler_address, 1, tmp_path):
        pass


def test_a_scheduler_that_dies_before_it_has_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 5)
    with cluster(tmp_path, workers=0) as (address, scheduler, _):
        threading.Timer(2, scheduler.kill).start()
        with pytest.raises(ConfigError, match="No scheduler of dask answers"), workers(address, 1, tmp_path):
            pass


def test_tls_with_certificates(config, here, tmp_path):
    settings = certificates(tmp_path)
    with cluster(tmp_path, protocol="tls", env=settings) as (address, *_):
        with pytest.raises(ConfigError, match="No scheduler of dask answers"), workers(address, 1, tmp_path):
            pass
        with dask.config.set(as_settings(settings)), workers(address, 1, tmp_path) as executor:
            found = loaded(config, executor, tmp_path / "work")
    assert found.frame.drop("draw_key", "text").equals(here.frame.drop("text"))


def test_who_is_not_there_or_of_another_version_is_said(tmp_path, monkeypatch, executor):
    monkeypatch.setattr(engine, "PATIENCE", 1)
    with (
        pytest.raises(ConfigError, match=r"No scheduler of dask answers at 'tcp://127.0.0.1:9'"),
        workers("tcp://127.0.0.1:9", 1, tmp_path),
    ):
        pass
    with (
        pytest.raises(ConfigError, match="No scheduler of dask answers at 'nonsense'"),
        workers("nonsense", 1, tmp_path),
    ):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install 'auditor\[dask\]'"), workers(None, 1, tmp_path):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "nonsense"])
def test_a_client_that_finds_nobody_is_closed_at_once(tmp_path, monkeypatch, address):
    monkeypatch.setattr(engine, "PATIENCE", 1)
    # dask's own closing of it, by the collector, hangs now and then.
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(ConfigError, match="No scheduler of dask answers"), workers(address, 1, tmp_path):
            pass
        clients = [each for each in gc.get_objects() if issubclass(type(each), distributed.Client)]
        assert "connecting" not in {each.status for each in clients}
    finally:
        gc.enable()


def test_a_worker_that_dies_as_it_is_asked_for_its_version_is_said(tmp_path, monkeypatch):
    here = os.getpid()

    def fatal():
        if os.getpid() != here:
            os._exit(1)
        return {}

    with cluster(tmp_path) as (address, *_):
        monkeypatch.setattr(engine, "versions", fatal)
        with pytest.raises(Lost, match="A worker went away"), workers(address, 1, tmp_path):
            pass


def of_this_module():
    """What workers cannot import."""
    return {}


def test_a_worker_without_auditor_is_said(tmp_path, monkeypatch):
    with cluster(tmp_path) as (address, *_):
        monkeypatch.setattr(engine, "versions", of_this_module)
        with pytest.raises(ConfigError, match="A worker lacks auditor"), workers(address, 1, tmp_path):
            pass


@pytest.mark.parametrize("error", [RuntimeError("Cluster failed to start"), OSError(24, "Too many open files")])
def test_a_machine_that_starts_no_workers_is_said(tmp_path, monkeypatch, error):
    def fails(**_):
        raise error

    monkeypatch.setattr(distributed, "LocalCluster", fails)
    with pytest.raises(ConfigError, match="dask cannot start 2 workers on this machine"), workers(None, 2, tmp_path):
        pass


def test_a_run_that_finds_no_scheduler_leaves_what_another_had_done(config, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 1)
    done = tmp_path / f".{named(locate(config.export))}" / "done"
    done.parent.mkdir()
    done.touch()
    early = replace(config, engine="dask", scheduler="tcp://127.0.0.1:9", work=str(tmp_path))
    with pytest.raises(ConfigError, match="No scheduler of dask answers"), shards_of(early, lambda _: None):
        pass
    assert done.exists()


def test_workers_of_another_version_are_said(executor, monkeypatch):
    monkeypatch.setattr(engine, "SHARED", ("auditor", "polars"))
    monkeypatch.setattr(engine, "version", lambda name: f"{name} of here")
    with pytest.raises(ConfigError, match=r"has auditor \d.*, and here it is auditor of here"):
        engine._refuse_strangers(executor._client)
