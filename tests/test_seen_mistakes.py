"""What tells wrong labels from texts that do not decide, what they cost, and what age costs."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from auditor.estimators.ageing import AGEING, Ageing, ageing, by_rows, recent_shift
from auditor.estimators.calendar import Calendar
from auditor.estimators.label_cost import LABEL_COST
from auditor.estimators.volume import monthly_volume
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import ROWS
from auditor.evidence.label_cost import LISTED
from auditor.evidence.scrambled import SCRAMBLED, in_turn, scrambled
from auditor.evidence.sources import SOURCE_BIAS
from auditor.model import LearningCurve, LearningPoint
from reports import text
from tests.exports import CLASSES, export

pytestmark = pytest.mark.slow

N = 4_000


def two_classes(spread: float, filed: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and calibrated probabilities of two classes along one line, ``spread`` apart; of the records of the first,
    a share ``filed`` carries the second's label at random.
    """
    rng = np.random.default_rng(seed)
    first = np.arange(N) % 2 == 0
    place = rng.normal(np.where(first, spread, -spread), 1)
    likely = 1 / (1 + np.exp(-2 * spread * place))
    codes = np.where(first & (rng.random(N) >= filed), 0, 1).astype(np.int32)
    given = likely * (1 - filed)
    return codes, np.column_stack([given, 1 - given]).astype(np.float32)


