"""Folders that an audit writes: whose they are, and that nothing is lost where one cannot be replaced."""

from __future__ import annotations

import os
import stat

import pytest

from auditor.folders import new_folder


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
