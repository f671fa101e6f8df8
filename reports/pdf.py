"""``report.pdf``: the page as a Chromium on this machine prints it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from auditor.folders import scratch

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SECONDS = 120


def browser() -> str | None:
    """The first browser on the PATH that can print."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def write_pdf(program: str, page: Path, target: Path) -> None:
    """Print ``page`` to ``target``. Raises OSError where the browser fails or takes longer than two minutes."""
    with scratch() as profile:
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={target}",
            page.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium refuses its sandbox to root; the page holds no script.
            command.insert(1, "--no-sandbox")
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)  # noqa: S603 (no shell)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise OSError(0, f"the browser could not print the page ({error})", str(target)) from error
