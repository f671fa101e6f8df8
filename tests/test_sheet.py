"""A review from the draw to the verdict: the odds, the files, what a person gets wrong, and whether intervals hold."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest

from auditor.evidence.review import Sample, draw, rate_of_all, rate_of_part, sample_of
from auditor.inputs.review_file import defused, plain, read_review
from tests.conftest import loaded, real_data
from tests.exports import export, saved
from tests.reviews import judged
from tests.test_outputs import DATED

SIZE, DRAWS = 200, 1000
COLUMNS = [
    "row_id", "record_id", "text", "label", "suggested_label", "label_quality", "stratum", "inclusion_probability",
    "stratum_rows", "verdict", "correct_label",
]  # fmt: skip


def quality(n: int = 3000) -> np.ndarray:
    return np.random.default_rng(3).beta(6, 1.2, n)


@pytest.mark.parametrize(("n", "size"), [(3000, 200), (3000, 31), (500, 499), (61, 60), (200, 200), (80, 200)])
def test_every_stratum_gives_and_the_probabilities_sum_to_the_size(n, size):
    drawn = draw(quality(n), size, 0)
    asked = min(n, size)
    assert len(set(drawn.rows)) == len(drawn.rows) == asked
    assert drawn.sizes.sum() == n
    counts = np.bincount(drawn.stratum, minlength=5)
    assert (counts >= 0.1 * asked - 1).all()
    assert (1 / drawn.probability).sum() == pytest.approx(n)
    of_stratum = counts / drawn.sizes
    assert (drawn.sizes * of_stratum).sum() == pytest.approx(asked)
    assert ((of_stratum > 0) & (of_stratum <= 1)).all()
    assert (np.diff(of_stratum) <= 0.1).all()


def test_the_draw_is_reproducible_and_its_order_random():
    first, again, other = draw(quality(), SIZE, 1), draw(quality(), SIZE, 1), draw(quality(), SIZE, 2)
    assert (first.rows == again.rows).all()
    assert set(first.rows) != set(other.rows)
    assert (np.bincount(first.stratum[:100], minlength=5) >= 10).all()


def test_doubtful_rows_are_drawn_with_the_odds_that_are_stated():
    doubt = quality(400)
    drawn = np.zeros(400)
    for seed in range(600):
        sample = draw(doubt, 60, seed)
        drawn[sample.rows] += 1 / 600
    first = draw(doubt, 60, 0)
    stated = np.zeros(400)
    edges = np.concatenate([[0], np.cumsum(first.sizes)])
    for stratum, row in enumerate(np.argsort(doubt)[edges[:-1]]):
        stated[row] = first.probability[first.stratum == stratum][0]
        members = np.argsort(doubt)[edges[stratum] : edges[stratum + 1]]
        assert np.abs(drawn[members] - stated[row]).max() < 0.09


def coverage(doubt, wrong, f):
    """Shares of draws whose interval holds the truth, mean width, mean estimate."""
    truth, spans, values = wrong.mean(), [], []
    for seed in range(DRAWS):
        sample = draw(doubt, SIZE, seed)
        rate = rate_of_all(Sample(sample.stratum, sample.sizes), wrong[sample.rows], f[sample.rows], f, "doubt")
        spans.append((rate.low, rate.high))
        values.append(rate.value)
    low, high = np.transpose(spans)
    return ((low <= truth) & (truth <= high)).mean(), (high - low).mean(), np.mean(values)


@pytest.mark.parametrize(
    ("rate", "seen"), [(0.02, 0.0), (0.02, 0.5), (0.02, 0.95), (0.2, 0.5), (0.05, 0.3), (0.005, 0.0)]
)
def test_intervals_hold_whether_or_not_the_model_sees_the_mistakes(rate, seen):
    rng = np.random.default_rng(1)
    wrong = (rng.random(20_000) < rate).astype(float)
    good = rng.beta(6, 1.2, 20_000)
    caught = (wrong == 1) & (rng.random(20_000) < seen)
    good[caught] = rng.beta(1.2, 5, caught.sum())
    covered, width, mean = coverage(good, wrong, 1 - good)
    assert covered >= 0.88
    assert width <= (0.1 if rate > 0.1 else 0.055)
    assert mean == pytest.approx(wrong.mean(), abs=0.004)


@pytest.fixture(scope="module")
def noisyag(tmp_path_factory):
    """Real noise of 19.75 %: evidence about it, and whether each row is wrong."""
    from auditor.evidence import Evidence

    data = pl.read_parquet(real_data("noisyag_news.parquet")).filter(pl.col("split") == "train")
    batch = loaded(data, tmp_path_factory.mktemp("ag"), text=("text",), label="label")
    evidence = Evidence(batch, 0, lambda _: None)
    truth = data["true_label"].to_numpy()[evidence.rows["row_id"].to_numpy()]
    return evidence, truth


def test_the_interval_holds_on_real_noise_and_is_narrow(noisyag):
    evidence, truth = noisyag
    wrong = (evidence.rows["label"].to_numpy() != truth).astype(float)
    assert wrong.mean() == pytest.approx(0.1975)
    good = evidence.label_quality.quality
    covered, width, mean = coverage(good, wrong, 1 - good)
    assert covered >= 0.88
    assert width <= 0.10
    assert mean == pytest.approx(0.1975, abs=0.01)


def test_the_accuracy_against_true_labels_holds_on_real_noise(noisyag):
    evidence, truth = noisyag
    names = np.array(evidence.classes.names)
    predicted = names[evidence.out_of_fold.predicted]
    agrees = (predicted == evidence.rows["label"].to_numpy()).astype(float)
    covered, width, _ = coverage(evidence.label_quality.quality, (predicted == truth).astype(float), agrees)
    assert covered >= 0.88
    assert width <= 0.10


def test_all_right_is_not_certain():
    drawn = draw(quality(), SIZE, 0)
    rate = rate_of_all(Sample(drawn.stratum, drawn.sizes), np.zeros(SIZE), np.zeros(SIZE), np.zeros(3000), "")
    assert (rate.value, rate.low) == (0, 0)
    assert 0.01 < rate.high < 0.03
    part = rate_of_part(np.ones(12), np.full(12, 10.0), "records")
    assert part.value == part.high == pytest.approx(1)
    assert 0.6 < part.low < 0.9


def test_a_census_is_certain():
    y = (np.arange(40) % 4 == 0).astype(float)
    rate = rate_of_all(Sample(np.repeat([0, 1], 20), np.array([20, 20])), y, y, y, "")
    assert rate.value == rate.low == rate.high == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("stratum", "sizes"),
    [
        ([1, 1, 2, 2, 3, 3], [10, 20, 30]),
        ([1, 1, 3, 3], [10, 50]),
        ([1, 2, 2, 3, 3], [30, 30]),
        ([2, 2], [60]),
        ([3], [60]),
        ([1, 1, 2, 2, 3], [10, 50]),
    ],
)
def test_strata_with_hardly_a_verdict_join_their_neighbour(stratum, sizes):
    sample = sample_of(np.array(stratum), {1: 10, 2: 20, 3: 30})
    assert sample.sizes.tolist() == sizes
    assert sample.weights.sum() == pytest.approx(60)
    y = np.zeros(len(stratum))
    assert 0 <= rate_of_all(sample, y, y, None, "").high <= 1


@pytest.mark.parametrize("cell", ["=1+1", "+x", "-x", "@x", "'=x", "''-x", "'quoted'", "plain", "", "a=b", "'"])
def test_formulas_are_defused_without_loss(cell):
    assert not re.match(r"[=+\-@\t\r]", defused(cell))
    assert plain(defused(cell)) == cell


def filled(folder, truth, name="filled.csv", **changes):
    """The drawn file with verdicts from the truth, saved where the audit's folder is."""
    lines = pl.read_csv(folder / "review.csv", infer_schema=False)
    right = [truth[int(row)] for row in lines["row_id"]]
    lines = lines.with_columns(
        verdict=pl.Series(["Right " if a == b else "WRONG" for a, b in zip(lines["label"], right, strict=True)]),
        correct_label=pl.Series([None if a == b else b for a, b in zip(lines["label"], right, strict=True)]),
    ).with_columns(**changes)
    lines.write_csv(folder.parent / name)
    return lines


