"""How the benchmark holds trials against what was foretold."""

from __future__ import annotations

import pytest

from benchmarks.trials.tables import root, sections, with_trial
from tests.test_judge import FACTS


def part(tuned, ordinary, probe, error=0.01):
    others = {"surrogate": ordinary, "vote": ordinary}
    right = {"tuned": tuned, "ordinary": ordinary, "probe": probe, **others}
    ahead = {f"over_{name}": [tuned - value, error] for name, value in right.items()}
    return {"tested": 1000, **right, **{f"{name}_given": value for name, value in right.items()}, **ahead}


def line(scenario, rows, **shares):
    return {
        "scenario": scenario, "rows": rows, "planned_rows": rows, "classes": 10, "words": 20.0, "length": 30,
        "cut": 0.2, "wrong_labels": 0.0, "rate": 1e-4, "epoch": 2, "cpu_seconds": 90, "later": part(**shares),
    }  # fmt: skip


FEW = line("bank; 2500 rows", 2000, tuned=0.82, ordinary=0.75, probe=0.81)
MANY = line("bank; all rows", 5000, tuned=0.9, ordinary=0.84, probe=0.85)


def table_of(title, lines):
    found = sections(lines)
    return next((found[at + 2] for at, each in enumerate(found) if each == f"## {title}"), "").splitlines()[2:]


def test_the_gain_is_extended_by_the_root_of_the_errors():
    # 7.0 points times the root of 0.16 over 0.25.
    assert table_of("Fewer rows extended to more", [FEW, MANY]) == [
        "| bank; 2500 rows | 2000 | 5000 | +7.0 | +5.6 | +6.0 ± 1.0 | +0.4 ± 1.3 |"
    ]
    assert not table_of("Fewer rows extended to more", [FEW])


def test_a_probe_misleads_where_it_is_far_from_the_tuned_encoder():
    assert [row.split(" | ")[-1] for row in table_of("Where the probe misleads", [FEW, MANY])] == ["no |", "yes |"]


def test_a_trial_within_the_published_interval_is_inside():
    good = line("other; all rows", 2000, tuned=0.93, ordinary=0.75, probe=0.75)
    lost = line("third; all rows", 2000, tuned=0.5, ordinary=0.75, probe=0.5)
    found = [row.split(" | ")[-3:] for row in table_of("The lift's residuals", [FEW, good, lost])]
    assert [inside for *_, inside in found] == ["yes |", "no |", "yes |"]
    # A team keeps the linear model.
    assert found[2][0] == "+0.0 ± 1.0"


def test_what_a_trial_added_is_scaled_by_the_root_of_the_errors():
    assert root(FEW) == pytest.approx(0.07 / 0.5)


def test_the_audit_reads_a_line_as_it_reads_a_trial():
    found = with_trial(FACTS, FEW)
    assert (found.trained.rows, found.trained.right.value, found.trial.rows) == (1000, 0.82, 2000)
    assert found.trained.behind.value == pytest.approx(-0.07)
