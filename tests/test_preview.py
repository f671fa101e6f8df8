"""`auditor plan`: which steps and checks would run on an export, which not, and why."""

from __future__ import annotations

import pytest

from tests.exports import export, saved


def section(said, title):
    """The lines of a section, and how many its title counts."""
    head, _, rest = said.partition(f"{title} (")[2].partition("):\n")
    return int(head), [line.strip() for line in rest.split("\n\n")[0].splitlines()]


def planned(auditor, tmp_path, without=(), *options):
    path = saved(export(60).drop(without), tmp_path)
    code, said, _ = auditor("plan", path, *options)
    assert code == 0
    return said


@pytest.mark.parametrize(
    ("without", "step", "why"),
    [
        ((), "Agreement", "name them with --id, --annotator"),
        ((), "Definitions", "give the definitions with --taxonomy"),
        ((), "Answers of a prompt", "name them with --prediction or --baseline"),
        ((), "Rates by the sheet", "draw some with `auditor sheet`"),
        (("day",), "Rolling-origin backtest", "name the date column with --time"),
    ],
)
def test_a_step_that_does_not_run_says_why(auditor, tmp_path, without, step, why):
    count, lines = section(
        planned(auditor, tmp_path, without, "--text", "note", "--label", "label"), "Steps that do not run"
    )
    assert len(lines) == count
    assert any(line.startswith(f"{step}: ") and why in line for line in lines)


def test_every_check_stands_once_and_no_step_runs(auditor, tmp_path):
    said = planned(auditor, tmp_path, ("day",), "--text", "note", "--label", "label")
    run, not_run = (section(said, title) for title in ("Checks that run", "Checks that do not run"))
    codes = [line.split()[0] for _, lines in (run, not_run) for line in lines]
    assert len(codes) == len(set(codes)) == run[0] + not_run[0]
    assert any(line.startswith("STA001") and "time" in line for line in not_run[1])


def test_an_export_that_is_not_there_is_one_sentence(auditor):
    code, _, complaint = auditor("plan", "nowhere.csv")
    assert code == 3
    assert complaint.count("\n") == 1