@pytest.mark.parametrize("spread", [0.8, 1.0, 1.2, 1.5, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_classes_that_overlap_are_not_accused(spread, seed):
    assert scrambled(*two_classes(spread, 0.0, seed)) == ()


@pytest.mark.parametrize("filed", [0.4, 0.5, 0.6])
def test_a_class_filed_as_its_neighbour_at_random_is_found(filed):
    found = [scrambled(*two_classes(2.0, filed, seed)) for seed in range(10)]
    # The test that the labels follow the score errs in one of twenty.
    pairs = [pair for pairs in found for pair in pairs]
    assert len(pairs) >= 8
    for pair in pairs:
        assert (pair.expected, pair.given) == (0, 1)
        assert (pair.rows % 2 == 0).mean() > 0.9
        assert len(pair.rows) > 0.7 * filed * N / 2
        assert pair.held == pytest.approx(1 - filed, abs=0.08)


def filed_at_random(share: float, rows: int = 3_000) -> pl.DataFrame:
    return export(rows, plant=[{"do": "flip", "where": {"share": share}}])


def test_a_name_that_follows_another_is_no_mistake():
    before, after = np.arange(0, 300, 3), np.arange(280, 400, 2)
    assert in_turn(before, after)
    assert in_turn(after, before)
    assert not in_turn(np.arange(0, 400, 3), np.arange(0, 400, 2))
    assert not in_turn(np.zeros(20, int), np.zeros(30, int))


@pytest.mark.parametrize(("separate", "accused"), [(False, True), (True, False)])
def test_a_source_of_another_time_has_no_bias(steps, separate, accused):
    frame = export(3_000)
    early = pl.col("day") < date(2023, 1, 1)
    if separate:
        frame = frame.with_columns(payer=pl.when(early).then(pl.lit("north")).otherwise(pl.lit("south")))
    here = (pl.col("payer") == "north") & (pl.col("label") == "billing")
    renamed = frame.with_columns(label=pl.when(here).then(pl.lit("coverage")).otherwise("label"))
    found = steps(renamed)
    assert bool(found[SOURCE_BIAS]) == accused
    assert bool(found[LISTED].any()) == accused


def test_mistakes_at_random_are_seen_cost_something_and_stand_in_the_list(steps):
    results = steps(filed_at_random(0.15))
    found = results[LABEL_COST]
    assert found.rate == pytest.approx(0.15, abs=0.04)
    assert found.at_random > 0
    assert results[LISTED].mean() == pytest.approx(2 * found.rate, abs=0.01)


def test_the_list_holds_nearly_all_mistakes_at_random(steps):
    plain, noisy = export(3_000), filed_at_random(0.15)
    about = steps(noisy)
    wrong = (plain["label"] != noisy["label"]).to_numpy()[about[ROWS]["row_id"].to_numpy()]
    assert about[LISTED][wrong].mean() > 0.9


def test_codes_that_do_not_decide_their_class_are_no_toss_up(steps):
    """Twelve codes; those of two classes are filed under either, as often as not."""
    rng = np.random.default_rng(3)
    label = rng.choice(["a", "b", "c", "d"], 2_000)
    unsure = np.isin(label, ["a", "b"]) & (rng.random(2_000) < 0.3)
    code = np.where(unsure, rng.choice(["a", "b"], 2_000), label)
    note = [f"code {each} group {rng.integers(3)} of the list" for each in code]
    found = steps(export(2_000).with_columns(note=pl.Series(note), label=pl.Series(label)))
    assert found[DUPLICATES].coded
    assert found[SCRAMBLED] == ()
    assert not found[LISTED].any()


@pytest.mark.parametrize("own_words", [2, 6])
def test_clean_labels_cost_nothing_and_nothing_is_listed(steps, own_words):
    results = steps(export(2_000, own_words=own_words))
    found = results[LABEL_COST]
    assert (found.rate, found.at_random, found.placed, results[LISTED].sum()) == (0, 0, 0, 0)


def test_records_that_could_be_of_either_class_are_named_and_not_read(steps):
    """Half of a class is filed as one that has no record of its own: nothing tells which of the two is right, nor
    whether something that the text does not say decides.
    """
    few = {"do": "drop", "where": {"label": CLASSES[1]}}
    half = {"do": "set", "column": "label", "value": CLASSES[1], "where": {"label": CLASSES[0], "share": 0.5}}
    found = steps(export(6_000, plant=[few, half]))
    ways = {(pair.given, pair.expected) for pair in found[SCRAMBLED]}
    assert len(ways) == 2
    assert ways == {way[::-1] for way in ways}
    assert not any(pair.apart for pair in found[SCRAMBLED])
    assert not found[LISTED].any()
    assert found[LABEL_COST].placed == 0


def test_a_bias_of_one_source_is_put_right(steps):
    bias = {
        "do": "set",
        "column": "label",
        "value": CLASSES[1],
        "where": {"label": CLASSES[0], "payer": "north", "share": 0.9},
    }
    results = steps(export(4_000, plant=[bias]))
    found = results[LABEL_COST]
    assert found.placed > 0
    assert results[LISTED].sum() > 150


def curve(*points: tuple[int, float]) -> LearningCurve:
    return LearningCurve(tuple(LearningPoint(rows, value, value, value) for rows, value in points), ())


def test_what_fewer_rows_explain_is_a_straight_line_in_their_logarithm():
    measured = curve((100, 0.2), (400, 0.70), (800, 0.75))
    lacking = by_rows(measured, np.array([200, 400, 800, 1600]), 1000)
    assert lacking == pytest.approx([0.10, 0.05, 0.0, -0.05])
    assert by_rows(None, np.array([10, 20]), 1000) == pytest.approx([0, 0])


def past(loss: float, a_month: float, seed: int = 0, rows: int = 400) -> Ageing:
    """Eight half-years; a model of age a is right less often by ``loss`` and ``a_month`` times a."""
    rng = np.random.default_rng(seed)
    period = np.repeat(np.arange(1, 8), rows)
    cut = np.arange(8)[:, None]
    age = (period - cut - 0.5) * 6
    right_now = rng.random(len(period)) < 0.85
    right_then = rng.random((8, len(period))) < 0.85 - loss - a_month * age
    chosen = Calendar(tuple("abcdefgh"), "half-year", 6, np.full(8, rows))
    found = ageing(right_now, right_then, period > cut, period.astype(np.int32), chosen, np.zeros(8))
    assert found is not None
    return found


def test_without_change_age_costs_nothing_on_average():
    found = [past(0.0, 0.0, seed) for seed in range(20)]
    assert np.mean([each.at_once for each in found]) == pytest.approx(0, abs=0.01)
    assert np.mean([each.a_month for each in found]) == pytest.approx(0, abs=0.001)
    assert {each.at_once > 0 for each in found} == {True, False}


@pytest.mark.parametrize(("loss", "a_month"), [(0.1, 0.0), (0.0, 0.01), (0.05, 0.005)])
def test_what_age_costs_is_found(loss, a_month):
    found = past(loss, a_month, rows=2_000)
    assert found.at_once == pytest.approx(loss, abs=0.03)
    assert found.a_month == pytest.approx(a_month, abs=0.002)
    assert found.loss(12) == pytest.approx(found.at_once + 6 * found.a_month)


def shift(*shares: float, rows: int = 1_000) -> float:
    hits = np.array([round(share * rows) for share in shares])
    chosen = Calendar(tuple("abcdefgh"[: len(shares)]), "half-year", 6, np.full(len(shares), rows))
    return recent_shift(float(hits.sum()) / chosen.rows.sum(), hits, chosen)[0]


def test_records_that_get_harder_and_harder_are_those_at_the_end():
    assert shift(0.8, 0.7, 0.6, 0.5) == pytest.approx(0.65 - 0.48, abs=0.01)
    assert shift(0.5, 0.6, 0.7, 0.8) == pytest.approx(0.65 - 0.82, abs=0.01)
    # A step that is over leads nowhere.
    assert shift(0.9, 0.9, 0.9, 0.5, 0.5, 0.5) == pytest.approx(0.7 - 0.48, abs=0.01)
    assert shift(0.9, 0.5, 0.1) == pytest.approx(0.5 - 0.09, abs=0.01)
    # One bad half-year is no line, and neither are two.
    assert 0.02 < shift(0.8, 0.8, 0.8, 0.6) < 0.04
    assert 0 < shift(0.8, 0.6) < 0.1


def test_chance_moves_what_is_expected_of_the_end_by_nothing_much():
    rng = np.random.default_rng(0)
    found = [shift(*(rng.binomial(300, 0.7, 6) / 300), rows=300) for _ in range(200)]
    assert np.mean(found) == pytest.approx(0, abs=0.003)
    assert np.median(np.abs(found)) < 0.001


def test_shuffled_dates_do_not_age_a_model(steps):
    found = steps(export(4_000))
    assert found[AGEING].loss(6) == pytest.approx(0, abs=0.02)


def test_a_class_that_is_renamed_ages_a_model(steps):
    renamed = {
        "do": "set",
        "column": "label",
        "value": "new",
        "where": {"label": CLASSES[0], "since": date(2024, 6, 1)},
    }
    found = steps(export(4_000, plant=[renamed]))
    # A model of random folds does not know the new name either: recent records are harder for it than all.
    assert found[AGEING].loss(6) > 0.03


@pytest.mark.parametrize(
    ("months", "monthly", "said"),
    [
        ([100] * 30, 100, "the mean of the last twelve months"),
        ([50, 70], 60, "the mean of the 2 months in the export"),
        ([80], 80, "the mean of the one month in the export"),
        ([100] * 24 + [100] * 9 + [20, 20, 20], 20, "as it fell from 100 within the year"),
        ([100] * 24 + [100] * 9 + [300] * 3, 300, "as it rose from 100 within the year"),
        ([100] * 30 + [3], 100, "the mean of the last twelve months"),
        (None, 100, "no dates: the records spread over 24 months, assumed"),
    ],
)
def test_the_volume_is_the_one_of_now_and_says_which(months, monthly, said):
    found = monthly_volume(None if months is None else np.array(months), 2_400)
    assert found.monthly == monthly
    assert said in text.message(found.said)
