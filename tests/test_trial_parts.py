"""The parts of a trial that need no torch."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from auditor.blas import one_blas_thread
from auditor.evidence.classes import CLASSES
from auditor.evidence.features import FEATURES
from auditor.evidence.given import ROWS
from auditor.model import Estimate
from auditor.progress import DETAIL, stages
from auditor.trials.encoder import length_of, padded
from auditor.trials.record import Record
from auditor.trials.rivals import ordinary, vote
from auditor.trials.run import until
from auditor.trials.split import split
from auditor.trials.summary import said
from auditor.trials.tuning import BATCH, Head, batches, probe, share_of_rate
from tests.exports import export, saved
from tests.lots import numbered


def test_rivals_learn_from_the_training_rows_what_tells_the_classes(steps):
    about = steps(export(600))
    rows = split(600, np.arange(600), 300, numbered(600), np.empty(0, np.int64))
    truth = about[CLASSES].codes[rows.asked]
    with one_blas_thread():
        assert (ordinary(about[ROWS]["text"].to_list(), about[CLASSES].codes, rows) == truth).mean() > 0.95
        assert (vote(about[FEATURES], about[CLASSES].codes, rows, 4) == truth).mean() > 0.9


def test_a_probe_never_answers_a_class_that_it_has_not_seen():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 3)).astype(np.float32)
    for seen in ([0, 2], [0, 2, 3]):
        codes = np.array(seen)[np.arange(40) % len(seen)]
        vectors[:, 0] = codes
        head = probe(vectors, codes, vectors, codes, 5)
        assert head.answers(vectors).tolist() == codes.tolist()


def test_a_head_answers_the_class_of_the_largest_score():
    head = Head(np.array([[1.0, -1.0]], np.float32), np.array([0.0, 0.5], np.float32))
    assert head.answers(np.array([[1.0], [0.2]], np.float32)).tolist() == [0, 1]


def test_four_in_five_texts_are_read_whole_as_far_as_the_encoder_reads():
    tokens = np.array([10] * 80 + [300] * 20)
    assert [length_of(tokens, 256), length_of(tokens * 30, 256), length_of(np.array([4, 4]), 256)] == [10, 256, 8]


def test_batches_hold_every_row_once_with_texts_of_like_length():
    lengths = np.random.default_rng(1).integers(5, 60, 1000)
    found = batches([[1] * length for length in lengths], np.random.default_rng(0))
    assert sorted(np.concatenate(found)) == list(range(1000))
    assert max(map(len, found)) == BATCH
    read = sum(len(rows) * lengths[rows].max() for rows in found)
    assert read < 1.1 * lengths.sum()
    # Long ones do not come last.
    assert lengths[found[0]].mean() != sorted(lengths[rows].mean() for rows in found)[0]


def test_texts_are_padded_to_the_longest_of_their_batch():
    ids, mask = padded([[5, 6], [7]], pad=9)
    assert (ids.tolist(), mask.tolist()) == ([[5, 6], [7, 9]], [[1, 1], [1, 0]])


def test_the_rate_rises_for_a_tenth_and_falls_to_none():
    shares = [share_of_rate(step, 100) for step in range(101)]
    assert shares[9] == max(shares) == 1.0
    assert shares[0] == pytest.approx(0.1)
    assert shares[100] == 0
    assert np.all(np.diff(shares[10:]) < 0)


def test_no_minutes_end_it_after_the_first_batch():
    told = []
    go_on = until(0, told.append)
    assert [go_on(0.1), go_on(0.2)] == [True, False]
    assert told == [f"Fine-tuning{DETAIL}0 s left"]


def test_a_stage_says_how_far_it_is_and_ends_once(capsys):
    with stages() as (_, on_stage):
        for title in ("Reading", f"Tuning{DETAIL}9 min left", f"Tuning{DETAIL}1 min left"):
            on_stage(title)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["Reading", "Tuning"]


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_without_torch_a_trial_says_how_to_get_it(auditor, tmp_path):
    path = saved(export(60), tmp_path, "in.parquet")
    code, _, complaint = auditor("trial", path)
    assert (code, "pip install 'auditor[trial]'" in complaint, complaint.count("\n")) == (2, True, 1)
    assert not (tmp_path / "trial").exists()


def record(**more):
    half = Estimate(0.5, 0.4, 0.6, "share", "")
    known = {
        "data_fingerprint": "x", "encoder": "small", "encoder_weights": 22, "rows": 2000, "validation": 300,
        "asked": 1000, "latest": 500, "prompted": 0, "classes": 4, "length": 64, "cut": 0.2, "rate": 1e-4, "epoch": 2,
        "ended": "planned", "seconds": 60.0, "threads": 1, "seed": 0, "accuracy": {"tuned": half, "ordinary": half},
        "ahead": {"ordinary": Estimate(0.031, -0.01, 0.07, "share", "")},
    }  # fmt: skip
    return Record(**(known | more))


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, ["auditor run ... --sheet fresh --trial out/trial.json --out ANOTHER_FOLDER"]),
        ({}, ["+3.1 (-1.0 to +7.0)", "first 64 tokens were read; 20 % are longer", "--trial out/trial.json"]),
        ({"ended": "minutes"}, ["It stopped at --minutes", "the fine-tuned encoder"]),
        ({"ended": "minutes", "epoch": 0}, ["not fine-tuned", "no trial of fine-tuning. Give it more --minutes"]),
        ({"epoch": 0}, ["not fine-tuned", "No epoch of fine-tuning was better on validation rows"]),
        ({"ended": "probe", "epoch": 0}, ["This is the two-minute answer"]),
    ],
)
def test_what_it_found_is_said_in_a_few_lines(more, lines):
    found = said(record(**more), Path("out"), " --sheet fresh")
    assert all(line in found for line in lines)
    assert ("--trial" in found) == (record(**more).tuning is not None)
    assert ("the fine-tuned encoder" in found) == (record(**more).epoch > 0)
