"""The audit against published results: which figures are taken, what the laws have not seen, how they are scored."""

from __future__ import annotations

import csv

import pytest

from auditor.judge.published import Gap
from benchmarks.published import Scored, summary, without
from benchmarks.published_figures import AT_HAND, ENCODERS, LEFT_OUT, Figure, Group, figures, published, weights
from benchmarks.published_fits import Forecast

OURS = ("BANKING77", "CLINC150", "CVE", "CFPB", "AG News")


def figure(study: str, name: str = "BANKING77", group: Group = Group.ENCODER, rows: int = 1000) -> Figure:
    return Figure(group, study, name, rows, "a model", 0.9)


def forecast(low: float, high: float, weight: float) -> Forecast:
    return Forecast("study", "set", (low + high) / 2, low, high, 0.9, weight)


def one(study: str, low: float, high: float, weight: float = 1.0) -> Scored:
    made = forecast(low, high, weight)
    return Scored(figure(study), 0.85, made, forecast(0.0, 1.0, weight), forecast(0.5, 1.0, weight))


def test_each_published_row_on_sets_like_ours_is_taken_or_says_why_not():
    names = {row["set"] for row in published("published_lifts") if row["use"] == "yes"}
    names |= {row["dataset"] for row in published("published_pairs")}
    like_ours = {name for name in names if name.startswith(OURS)}
    assert like_ours <= AT_HAND.keys() | LEFT_OUT.keys()
    assert not AT_HAND.keys() & LEFT_OUT.keys()


def test_each_figure_is_taken_once():
    taken = figures()
    assert len(set(taken)) == len(taken)
    assert {each.group for each in taken} == set(Group)
    assert all(each.name in AT_HAND and 0 < each.got <= 1 and each.rows >= 200 for each in taken)


def test_a_prompt_counts_with_what_it_retrieved_from_and_only_with_retrieval():
    prompts = {(each.study, each.rows) for each in figures() if each.group is Group.PROMPT and each.verified}
    assert prompts == {("abertsch72", 10003), ("abertsch72", 15250)}


def test_further_encoders_say_where_they_were_read_and_are_in_no_fit():
    with ENCODERS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["note"] and None not in row for row in rows)
    used = {row["study"] for row in published("published_lifts")} | {
        row["study"] for row in published("published_pairs")
    }
    assert not used & {row["study"] for row in rows}


def test_each_study_and_set_has_one_weight_whatever_the_size():
    chosen = [figure("a"), figure("a", "BANKING77 10-shot"), figure("a", "CLINC150 in-scope"), figure("b")]
    assert weights(chosen) == [0.5, 0.5, 1, 1]


def test_the_laws_have_seen_neither_the_study_nor_its_sets():
    known = [
        Gap("a", "BANKING77", 0.1),
        Gap("a", "mail", 0.1),
        Gap("b", "mail", 0.1),
        Gap("b", "BANKING77 10-shot", 0.1),
        Gap("b", "news", 0.1),
        Gap("c", "CLINC150 in-scope", 0.1),
    ]
    assert [(row.study, row.name) for row in without(known, figure("a"))] == [("b", "news"), ("c", "CLINC150 in-scope")]
    assert [row.study for row in without(known, figure("new", "CLINC150 10-shot"))] == ["a", "a", "b", "b", "b"]


def test_the_score_is_the_width_and_twenty_times_what_lies_outside():
    n, audit, shifted, constant, cover, asked, width = summary([one("a", 0.8, 0.95), one("b", 0.91, 0.96)])
    assert (n, cover, asked) == (2, "50 % of 2", "too few")
    assert audit == pytest.approx((0.15 + 0.05 + 20 * 0.01) / 2)
    assert (shifted, constant, width) == pytest.approx((1.0, 0.5, 0.1))


def test_cover_is_asked_for_from_twelve_on_and_by_weight():
    good = [one(f"s{number}", 0.8, 1.0) for number in range(11)]
    assert summary(good)[5] == "too few"
    assert summary([*good, one("a", 0.8, 1.0)])[5] == "held"
    halves = [one("a", 0.95, 1.0, 0.5), one("a", 0.8, 1.0, 0.5)]
    assert summary([*good, *halves])[4] == "96 % of 12"
    assert summary([*good[:9], *(one(f"t{number}", 0.95, 1.0) for number in range(3))])[5] == "missed"
