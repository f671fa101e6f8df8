"""Time and memory of whole audits of the sample as it grows, each in a process of its own.

python -m benchmarks.growth [ROWS ...]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.results import save, table
from benchmarks.speed import measure
from sample_data import generate

SIZES = (10_000, 100_000, 1_000_000)
ROLES = [
    *("--text", "note", "--label", "category", "--time", "denied_on", "--id", "claim_id"),
    *("--segment", "payer", "--segment", "facility", "--annotator", "coder"),
]


def main() -> None:
    """Measures, prints and saves the table."""
    lines, stages = [], {}
    for rows in [int(size) for size in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generate.write(generate.make(rows), folder)
            auditor = Path(sys.executable).with_name("auditor")
            export, out = str(folder / "denials.parquet"), folder / "out"
            found = measure([str(auditor), "run", export, *ROLES, "--out", str(out)])
            stages = json.loads((out / "report.json").read_text(encoding="utf-8"))["run"]["seconds"]
        lines.append([f"{rows:,}", found.wall, found.cpu, 1e3 * found.cpu / rows, found.peak])
    save(
        "growth",
        "python -m benchmarks.growth",
        [
            table(["rows of the sample", "seconds", "CPU seconds", "CPU milliseconds a row", "peak GB"], lines),
            table(["stage of the last audit", "seconds"], [[name, value] for name, value in stages.items()]),
        ],
    )


if __name__ == "__main__":
    main()
