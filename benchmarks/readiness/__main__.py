"""Is the verdict right? ``outcomes`` measures what training and retrieval achieve, ``audits`` what `auditor` says
before, ``score`` compares. The first two go on where they were stopped; to audit anew, delete ``build/readiness``.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from benchmarks.readiness.audits import audited
from benchmarks.readiness.outcomes import measure
from benchmarks.readiness.scenarios import SCENARIOS, Scenario, build
from benchmarks.readiness.scoring import cases, sections
from benchmarks.results import RESULTS, save

OUTCOMES = RESULTS / "readiness_outcomes.jsonl"
AUDITS = Path(__file__).parents[2] / "build" / "readiness" / "audits.jsonl"


def main() -> None:
    """Runs one step; both go on where they were stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readiness", description=__doc__)
    parser.add_argument("step", choices=["outcomes", "audits", "score"])
    parser.add_argument("--only", default="", help="scenarios whose name matches this expression")
    arguments = parser.parse_args()
    match arguments.step:
        case "outcomes":
            measure_all(re.compile(arguments.only))
        case "audits":
            audit_all(re.compile(arguments.only))
        case _:
            found = cases(lines(OUTCOMES), lines(AUDITS))
            scored = f"{len(found)} of {len(SCENARIOS)} scenarios audited and scored. The rule: docs/adr/0011."
            save("readiness", "python -m benchmarks.readiness score", [scored, *sections(found)])


def measure_all(only: re.Pattern[str]) -> None:
    """Appends the outcome of every scenario that has none yet, smallest first."""
    for scenario in _missing(OUTCOMES, only):
        _append(OUTCOMES, measure(scenario, build(scenario)))


def audit_all(only: re.Pattern[str]) -> None:
    """Audits every scenario that has no audit yet, smallest first."""
    AUDITS.parent.mkdir(parents=True, exist_ok=True)
    for scenario in _missing(AUDITS, only):
        _append(AUDITS, audited(scenario, build(scenario), AUDITS.parent))


def _missing(path: Path, only: re.Pattern[str]) -> list[Scenario]:
    done = {line["scenario"] for line in lines(path)}
    wanted = [each for each in SCENARIOS if each.name not in done and only.search(each.name)]
    return sorted(wanted, key=lambda each: each.rows)


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(_rounded(line)) + "\n")
    print(line["scenario"], flush=True)


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSON lines file; none where it is absent."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _rounded(value: object) -> object:
    match value:
        case float():
            return round(value, 5)
        case dict():
            return {key: _rounded(each) for key, each in value.items()}
        case list():
            return [_rounded(each) for each in value]
        case _:
            return value


if __name__ == "__main__":
    main()
