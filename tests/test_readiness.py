"""Regret in the readiness benchmark: its worlds, the policies that it plays, and what its scenarios plant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from auditor.judge.costs import first_training
from auditor.model import Age, ClassFacts, Decision, Facts, LabelFacts, NextStep, Share, StepKind, Way
from benchmarks.readiness import planting
from benchmarks.readiness.followed import Said, after_repair, follow
from benchmarks.readiness.lines import restored
from benchmarks.readiness.oracle import Oracle, best_in_hindsight, stake
from benchmarks.readiness.outcomes import repaired
from benchmarks.readiness.regret import AUDIT, ORACLE, Case, play_one
from benchmarks.readiness.rivals import RIVALS, Done, engineer, net_of
from benchmarks.readiness.scenarios import Built, Scenario
from benchmarks.readiness.studies import Tilt, drawn, folds
from benchmarks.readiness.tables import ratio
from benchmarks.readiness.worlds import MONTHS, PRICE, Action, World, sheet_cost

NOTHING = Share(0.0, 0.0)
OUTCOME = {
    "scenario": "toy; 4000 rows",
    "moves": False,
    "wrong_labels": 0.1,
    "linear": 0.80,
    "linear_clean": 0.84,
    "linear_retrained": 0.80,
    "vote": 0.72,
    "vote_clean": 0.75,
    "linear_in_time_true": 0.80,
    "linear_in_time_clean": 0.84,
    "vote_in_time_true": 0.72,
    "vote_in_time_clean": 0.75,
    "by_class": [[400, 300, 300], [380, 240, 180], [300, 240, 180]],
}
MENDED = {"linear": 0.83, "linear_retrained": 0.83, "vote": 0.74}
FACTS = Facts(
    rows=4000,
    words=30.0,
    ordinary=Share(0.73, 0.007),
    labels=LabelFacts(Share(0.1, 0.02), Share(0.03, 0.01), NOTHING, 800),
    ageing=Age(0.0, 0.0, 0.0, 0.0, 0.0, 12.0),
    prompt=None,
    trained=None,
    fresh=None,
    by_class=tuple(ClassFacts(str(code), 1 / 3, 0.7, 0.6, 0, 0.0, 0.2, churned=False) for code in range(3)),
    monthly_volume=300.0,
    volume_from="",
    tokens_per_record=40.0,
    taxonomy_tokens=20.0,
    choice=0.019,
)


def world(n: int = 40, seed: int = 0, tilt: Tilt | None = None) -> World:
    rng = np.random.default_rng(seed)
    return World(OUTCOME, FACTS, drawn(FACTS.words, n, rng, tilt or Tilt()), MENDED)


def test_every_fold_draws_from_studies_that_its_laws_have_not_seen():
    assert len(folds()) == 4
    for fold in folds():
        assert fold.laws(0.8, 30.0).gap.mean != pytest.approx(fold.gap)
    opponents = drawn(30.0, 400, np.random.default_rng(0))
    for number, fold in enumerate(folds()):
        mine = opponents.gap[opponents.fold == number]
        assert abs(mine.mean() - fold.gap) < 4 * mine.std() / np.sqrt(len(mine))
    assert opponents.error_cost.min() < 0.1
    assert opponents.error_cost.max() > 40


def test_a_world_holds_what_was_measured():
    here = world()
    assert (here.right(Way.ORDINARY) == 0.80).all()
    assert (here.right(Way.ORDINARY, repaired=True) == 0.83).all()
    assert (here.right(Way.FINE_TUNED) >= 0.78 - 1e-9).all()
    assert np.allclose(here.by_class(Way.PROMPT) @ here.share, here.right(Way.PROMPT), atol=1e-3)
    worse = world(tilt=Tilt(shift=0.04))
    assert np.allclose(here.right(Way.PROMPT) - worse.right(Way.PROMPT), 0.04, atol=0.041)


def test_net_is_right_records_less_costs_and_a_repair_waits_a_month():
    here = world(4)
    worth = MONTHS * 1000 * 2.0
    now = here.net(Action(Way.ORDINARY), 1000, 2.0)
    assert now == pytest.approx(0.80 * worth - here.cost(Way.ORDINARY, 1000))
    mended = here.net(Action(Way.ORDINARY, repaired=True), 1000, 2.0)
    right = (23 * 0.83 + here.right(Way.PROMPT)) / 24
    assert mended == pytest.approx(right * worth - here.cost(Way.ORDINARY, 1000) - 800 * PRICE["review_price"])


def test_a_stake_is_the_best_way_less_the_worst_and_hindsight_loses_to_none():
    here = world()
    nets = [here.net(Action(way), 3000, 10.0) for way in (Way.PROMPT, Way.ORDINARY, Way.FINE_TUNED)]
    assert stake(here, 3000, 10.0) == pytest.approx(np.max(nets, axis=0) - np.min(nets, axis=0))
    assert (best_in_hindsight(here, 3000, 10.0) >= np.max(nets, axis=0)).all()


def test_a_longer_sheet_holds_the_shorter():
    short, long = (world().sheet(3, rows) for rows in (300, 3000))
    assert short.ordinary.value != long.ordinary.value
    assert abs(long.prompt.value - world().right(Way.PROMPT)[3]) < 4 * long.prompt.error
    assert long.behind.value == pytest.approx(long.ordinary.value - long.prompt.value)


def test_the_engineer_measures_where_the_sum_is_large_enough():
    here, fold = world(), folds()[0]
    first = first_training(PRICE, FACTS)
    small, large = (first / (MONTHS * 0.15) * factor for factor in (0.99, 1.01))
    assert engineer(here, 0, fold, small, 1.0) == Done(Action(Way.PROMPT))
    assert engineer(here, 0, fold, large, 1.0).paid == sheet_cost(300)
    assert engineer(here, 0, fold, 1_000_000, 1.0).paid == sheet_cost(3000)


@pytest.mark.parametrize(("volume", "cost"), [(300, 10.0), (3000, 10.0), (30_000, 1.0), (1_000_000, 10.0)])
def test_the_oracle_loses_least_on_average(volume, cost):
    here, pool = world(200), world(400, seed=1)
    plan = Oracle(here, pool).plan(volume, cost)
    net = 0.0
    for number in range(200):
        action, paid = plan.then(number), plan.paid
        net += here.net(action, volume, cost)[number] - paid
    of_fold = [folds()[each] for each in here.opponents.fold]
    slack = 0.01 * stake(here, volume, cost).sum()
    for policy in RIVALS.values():
        assert net >= net_of(policy, here, of_fold, volume, cost).sum() - slack


def said(decision: Decision, kind: StepKind = StepKind.ACT, rows: int = 0) -> Said:
    return Said(
        decision, str(decision), NextStep(kind, rows, 0.0, 0.0), Way.FINE_TUNED, frozenset({"1"}), 0.5, Way.FINE_TUNED
    )


def test_the_audit_pays_for_two_steps_and_never_sees_the_draw():
    seen = []

    def judge(facts, given, laws):
        seen.append((facts, dict(given), laws))
        return said(Decision.PROMPT_WITH_RETRIEVAL, StepKind.SHEET, 300)

    here = world()
    found = follow(here, 2, folds()[2], 3000, 10.0, FACTS, judge=judge)
    assert found.paid == 2 * sheet_cost(300)
    assert [facts.fresh and facts.fresh.rows for facts, _, _ in seen] == [None, 300, 600]
    assert found.action == Action(Way.PROMPT)
    other = [0]
    follow(here, 6, folds()[2], 3000, 10.0, FACTS, judge=lambda *asked: other.append(asked) or said(Decision.FINE_TUNE))
    assert other[1] == seen[0]


def test_asking_what_an_error_costs_is_free():
    here = world()

    def judge(_facts, given, _laws):
        return said(Decision.ORDINARY_CLASSIFIER, StepKind.ACT if "error_cost" in given else StepKind.ERROR_COST)

    found = follow(here, 1, folds()[1], 3000, None, FACTS, judge=judge)
    assert found.paid == 0
    assert found.action == Action(Way.ORDINARY)


def test_a_repair_is_followed_once_and_decided_again():
    def judge(facts, _given, _laws):
        return said(Decision.FIX_DATA_FIRST if facts.labels.listed else Decision.FINE_TUNE)

    found = follow(world(), 1, folds()[1], 3000, 10.0, FACTS, judge=judge)
    assert found.action == Action(Way.FINE_TUNED, repaired=True)
    mended = after_repair(FACTS)
    assert mended.labels.listed == 0
    assert mended.ordinary.value == pytest.approx(0.73 / 0.9 + 0.95 * 0.03)


def test_a_subset_names_its_classes():
    found = follow(world(), 1, folds()[1], 3000, 10.0, FACTS, judge=lambda *_: said(Decision.FINE_TUNE_SUBSET))
    assert found.action.kept.tolist() == [False, True, False]


@pytest.mark.slow
def test_a_scenario_is_played_in_every_cell():
    played = play_one(Case(OUTCOME, replace(FACTS, by_class=FACTS.by_class[:3]), MENDED), 4, aside=False)
    assert len(played) == 20
    assert ratio(played, ORACLE) < ratio(played, "always fine-tune")
    assert all(set(RIVALS) | {AUDIT} < set(each.regret) for each in played)


def test_facts_come_back_from_a_line():
    from dataclasses import asdict

    assert restored(asdict(FACTS), Facts) == FACTS


def test_a_repair_that_changes_no_label_is_not_measured(rows):
    none = rows.with_columns(given="truth")
    assert repaired(Scenario("toy"), Built(none, none, none, none), np.arange(10)) is None


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
