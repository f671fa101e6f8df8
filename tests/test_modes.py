"""Who may read what is written: whom the umask says; what lies there for a moment, its owner alone."""

from __future__ import annotations

import os
import stat

import pytest

from tests.exports import export, saved

CHECKS = 'select = ["VOL001", "VOL002"]'


def modes(path):
    return {stat.S_IMODE(each.stat().st_mode) for each in path.rglob("*") if each.is_file() and not each.is_symlink()}


@pytest.fixture
def umask():
    """Sets that of this process, and puts the old one back."""
    old = os.umask(0o022)
    yield os.umask
    os.umask(old)


@pytest.mark.parametrize("denied", [0o002, 0o022, 0o077])
def test_files_and_folders_follow_the_umask(auditor, tmp_path, umask, denied):
    saved(export(60), tmp_path, "in.csv")
    (tmp_path / "audit.toml").write_text(CHECKS)
    columns = ["--text", "note", "--label", "label", "--config", "audit.toml"]
    umask(denied)
    for command in (
        ["run", "in.csv", *columns, "--out", "out", "--history", "kept"],
        ["init", "in.csv", "--out", "new.toml"],
        ["history", "kept", "--to", "h.csv"],
    ):
        assert auditor(*command)[0] == 0
    allowed = 0o777 & ~denied
    for folder in ("out", "kept"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == allowed
        assert modes(tmp_path / folder) == {allowed & 0o666}
    for file in ("new.toml", "h.csv"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == allowed & 0o666
