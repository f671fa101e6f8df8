"""The rule of the readiness benchmark, docs/adr/0011, and what its scenarios plant."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from benchmarks.readiness import planting
from benchmarks.readiness.rule import Difference, Measured

NOTHING = Difference(0.0, 0.0, 0.0)


def exactly(value: float) -> Difference:
    return Difference(value, value, value)


def measured(*, dated: bool = True, **changes: Difference) -> Measured:
    names = ("label_cost", "class_cost", "doubling", "gain", "routed_gain", "routed_more")
    return Measured(**(dict.fromkeys(names, NOTHING) | changes), dated=dated)


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, "prompt_with_retrieval"),
        ({"gain": 0.029}, "prompt_with_retrieval"),
        ({"gain": 0.03}, "fine_tune"),
        ({"gain": 0.03, "routed_gain": 0.06, "routed_more": 0.03}, "fine_tune_subset"),
        ({"routed_gain": 0.03}, "fine_tune_subset"),
        ({"gain": 0.1, "doubling": 0.08}, "prompt_with_retrieval"),
        ({"gain": 0.1, "doubling": 0.08, "label_cost": 0.03}, "fix_data_first"),
        ({"gain": 0.1, "class_cost": 0.2}, "fix_data_first"),
        ({"gain": 0.1, "dated": False}, "inconclusive"),
        ({"dated": False}, "prompt_with_retrieval"),
    ],
)
def test_the_first_line_that_holds_decides(changes, decision):
    found = measured(**{name: value if name == "dated" else exactly(value) for name, value in changes.items()})
    assert found.decision == decision
    assert found.accepted == {decision}


def test_an_interval_over_a_cut_leaves_both_sides_open():
    found = measured(gain=Difference(0.04, 0.02, 0.06), label_cost=Difference(0.01, 0.0, 0.04))
    assert found.decision == "fine_tune"
    assert found.accepted == {"fine_tune", "prompt_with_retrieval", "fix_data_first"}
    assert not found.made_worse
    assert measured(gain=exactly(-0.001)).made_worse


@pytest.fixture
def rows() -> pl.DataFrame:
    labels = [f"class {number % 12}" for number in range(4000)]
    texts = [f"{label} and some words" for label in labels]
    frame = pl.DataFrame({"text": texts, "truth": labels})
    return planting.sites(planting.dated(frame, np.random.default_rng(0)), np.random.default_rng(1))


@pytest.mark.parametrize("plant", [planting.random_noise, planting.pair_noise, planting.habit_noise])
def test_noise_comes_at_about_its_rate(rows, plant):
    noisy = plant(rows, np.random.default_rng(2), 0.1)
    wrong = noisy.filter(pl.col("given") != pl.col("truth"))
    assert 0.06 < len(wrong) / len(rows) < 0.14
    if plant is planting.habit_noise:
        assert wrong["site"].unique().to_list() == [planting.HABIT_SITE]


def test_names_change_each_quarter_before_and_after_the_cut(rows):
    moved = planting.renamed(rows, np.random.default_rng(2), planting.FAST)
    cut = planting.month_start(planting.CUT)
    before, after = (set(moved.filter(side)["truth"]) for side in (pl.col("time") < cut, pl.col("time") >= cut))
    assert after - before
    assert before - after
    assert rows["truth"].n_unique() < len(before)
