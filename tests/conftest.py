"""Audits that several tests read, and where the real data lies."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer.main
from wordllama import WordLlama

from auditor import cli
from auditor.api import audit, write
from auditor.batch import Batch, load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.governance import QUESTIONS
from auditor.model import AuditResult
from auditor.plan import steps_for
from auditor.plan.resolver import Resolver
from checks import LIMITS
from reports import to_html
from sample_data import generate
from tests import report_fixtures
from tests.exports import ROLES, saved
from tests.golden import SAMPLE_ROLES, SAMPLE_ROWS

DATA = Path(os.environ.get("AUDITOR_DATA", Path(__file__).parents[1] / "../shared/data"))


# What needs torch runs where torch is: `make test-trial`.
collect_ignore = [] if find_spec("torch") else ["trial"]

one_blas_thread()


@pytest.fixture(scope="session", autouse=True)
def _once_a_process():
    """The command is put together, and the word vectors are read, once for all tests, as once for one command."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(typer.main, "get_command", cache(typer.main.get_command))
        patched.setattr(WordLlama, "load", cache(WordLlama.load))
        yield


@dataclass(frozen=True)
class Audited:
    """A sample, what was planted in it, and the report about it as a reader gets it."""

    truth: dict[str, Any]
    truth_rows: pl.DataFrame
    result: AuditResult
    report: dict[str, Any]
    out: Path

    def outcome(self, code: str) -> dict[str, Any]:
        return next(check for check in self.report["checks"] if check["code"] == code)

    def findings(self, code: str) -> list[dict[str, Any]]:
        return self.outcome(code)["findings"]


def _audited(folder: Path, *, clean: bool) -> Audited:
    sample = generate.make(SAMPLE_ROWS, seed=7, clean=clean)
    generate.write(sample, folder)
    answered = dict.fromkeys(QUESTIONS, "as agreed") if clean else {}
    result, rows = audit(Config(export=str(folder / "denials.parquet"), **SAMPLE_ROLES, governance=answered))
    write(result, rows, folder / "report", force=False)
    report = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    return Audited(sample.truth, sample.truth_rows, result, report, folder / "report")


@pytest.fixture(scope="session")
def audited_sample(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The sample with every defect, audited."""
    return _audited(tmp_path_factory.mktemp("sample"), clean=False)


@pytest.fixture(scope="session")
def audited_clean(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The same claims without a defect, audited."""
    return _audited(tmp_path_factory.mktemp("clean"), clean=True)


class Pages(dict[str, str]):
    """The page of each made-up result, drawn when it is first asked for."""

    def __missing__(self, name: str) -> str:
        self[name] = to_html(getattr(report_fixtures, name)())
        return self[name]


@pytest.fixture(scope="session")
def pages() -> Pages:
    return Pages()


@pytest.fixture
def steps(tmp_path: Path) -> Callable[..., Resolver]:
    """The steps about a frame of ``tests.exports``; settings replace the usual roles."""

    def about(frame: pl.DataFrame, **settings: Any) -> Resolver:
        return steps_for(loaded(frame, tmp_path, **settings), 0, limits=LIMITS)

    return about


def the_rest_slow(every: Iterable[str], usual: Collection[str]) -> list[Any]:
    """Parameters of a test: the ``usual`` ones of all in `make test`, the others in `make test-slow` alone."""
    return [each if each in usual else pytest.param(each, marks=pytest.mark.slow) for each in every]


def loaded(frame: pl.DataFrame, folder: Path, **settings: Any) -> Batch:
    roles = {role: given for role, given in ROLES.items() if {given, *given} & set(frame.columns)}
    return load(Config(**{"export": saved(frame, folder), **roles, **settings}))


def real_data(name: str) -> Path:
    """A file of the real data; the test is skipped where it is not on this machine."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not there: AUDITOR_DATA names the folder with the real data ({DATA})")
    return path


@pytest.fixture
def auditor(tmp_path, monkeypatch, capsys):
    """Runs the real command in an empty folder; gives the exit code, what it printed and its complaint."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["auditor", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        code = ended.value.code
        return 0 if code is None else code, printed.out, printed.err

    return run
