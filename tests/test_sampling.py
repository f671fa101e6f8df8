"""Of a large export models read a random part that is always the same, and the report says so."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from auditor.api import audit
from auditor.config import Config
from auditor.evidence import sampling
from auditor.keys import row_keys
from tests.exports import ROLES, export, saved

N, MOST, LEAST = 5_000, 1_000, 40


@pytest.fixture(autouse=True)
def small_samples(monkeypatch):
    monkeypatch.setattr(sampling, "MOST_ROWS", MOST)
    monkeypatch.setattr(sampling, "LEAST_OF_CLASS", LEAST)


def rows(labels=("common",) * 99 + ("rare",), copies: int = 1) -> pl.DataFrame:
    """Distinct texts, each ``copies`` times, with labels in turn."""
    frame = pl.DataFrame(
        {
            "text": [f"Text number {i // copies}" for i in range(N)],
            "label": [labels[i % len(labels)] for i in range(N)],
            "id": [str(i) for i in range(N)],
        }
    )
    return frame.with_columns(key=pl.Series(row_keys(frame)))


def test_few_rows_are_all_read():
    few = rows()[:MOST]
    assert sampling.sampled(few) is few
    assert sampling.said(MOST, MOST) == ()


def test_a_sample_is_the_same_in_any_order_of_the_rows_and_keeps_rare_classes():
    found = sampling.sampled(rows())
    again = sampling.sampled(rows().sample(fraction=1, shuffle=True, seed=3))
    assert set(found["id"]) == set(again["id"])
    assert found["id"].cast(int).is_sorted()
    assert MOST <= len(found) <= MOST + 2 * LEAST
    assert (found["label"] == "rare").sum() >= LEAST


def test_equal_texts_are_drawn_together():
    found = sampling.sampled(rows(labels=("one",), copies=4))
    copies = found.group_by("text").len()["len"]
    assert (copies == 4).sum() >= len(found) / 4 - LEAST
    assert len(found) == pytest.approx(MOST, abs=4 + LEAST)


def test_where_few_texts_are_most_rows_single_rows_are_drawn():
    found = sampling.sampled(rows(labels=("one",), copies=N // 2))
    assert MOST <= len(found) <= MOST + LEAST


@pytest.mark.slow
def test_an_audit_of_a_sample_says_so_and_counts_all(tmp_path):
    config = Config(export=saved(export(3_000), tmp_path), **ROLES)
    result, table = audit(config)
    assert result.run.intake.rows_used == 3_000
    assert len(table) == 3_000
    modelled = int(table["label_quality"].is_not_null().sum())
    assert MOST <= modelled < 1.3 * MOST
    assert f"a random sample of {modelled:,} of 3,000 records" in result.run.intake.notices[-1].text
    volume = result.estimates["monthly_volume"].value
    sampling.MOST_ROWS = 10_000
    whole, _ = audit(config)
    assert volume == whole.estimates["monthly_volume"].value
    accuracy, of_all = (each.estimates["accuracy_given_labels"].value for each in (result, whole))
    assert np.isclose(accuracy, of_all, atol=0.05)
