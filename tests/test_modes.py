"""Who may read what is written: whom the umask says; what lies there for a moment, its owner alone."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from tests.exports import export, saved
from tests.test_outputs import ENVIRONMENT, MAIN

CHECKS = 'select = ["VOL001", "VOL002"]'


def modes(path):
    return {stat.S_IMODE(each.stat().st_mode) for each in path.rglob("*") if each.is_file() and not each.is_symlink()}


@pytest.mark.parametrize("umask", ["002", "022", "077"])
def test_files_and_folders_follow_the_umask(tmp_path, umask):
    saved(export(60), tmp_path, "in.csv")
    (tmp_path / "audit.toml").write_text(CHECKS)
    columns = "--text note --label label --config audit.toml"
    lines = f"run in.csv {columns} --out out --history kept\ninit in.csv --out new.toml\nhistory kept --to h.csv"
    program = f"import os, shlex, subprocess, sys; os.umask(0o{umask})\n" + (
        f"for line in {lines.splitlines()!r}:\n"
        f"    subprocess.run([sys.executable, '-c', {MAIN!r}, *shlex.split(line)], check=True)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True)  # noqa: S603
    allowed = 0o777 & ~int(umask, 8)
    for folder in ("out", "kept"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == allowed
        assert modes(tmp_path / folder) == {allowed & 0o666}
    for file in ("new.toml", "h.csv"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == allowed & 0o666
