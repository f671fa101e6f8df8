"""Which change moved which figures of the golden audits (`tests/golden.py`). Needs the history of the project.

python -m benchmarks.movers
"""

from __future__ import annotations

import json
import subprocess
from typing import NamedTuple

from benchmarks.results import save, table

FOLDER = "tests/golden"
AUDITS = ("sample", "made_up", "banking77")
ACCURACY = "accuracy_given_labels value"


class Move(NamedTuple):
    """Of one golden audit by one commit: ``moved`` of ``figures`` that it had before, and by how much accuracy did."""

    moved: int
    figures: int
    accuracy: float


def main() -> None:
    """Compares every commit with its parent and writes the table."""
    rows, still = [], 0
    for commit in _git("log", "--no-merges", "--reverse", "--topo-order", "--format=%h", "--", FOLDER).split():
        moves = {name: move for name in AUDITS if (move := _move(commit, name))}
        if not any(move.moved for move in moves.values()):
            still += 1
            continue
        date, mover = _git("log", "-1", "--date=short", "--format=%ad|%s", commit).strip().split("|", 1)
        cells = [f"{moves[name].moved} of {moves[name].figures}" if name in moves else "" for name in AUDITS]
        accuracy = max((move.accuracy for move in moves.values()), key=abs)
        rows.append([date, commit, mover, *cells, f"{100 * accuracy:+.2f}" if accuracy else "0"])
    read = (
        "Figures that a golden audit had before and after, and that are another one; accuracy is that on the labels as "
        f"given, in points, of the audit where it moved most. {still} more commits write words, or figures that are "
        "new, and move none."
    )
    head = ["date", "commit", "mover", *AUDITS, "accuracy"]
    save("movers", "python -m benchmarks.movers", [read, table(head, rows)])


def _move(commit: str, name: str) -> Move | None:
    before, after = _figures(f"{commit}^", name), _figures(commit, name)
    both = before.keys() & after.keys()
    if not both:
        return None
    moved = sum(before[key] != after[key] for key in both)
    return Move(moved, len(both), after.get(ACCURACY, 0.0) - before.get(ACCURACY, 0.0))


def _figures(commit: str, name: str) -> dict[str, float]:
    """None of a commit that has no such audit."""
    path = f"{FOLDER}/{name}.json"
    if not _git("ls-tree", "--name-only", commit, path).strip():
        return {}
    return dict(json.loads(_git("show", f"{commit}:{path}"))["figures"])


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
