"""Folders that an audit writes: whose they are, and that nothing is lost where one cannot be replaced."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from auditor import folders
from auditor.folders import new_folder, scratch


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def masked():
    before = os.umask(0)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_modes_follow_the_umask_and_nobody_else_sees_the_work(tmp_path, masked, umask):
    masked(umask)
    out = tmp_path / "above" / "out"
    with new_folder(out) as work:
        (work / "report.md").write_text("said")
        assert mode(work.parent) == 0o700
        assert work.parent.parent == out.parent
    assert (mode(out.parent), mode(out)) == (0o777 & ~umask, 0o777 & ~umask)
    assert mode(out / "report.md") == 0o666 & ~umask
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_what_fails_leaves_what_was_there(tmp_path):
    out = tmp_path / "out"
    for said in ("first", "second"):
        with new_folder(out) as work:
            (work / "report.md").write_text(said)
    with pytest.raises(ValueError, match="disk"), new_folder(out) as work:
        (work / "report.md").write_text("half")
        raise ValueError("disk")
    with pytest.raises(FileNotFoundError), new_folder(out) as work:
        work.rmdir()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "report.md").read_text() == "second"


def killed_in(folder, out, moved):
    """A process that is killed while it writes to ``out``, after it ``moved`` aside what stood there, or before."""
    program = (
        "import os, pathlib, sys; from auditor.folders import new_folder, scratch\n"
        "from auditor.inputs.sql import connect\n"
        f"out = pathlib.Path({str(out)!r}); con = connect()\n"
        "with scratch(), new_folder(out) as work:\n"
        "    (work / 'report').write_text('half')\n"
        f"    if {moved}: out.rename(work.parent / 'old')\n"
        "    os.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "TMPDIR": str(folder)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)  # noqa: S603 - the program under test


@pytest.mark.parametrize("moved", [False, True])
def test_what_a_killed_run_left_goes_with_the_next_and_nothing_is_lost(tmp_path, monkeypatch, moved):
    out, temporary = tmp_path / "work" / "out", tmp_path / "temporary"
    temporary.mkdir()
    with new_folder(out) as work:
        (work / "report").write_text("whole")
    killed_in(temporary, out, moved)
    # What the database could not keep in memory, and what was copied.
    assert len(list(temporary.iterdir())) == 2
    assert len(list(out.parent.iterdir())) == (1 if moved else 2)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def fails():
        with scratch(), new_folder(out):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert list(temporary.iterdir()) == []
    assert list(out.parent.iterdir()) == [out]
    assert (out / "report").read_text() == "whole"


def test_a_folder_that_is_in_use_stays(tmp_path):
    with new_folder(tmp_path / "out") as first, new_folder(tmp_path / "out") as second:
        assert first.exists()
        assert second.exists()


@pytest.mark.parametrize("gone", [True, False])
def test_a_folder_that_another_run_tidies_up_before_it_is_held_is_not_used(tmp_path, monkeypatch, gone):
    made, make, other = [], tempfile.mkdtemp, ExitStack()

    def tidied(**given):
        made.append(Path(make(**given)))
        if len(made) == 1:
            made[0].rmdir() if gone else other.enter_context(folders._held(made[0]))
        return str(made[-1])

    monkeypatch.setattr(tempfile, "mkdtemp", tidied)
    with other, new_folder(tmp_path / "out") as work:
        assert work.parent == made[1]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_may_not_replace_another_fails_and_leaves_both_as_they_were(tmp_path):
    out = tmp_path / "sheet"
    out.mkdir()
    (out / "filled").write_text("by hand")
    with pytest.raises(OSError, match="not empty"), new_folder(out, replace=False) as work:
        (work / "filled").write_text("anew")
    assert [path.name for path in tmp_path.iterdir()] == ["sheet"]
    assert (out / "filled").read_text() == "by hand"


def test_every_temporary_folder_is_one_that_the_next_run_tidies_up():
    root = Path(__file__).parents[1]
    files = [file for part in ("auditor", "checks", "reports") for file in (root / part).rglob("*.py")]
    making = {file.name for file in files if re.search(r"mkdtemp|TemporaryDirectory|mkstemp", file.read_text("utf-8"))}
    assert making == {"folders.py"}