def measured_on(report, way):
    """The records on which a way's accuracy on true labels was measured."""
    return next(each["later"]["rows"] for each in report["valuation"]["ways"] if each["way"] == way)


def test_from_the_draw_to_the_verdict(auditor, tmp_path):
    data = export(600, plant=[{"do": "flip", "where": {"share": 0.2}}])
    truth = export(600)["label"].to_list()
    saved(data.with_columns(note=pl.concat_str(pl.lit("=cmd "), "note")), tmp_path, "in.parquet")
    assert auditor("run", "in.parquet", *DATED, "--out", "out")[0] == 0
    bare = json.loads((tmp_path / "out" / "report.json").read_text())
    assert measured_on(bare, "ordinary_classifier") is None
    assert bare["estimates"]["accuracy_true_labels"]["low"] is None

    ended, printed, complaint = auditor("review", "out", "--size", "120")
    assert (ended, complaint) == (0, "")
    assert "handle them like the export" in printed
    lines = pl.read_csv(tmp_path / "out" / "review.csv", infer_schema=False)
    assert lines.columns == COLUMNS
    assert len(lines) == 120
    assert lines["verdict"].null_count() == lines["correct_label"].null_count() == 120
    assert lines["text"].str.starts_with("'=cmd ").all()
    tasks = json.loads((tmp_path / "out" / "review_tasks.json").read_text())
    assert [str(task["data"]["row_id"]) for task in tasks] == lines["row_id"].to_list()
    assert all(set(task) == {"data"} and task["data"]["text"].startswith("=cmd ") for task in tasks)
    interface = ET.parse(tmp_path / "out" / "review_config.xml")  # noqa: S314
    assert {each.get("name") for each in interface.iter("Choices")} == {"verdict", "correct_label"}
    assert {each.get("value")[1:] for each in interface.iter("Text")} <= set(tasks[0]["data"])

    filled(tmp_path / "out", truth)
    ended, printed, complaint = auditor("run", "in.parquet", *DATED, "--review", "filled.csv", "--out", "judged")
    assert (ended, complaint) == (0, "")
    report = json.loads((tmp_path / "judged" / "report.json").read_text())
    noise, accuracy = (report["estimates"][name] for name in ("label_noise_rate", "accuracy_true_labels"))
    assert noise["low"] <= 0.2 <= noise["high"]
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    assert accuracy["value"] > report["estimates"]["accuracy_given_labels"]["value"]
    labels = next(gate for gate in report["gates"] if gate["id"] == "labels")
    assert labels["status"] == "fail"
    assert "A review of 120 records puts the wrong labels at" in labels["summary"]
    assert measured_on(report, "ordinary_classifier") == 120
    assert report["effective_config"]["review"] == "filled.csv"

    for task, label in zip(tasks, lines["label"], strict=True):
        right = truth[task["data"]["row_id"]]
        result = [
            {"from_name": "verdict", "to_name": "text", "type": "choices",
             "value": {"choices": ["right" if right == label else "wrong"]}},
            {"from_name": "correct_label", "to_name": "text", "type": "choices", "value": {"choices": [right]}},
        ]  # fmt: skip
        task["annotations"] = [{"was_cancelled": True, "result": result[:1]}, {"result": result}]
    (tmp_path / "done.json").write_text(json.dumps(tasks))
    assert set(read_review("done.json")) == {
        line if line.correct_label else type(line)(**{**vars(line), "correct_label": line.label})
        for line in (
            type(each)(**{**vars(each), "verdict": each.verdict.lower()}) for each in read_review("filled.csv")
        )
    }


