"""The laws fitted on published results, and the rows behind them."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pytest

from auditor.judge.published import (
    SETS_PER_STUDY,
    Comparison,
    Gap,
    Law,
    fit_gaps,
    fit_lifts,
    gap_law,
    lift_law,
    published_gaps,
    published_lifts,
)


def rows(name: str) -> list[dict[str, str]]:
    text = files("auditor.judge").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def gain(linear: float, words: float) -> float:
    return lift_law(linear, words).mean * (1 - linear)


def comparison(study: str, name: str, gained: float) -> Comparison:
    return Comparison(study, name, 20, 2000, 5, 0.75, 0.75 + gained)


def test_fine_tuning_gains_2_to_8_points_on_short_texts_and_less_on_long_ones():
    assert 0.02 < gain(0.8, 15) < 0.08
    assert 0 < gain(0.8, 2000) < gain(0.8, 15) / 1.5
    assert gain(0.95, 15) < gain(0.7, 15)


def test_the_lift_law_stays_where_the_published_rows_were():
    assert lift_law(0.8, 1) == lift_law(0.8, 9)
    assert lift_law(0.8, 6000) == lift_law(0.8, 50_000)
    assert lift_law(1.0, 40) == lift_law(max(row.linear for row in published_lifts()), 40)


def test_the_gap_is_5_points_give_or_take_15():
    law = gap_law()
    half = (law.quantile(0.95) - law.quantile(0.05)) / 2
    assert 0.03 < law.mean < 0.07
    assert 0.12 < half < 0.20
    assert law.quantile(0.05) < 0, "nobody knows beforehand that training is ahead"


def test_rows_of_one_study_repeated_do_not_move_the_gap():
    known = published_gaps()
    one = [row for row in known if row.study == known[0].study]
    law, again = fit_gaps(known), fit_gaps([*known, *one, *one])
    assert (again.mean, again.scale, again.freedom) == pytest.approx((law.mean, law.scale, law.freedom))


def test_the_gap_of_a_new_study_is_wider_than_sets_that_agree_within_studies():
    known = [Gap(study, name, share) for study, share in (("a", 0.0), ("b", 0.1), ("c", 0.2)) for name in "xyz"]
    law = fit_gaps(known)
    assert law.mean == pytest.approx(0.1)
    assert law.scale == pytest.approx(0.1 * np.sqrt(1 + 1 / 3))
    assert law.freedom == pytest.approx(2)


def test_no_study_counts_more_than_three_sets():
    others = [comparison(f"s{number}", f"set {number}", 0.0) for number in range(SETS_PER_STUDY)]
    large = [comparison("large", f"its {number}", 0.1) for number in range(30)]
    law = fit_lifts([*others, *large], ()).law(0.75, {})
    assert law.mean * 0.25 == pytest.approx(0.05)


def test_the_lift_of_a_new_set_is_as_unsure_as_the_known_ones_and_their_mean():
    """Gains over the root of a quarter, what the classifier gets wrong: 0, 0.1, 0.2; of the errors twice as much."""
    known = [comparison(study, study, gained) for study, gained in (("a", 0.0), ("b", 0.05), ("c", 0.1))]
    law = fit_lifts(known, ()).law(0.75, {})
    assert (law.mean, law.scale, law.freedom) == pytest.approx((0.2, 2 * 0.1 * np.sqrt(1 + 1 / 3), 2))


def test_a_set_in_two_studies_counts_once():
    once = [comparison("a", "one", 0.0), comparison("b", "two", 0.1), comparison("c", "three", 0.05)]
    again = [*once, comparison("d", "two", 0.1)]
    assert fit_lifts(again, ()).law(0.75, {}) == fit_lifts(once, ()).law(0.75, {})


def test_a_loss_that_validation_shows_counts_as_none():
    assert comparison("a", "one", -0.05).gain == 0
    assert comparison("a", "one", -0.01).gain == pytest.approx(-0.01)


@pytest.mark.parametrize("law", [lift_law(0.8, 30), gap_law(), Law(0.0, 1.0, 3.0)])
def test_draws_follow_the_quantiles(law):
    drawn = law.draw(np.random.default_rng(0), 100_000)
    for p in (0.05, 0.25, 0.5, 0.95):
        assert (drawn <= law.quantile(p)).mean() == pytest.approx(p, abs=0.005)


@pytest.mark.parametrize(
    ("name", "scores", "key"),
    [
        (
            "published_lifts.csv",
            ("linear_score", "encoder_score"),
            ("dataset", "study", "linear_model", "encoder"),
        ),
        (
            "published_pairs.csv",
            ("trained_accuracy", "prompted_accuracy", "knn_vote_accuracy"),
            ("dataset", "study", "trained_model", "prompted_model", "prompt_kind", "shots", "prompted_accuracy"),
        ),
    ],
)
def test_rows_are_valid(name, scores, key):
    lines = rows(name)
    assert all(None not in line and None not in line.values() for line in lines), "as many cells as columns"
    assert all(0 <= float(line[score]) <= 1 for line in lines for score in scores if line[score])
    assert {line["verified"] for line in lines} == {"yes", "no"}
    assert len({tuple(line[part] for part in key) for line in lines}) == len(lines)
    assert all(line["study"] and line["source"] for line in lines)
    assert not any("index file" in line["source"] for line in lines)


def test_a_row_left_out_says_why():
    lines = rows("published_lifts.csv")
    assert {line["use"] for line in lines} == {"yes", "no"}
    assert all((line["use"] == "no") == line["note"].startswith("left out: ") for line in lines)
    assert all(float(line[name]) > 0 for line in lines for name in ("train_rows", "words_per_text", "classes"))
