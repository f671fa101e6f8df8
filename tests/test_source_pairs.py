"""A source that files one class as another, where the model finds the class too seldom to be sure of any record."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.evidence.proxy import OutOfFold
from auditor.evidence.source_pairs import find_pair_bias
from auditor.evidence.sources import SourceColumn, find_label_bias

A, B, C = range(3)
ROWS, SOURCES = 600, 6


def export(planted: int, seed: int = 0):
    """Of classes a, b and c, where most texts of b read like c first; source 0 files ``planted`` of its b under a."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([A, B, C], ROWS).astype(np.int32)
    source = rng.integers(0, SOURCES, len(truth)).astype(np.int32)
    probabilities = np.where(
        (truth == B)[:, None], (0.1, 0.42, 0.48), np.where((truth == A)[:, None], (0.8, 0.1, 0.1), (0.1, 0.3, 0.6))
    )
    probabilities = probabilities + rng.normal(0, 0.05, probabilities.shape)
    codes = truth.copy()
    codes[np.flatnonzero((truth == B) & (source == 0))[:planted]] = A
    found = OutOfFold(probabilities.astype(np.float32), probabilities.argmax(axis=1).astype(np.int32), 1.0)
    return SourceColumn("payer", tuple("uvwxyz"), source), codes, found


def cells(found):
    return [(bias.value, bias.given, bias.expected) for bias in found]


def test_two_classes_alone_show_what_the_model_of_all_does_not():
    column, codes, model = export(planted=40)
    assert find_label_bias(column, codes, model, model) == ()
    (bias,) = find_pair_bias(column, codes, model, model)
    assert cells([bias]) == [("u", A, B)]
    assert len(bias.rows) >= 35
    assert (column.codes[bias.rows] == 0).all() and (codes[bias.rows] == A).all()
    assert bias.rate > 0.3 > bias.elsewhere


@pytest.mark.parametrize("seed", range(10))
def test_sources_that_file_alike_have_none(seed):
    column, codes, model = export(planted=0, seed=seed)
    assert find_pair_bias(column, codes, model, model) == ()


def test_a_few_slips_are_no_habit():
    column, codes, model = export(planted=8)
    assert find_pair_bias(column, codes, model, model) == ()


def test_what_is_known_is_told_once():
    column, codes, model = export(planted=40)
    known = find_pair_bias(column, codes, model, model)
    assert find_pair_bias(column, codes, model, model, known) == ()