def test_a_review_is_never_lost(auditor, tmp_path):
    saved(export(300), tmp_path, "in.parquet")
    auditor("run", "in.parquet", *DATED, "--out", "out")
    assert auditor("review", "out")[0] == 0
    drawn = (tmp_path / "out" / "review.csv").read_bytes()
    ended, _, complaint = auditor("run", "in.parquet", *DATED, "--out", "out", "--force")
    assert (ended, "'review.csv', which a person may have filled" in complaint) == (2, True)
    ended, _, complaint = auditor("review", "out")
    assert (ended, "already holds a review" in complaint) == (2, True)
    assert auditor("review", "out", "--force")[0] == 0
    assert (tmp_path / "out" / "review.csv").read_bytes() == drawn
    lines = pl.read_csv(tmp_path / "out" / "review.csv", infer_schema=False)
    lines.with_columns(verdict=pl.lit("right")).write_csv(tmp_path / "out" / "review.csv")
    ended, _, complaint = auditor("review", "out", "--force")
    assert (ended, "holds verdicts that somebody gave" in complaint) == (2, True)


def change_export(folder):
    saved(export(300, seed=5), folder, "in.parquet")


def lose_export(folder):
    (folder / "in.parquet").unlink()


def lose_audit(folder):
    (folder / "out" / "rows.parquet").unlink()


def break_report(folder):
    (folder / "out" / "report.json").write_text("{}")


@pytest.mark.parametrize(
    ("change", "arguments", "code", "sentence"),
    [
        (change_export, [], 3, "has changed since it was audited"),
        (lose_export, [], 3, "cannot be read again"),
        (lose_audit, [], 3, "'out' holds no audit"),
        (break_report, [], 3, "is not a report of this version"),
        (lambda _: None, ["--size", "20"], 2, "--size must be 30 or more"),
    ],
)
def test_a_review_is_drawn_only_from_the_export_that_was_audited(auditor, tmp_path, change, arguments, code, sentence):
    saved(export(300), tmp_path, "in.parquet")
    auditor("run", "in.parquet", *DATED, "--out", "out")
    change(tmp_path)
    ended, _, complaint = auditor("review", "out", *arguments)
    assert (ended, sentence in complaint) == (code, True), complaint
    assert not list((tmp_path / "out").glob("*review*"))
    assert complaint.count("\n") == 1


