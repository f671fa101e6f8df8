"""What is a verdict worth? ``outcomes`` measures what classifiers achieve, ``audits`` what `auditor` knows before,
``score`` plays its decisions against others. The first two go on where they were stopped; to audit anew, delete
``build/readiness``.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

from auditor.model import Facts
from benchmarks.readiness.lines import append, lines, restored
from benchmarks.readiness.outcomes import measure
from benchmarks.readiness.regret import Case, play_all
from benchmarks.readiness.scenarios import SCENARIOS, Scenario, build
from benchmarks.readiness.tables import sections
from benchmarks.results import RESULTS, save
from benchmarks.trials.tables import root, with_trial

OUTCOMES, TRIALS = RESULTS / "readiness_outcomes.jsonl", RESULTS / "trials.jsonl"
AUDITS = Path(__file__).parents[2] / "build" / "readiness" / "audits.jsonl"


def main() -> None:
    """Runs one step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readiness", description=__doc__)
    parser.add_argument("step", choices=["outcomes", "audits", "score"])
    parser.add_argument("--only", default="", help="scenarios whose name matches this expression")
    parser.add_argument("--part", default="0/1", help="of audits: every n-th scenario from the k-th on, as k/n")
    parser.add_argument("--opponents", type=int, default=12, help="worlds that every decision is played in")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--trials", action="store_true", help="only scenarios with a trial, whose lift is the truth")
    parser.add_argument("--aside", action="store_true", help="play ablations and other worlds too")
    arguments = parser.parse_args()
    only = re.compile(arguments.only)
    match arguments.step:
        case "outcomes":
            for scenario in _missing(OUTCOMES, only):
                append(OUTCOMES, measure(scenario, build(scenario)))
                print(scenario.name, flush=True)
        case "audits":
            # Needs all checks, which scoring does not.
            from benchmarks.readiness.audits import audited

            AUDITS.parent.mkdir(parents=True, exist_ok=True)
            first, step = map(int, arguments.part.split("/"))
            for scenario in _missing(AUDITS, only)[first::step]:
                append(AUDITS, audited(scenario, build(scenario), AUDITS.parent))
                print(scenario.name, flush=True)
        case _:
            found = tried(cases(only)) if arguments.trials else cases(only)
            played = play_all(found, arguments.opponents, arguments.processes, aside=arguments.aside)
            scored = f"{len(found)} of {len(SCENARIOS)} scenarios, {arguments.opponents} opponents each. docs/adr/0011."
            name, options = ("readiness_trials", ["--trials"]) if arguments.trials else ("readiness", [])
            options += [f"--opponents {arguments.opponents}", *["--aside"] * arguments.aside]
            command = " ".join(["python -m benchmarks.readiness score", *options])
            save(name, command, [scored, *sections(played)])


def cases(only: re.Pattern[str]) -> list[Case]:
    """Every scenario with both lines, in the order of the outcomes."""
    audits = {line["scenario"]: line for line in lines(AUDITS)}
    return [
        Case(line, restored(audits[line["scenario"]]["facts"], Facts), audits[line["scenario"]]["mended"])
        for line in lines(OUTCOMES)
        if line["scenario"] in audits and only.search(line["scenario"])
    ]


def tried(found: list[Case]) -> list[Case]:
    """Those with a trial, on the fewest rows."""
    trials = {line["scenario"]: line for line in sorted(lines(TRIALS), key=lambda line: -line["rows"])}
    return [
        replace(case, root=root(trials[name]), tried=with_trial(case.facts, trials[name]))
        for case in found
        if (name := case.outcome["scenario"]) in trials
    ]


def _missing(path: Path, only: re.Pattern[str]) -> list[Scenario]:
    """Smallest first."""
    done = {line["scenario"] for line in lines(path)}
    wanted = [each for each in SCENARIOS if each.name not in done and only.search(each.name)]
    return sorted(wanted, key=lambda each: each.rows)


if __name__ == "__main__":
    main()
