"""What the text does not tell: labels that follow something else are no mistakes, and no model is promised of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from auditor.api import audit
from auditor.config import Config
from auditor.estimators.label_noise import anchor_noise
from auditor.estimators.source_bias import Cell
from auditor.evidence.duplicates import find_duplicates
from auditor.evidence.label_issues import anchors
from auditor.evidence.proxy import OutOfFold
from auditor.evidence.scrambled import scrambled
from auditor.evidence.sources import SourceColumn, bias_of, may_be_a_rule
from auditor.evidence.tokens import tokenise
from auditor.judge.draws import draw, with_prompt
from auditor.model import Decision, LabelFacts, Share, StepKind, Way
from reports import first_screen
from tests.exports import export, saved
from tests.test_judge import FACTS, LAWS, NOTHING, decide, one_class, prompted

N, CONCEPTS = 4_000, 10


def halves(share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of concepts that the text tells well, each in two classes by something that it does not
    say: the first has this ``share``.
    """
    rng = np.random.default_rng(seed)
    concept = rng.integers(0, CONCEPTS, N)
    sure = rng.uniform(0.85, 0.98, N)
    of_concept = np.full((N, CONCEPTS), 0.0)
    of_concept[:] = ((1 - sure) / (CONCEPTS - 1))[:, None]
    of_concept[np.arange(N), concept] = sure
    first = rng.normal(share, 0.1, N).clip(0.02, 0.98)
    probabilities = np.stack([of_concept * first[:, None], of_concept * (1 - first)[:, None]], axis=2).reshape(N, -1)
    return (2 * concept + (rng.random(N) >= share)).astype(np.int32), probabilities.astype(np.float32)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.85, 0.95])
def test_classes_that_the_text_does_not_tell_apart_are_not_wrong(share):
    codes, probabilities = halves(share)
    assert anchor_noise(anchors(codes, probabilities)).rate < 0.01


def test_labels_that_follow_no_text_are_not_wrong_either():
    codes, probabilities = halves(1.0)
    drawn = np.random.default_rng(0).permutation(codes)
    assert anchor_noise(anchors(drawn, probabilities)).rate < 0.05


