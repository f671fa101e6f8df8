"""``outcomes`` runs trials, line by line, and goes on where it was stopped; it needs `.venv-trial` and one thread
(OMP_NUM_THREADS=1). ``tables`` holds the lines against what was foretold.
"""

from __future__ import annotations

import argparse
import re

from auditor.blas import one_blas_thread
from benchmarks.readiness.lines import append, lines
from benchmarks.results import RESULTS, save
from benchmarks.trials.tables import sections

OUTCOMES = RESULTS / "trials.jsonl"


def main() -> None:
    """Runs one step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials", description=__doc__)
    parser.add_argument("step", choices=["outcomes", "tables"])
    parser.add_argument("--only", default="", help="scenarios whose name matches this expression")
    parser.add_argument("--minutes", type=float, default=240, help="of training, for each line")
    arguments = parser.parse_args()
    if arguments.step == "tables":
        save("trials", "python -m benchmarks.trials tables", sections(lines(OUTCOMES)))
        return
    # Needs torch, which the tables do not.
    from benchmarks.trials.outcomes import BY_NAME, PLANNED, measured

    one_blas_thread()
    done = {(line["planned_rows"], line["scenario"]) for line in lines(OUTCOMES)}
    for rows, name in PLANNED:
        if (rows, name) not in done and re.search(arguments.only, name):
            append(OUTCOMES, measured(BY_NAME[name], rows, arguments.minutes))
            print(rows, name, flush=True)


if __name__ == "__main__":
    main()