FRAME = export(300)
LINES = judged(FRAME, FRAME["label"].to_list(), 60)
NOT_FILLED = LINES.with_columns(verdict=pl.lit(""))
BAD = {
    "missing": (None, "no review file at"),
    "no verdict column": (LINES.rename({"verdict": "verdikt"}), "no column 'verdict'. Is it 'verdikt'?"),
    "no odds": (LINES.drop("stratum_rows"), "no column 'stratum_rows'"),
    "nothing filled": (NOT_FILLED, "No line of the review has a verdict"),
    "another export's": (LINES.with_columns(pl.col("row_id") + 5000), "No filled line of the review belongs"),
    "another label": (LINES.with_columns(label=pl.lit("other")), "No filled line of the review belongs"),
    "another text": (LINES.with_columns(text=pl.lit("something else")), "No filled line of the review belongs"),
    "unreadable verdicts": (LINES.with_columns(verdict=pl.lit("yes")), "No verdict of the review can be read"),
    "changed odds": (LINES.with_columns(stratum_rows=pl.int_range(pl.len()) + 1), "'stratum' or 'stratum_rows'"),
    "no number": (LINES.with_columns(stratum=pl.lit("first")), "'stratum' or 'stratum_rows'"),
    "no JSON": ("{", "is not JSON"),
    "no tasks": ('{"data": 1}', "is not a list of tasks"),
    "empty": ("[]", "is not a list of tasks"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_review_that_cannot_be_used_is_one_sentence(auditor, tmp_path, content, sentence):
    saved(FRAME, tmp_path, "in.parquet")
    name = "filled.json" if isinstance(content, str) else "filled.csv"
    if isinstance(content, str):
        (tmp_path / name).write_text(content)
    elif content is not None:
        content.write_csv(tmp_path / name)
    ended, _, complaint = auditor("run", "in.parquet", *DATED, "--review", name, "--out", "out")
    assert (ended, sentence in complaint) == (3, True), complaint
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out").exists()


def settled(lines, tmp_path):
    lines.write_csv(tmp_path / "filled.csv")
    return loaded(FRAME, tmp_path, review=str(tmp_path / "filled.csv")).verdicts


def first(**values):
    """The review with other values in its first line."""
    return LINES.with_columns(
        **{name: pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(v)).otherwise(name) for name, v in values.items()}
    )


FIRST = int(LINES["row_id"][0])
OTHER = "coverage" if LINES["label"][0] != "coverage" else "billing"


@pytest.mark.parametrize(
    ("lines", "kind", "expected"),
    [
        (first(correct_label=OTHER), "contradictory", FIRST),
        (first(verdict="wrong", correct_label=f" {LINES['label'][0].upper()}"), "contradictory", FIRST),
        (first(verdict="", correct_label=OTHER), "contradictory", FIRST),
        (pl.concat([LINES, first(verdict="unsure")[:1]]), "contradictory", FIRST),
        (first(verdict="maybe"), "unreadable", FIRST),
        (first(row_id=99999), "foreign", "99999"),
        (first(label=OTHER), "foreign", str(FIRST)),
    ],
)
def test_lines_that_cannot_count_are_left_out_and_listed(tmp_path, lines, kind, expected):
    verdicts = settled(lines, tmp_path)
    assert getattr(verdicts, kind) == (expected,)
    assert len(verdicts.judged) == 59
    assert FIRST not in {each.row_id for each in verdicts.judged}


@pytest.mark.parametrize(
    "lines",
    [
        first(verdict=" RIGHT"),
        first(correct_label=LINES["label"][0]),
        pl.concat([LINES, LINES[:3]]),
        pl.concat([LINES, first(verdict="")[:1]]),
        LINES.with_columns(pl.col("stratum", "stratum_rows").cast(pl.Float64)),
        LINES.with_columns(pl.col("text").str.replace_all(" ", "\r\n")),
        LINES.drop("text", "correct_label"),
    ],
)
def test_what_a_spreadsheet_does_to_a_review_does_no_harm(tmp_path, lines):
    verdicts = settled(lines, tmp_path)
    assert len(verdicts.judged) == 60
    assert not verdicts.contradictory + verdicts.unreadable + verdicts.foreign
