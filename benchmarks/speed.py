"""Time and memory of whole audits, from start to written report, each in a process of its own.

CPU seconds are what to compare: other work on the machine stretches the wall time, and much less the work itself.

The peer does what a team would do by hand on the same rows: TF-IDF, logistic regression in five folds and
cleanlab's label issues. It has no backtest, no duplicates and no report.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import nvd
from benchmarks.results import save, table

RUNS = 3

PEER = """
import sys, polars as pl
from cleanlab.filter import find_label_issues
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
rows = pl.read_parquet(sys.argv[1])
labels = rows["label"].to_numpy()
codes = rows["label"].rank("dense").to_numpy().astype(int) - 1
features = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(rows["text"].to_list())
probabilities = cross_val_predict(LogisticRegression(max_iter=100), features, codes, cv=5, method="predict_proba")
find_label_issues(codes, probabilities, n_jobs=1)
print((probabilities.argmax(axis=1) == codes).mean())
"""


def main() -> None:
    """Measures, prints and saves the table."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "nvd.parquet"
        rows = nvd()
        rows.write_parquet(export)
        auditor = Path(sys.executable).with_name("auditor")
        roles = ["--text", "text", "--label", "label", "--time", "time", "--id", "id"]
        audits, stages = [], {}
        for run in range(RUNS):
            out = Path(folder) / f"out{run}"
            audits.append(measure([str(auditor), "run", str(export), *roles, "--out", str(out)]))
            report = json.loads((out / "report.json").read_text(encoding="utf-8"))
            stages = report["run"]["seconds"]
        accuracy = report["estimates"]["accuracy_given_labels"]["value"]
        peer = measure([sys.executable, "-c", PEER, str(export)])
        start = [measure([str(auditor), "--help"]) for _ in range(5)]
    seconds, work = (statistics.median(each) for each in zip(*[audit[:2] for audit in audits], strict=True))
    memory = max(audit.peak for audit in audits)
    started = [statistics.median(each) for each in list(zip(*start, strict=True))[:2]]
    save(
        "speed",
        "python -m benchmarks.speed",
        [
            table(
                ["NVD, 78,566 rows, 47 classes", "seconds", "CPU seconds", "peak GB", "accuracy in 5 folds"],
                [
                    [f"auditor, whole audit (median of {RUNS})", seconds, work, memory, accuracy],
                    ["TF-IDF, logistic regression, cleanlab (peer, once)", *peer[:3], float(peer.said)],
                    ["auditor --help (median of 5)", *started, "", ""],
                ],
            ),
            f"All audits: {', '.join(f'{audit.cpu:.1f} CPU s' for audit in audits)}. "
            f"The peer takes {peer.cpu / work:.1f} times as many.",
            table(["stage of the last audit", "seconds"], [[name, value] for name, value in stages.items()]),
        ],
    )


class Measured(NamedTuple):
    """Of a process: ``wall`` and ``cpu`` seconds, the ``peak`` of resident memory in GB, the last line it ``said``."""

    wall: float
    cpu: float
    peak: float
    said: str


def measure(command: list[str]) -> Measured:
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        seconds = time.perf_counter() - start
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu, usage.ru_maxrss / 1e6, lines[-1] if lines else "")


if __name__ == "__main__":
    main()