def test_mistakes_at_random_are_still_seen():
    codes, probabilities = halves(1.0)
    rng = np.random.default_rng(0)
    wrong = rng.random(N) < 0.1
    filed = np.where(wrong, 2 * ((codes // 2 + rng.integers(1, CONCEPTS, N)) % CONCEPTS), codes).astype(np.int32)
    assert anchor_noise(anchors(filed, probabilities)).rate == pytest.approx(0.1, abs=0.03)


def test_a_toss_up_between_classes_that_nothing_tells_apart_is_no_misfiling():
    pairs = [pair for seed in range(5) for pair in scrambled(*halves(0.5, seed))]
    assert len(pairs) > 20
    # The interval misses in one of twenty.
    assert np.mean([pair.apart for pair in pairs]) <= 0.1


def test_a_class_that_is_the_source_s_own_shows_no_habit():
    codes = np.repeat([0, 1, 1], [300, 100, 5]).astype(np.int32)
    column = SourceColumn("tier", ("standard", "gold"), np.repeat([0, 1, 0], [300, 100, 5]).astype(np.int32))
    # The text tells most records of the two classes apart.
    model = OutOfFold(np.eye(2, dtype=np.float32)[np.repeat([0, 1], [320, 85])], codes, 1.0)
    habit = bias_of(column, Cell(1, 1, 0, 1.0, 0.0, 0.0), np.arange(300, 400), codes == 1, model)
    assert may_be_a_rule(column, codes, model, habit)
    assert not may_be_a_rule(replace(column, codes=np.arange(405, dtype=np.int32) % 2), codes, model, habit)


def ruled_by(rows: int) -> pl.DataFrame:
    """Records whose class is the text's and, by a column, of one of two desks."""
    frame = export(rows)
    return frame.with_columns(
        tier=pl.Series(np.where(np.random.default_rng(1).random(len(frame)) < 0.5, "gold", "standard"))
    ).with_columns(label=pl.format("{} {}", "label", "tier"))


@pytest.mark.slow
@pytest.mark.parametrize("segment", [(), ("tier",)])
def test_labels_decided_by_a_column_are_not_to_be_read_again(tmp_path, segment):
    saved(ruled_by(2_400), tmp_path, "in.parquet")
    config = Config(export=str(tmp_path / "in.parquet"), text=("note",), label="label", time="day", segment=segment,
                    cost={"error_cost": 5.0, "monthly_volume": 30_000.0})  # fmt: skip
    result, _ = audit(config)
    assert result.verdict.decision is not Decision.FIX_DATA_FIRST
    assert result.facts.labels.at_random.value < 0.02
    assert result.facts.labels.listed < 50
    assert result.facts.labels.placed.value < 0.02


FOOTER = " ".join(f"clause{chr(97 + i)}{chr(97 + j)}" for i in range(6) for j in range(8))


def test_a_footer_makes_no_duplicates():
    rng = np.random.default_rng(0)
    words = np.array([f"word{chr(97 + i)}{chr(97 + j)}" for i in range(12) for j in range(12)])
    bodies = [" ".join(rng.choice(words, 6, replace=False)) for _ in range(300)]
    for texts in (bodies, [f"{body} {FOOTER}" for body in bodies]):
        found = find_duplicates(pl.Series(texts), tokenise(pl.Series(texts)), 0)
        assert len(np.unique(found.near)) > 290


def rare(found: float):
    """Two classes, of which one holds a record in a hundred; so many of these are found."""
    return replace(one_class("no", 0.99), recall=1.0), replace(one_class("yes", 0.01), recall=found)


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        (replace(FACTS, ceiling=0.45), Decision.INCONCLUSIVE),
        (replace(FACTS, ceiling=0.55), Decision.PROMPT_WITH_RETRIEVAL),
        # No class is found more often than by chance; and one that is never found beside one that always is.
        (replace(FACTS, by_class=tuple(replace(each, recall=0.34) for each in FACTS.by_class)), Decision.INCONCLUSIVE),
        (replace(FACTS, by_class=rare(found=0.0)), Decision.INCONCLUSIVE),
        (replace(FACTS, by_class=rare(found=0.4)), Decision.PROMPT_WITH_RETRIEVAL),
    ],
)
def test_where_the_text_does_not_tell_the_labels_the_data_cannot_answer(facts, decision):
    found = decide(facts, 300.0)
    assert found.decision is decision
    assert (found.steps[0].kind is StepKind.TEXT) == (decision is Decision.INCONCLUSIVE)


def test_a_prompt_that_was_measured_says_that_the_text_tells():
    unskilled = tuple(replace(each, recall=0.34) for each in FACTS.by_class)
    assert decide(replace(FACTS, by_class=unskilled, prompt=prompted(0.8))).decision is not Decision.INCONCLUSIVE


def test_who_agrees_with_more_labels_than_are_right_repeats_wrong_ones():
    facts = replace(FACTS, ordinary=Share(0.75, 0.006), labels=LabelFacts(Share(0.15, 0.01), NOTHING, NOTHING, 0))
    drawn = with_prompt(draw(facts, LAWS, {}, 0), prompted(0.95, ordinary=0.75), 0)
    assert drawn.given[Way.PROMPT].mean() == pytest.approx(0.95, abs=0.01)
    assert drawn.true[Way.PROMPT].mean() <= 0.905


SEE = ("see attachment", "see attached letter", "refer to attachment", "attached", "please see attached")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (
            lambda frame, rng: frame.with_columns(
                note=pl.when(pl.Series(rng.random(len(frame)) < 0.9))
                .then(pl.Series(rng.choice(SEE, len(frame))))
                .otherwise("note")
            ),
            "Records with the same text carry different labels: no model of these texts is right in more than",
        ),
        (
            lambda frame, _: frame.with_columns(pl.col("label").shuffle(seed=2)),
            "The text does not tell the classes apart: a model finds them no more often than one answer for all would.",
        ),
    ],
    ids=["see attachment", "labels at random"],
)
def test_the_page_says_what_is_missing(tmp_path, spoilt, why):
    saved(spoilt(export(1_200), np.random.default_rng(3)), tmp_path, "in.parquet")
    result, _ = audit(Config(export=str(tmp_path / "in.parquet"), text=("note",), label="label", time="day"))
    screen = first_screen.of(result)
    assert screen.answer == "The data cannot answer"
    assert screen.why.replace("\N{NO-BREAK SPACE}", " ").startswith(why)
    assert screen.steps == ("Export the text that a person reads who gives the label.",)


def test_no_way_is_expected_to_beat_what_equal_texts_allow():
    drawn = draw(replace(FACTS, ceiling=0.6), LAWS, {}, 0)
    assert max(members.max() for members in drawn.given.values()) == pytest.approx(0.6)
