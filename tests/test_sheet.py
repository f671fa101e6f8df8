"""A fresh sheet from the draw to the verdict: its odds, its files, what people get wrong, whether intervals hold."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from openpyxl import load_workbook

from auditor.cells import defused, plain
from auditor.errors import InputError
from auditor.estimators.people import people
from auditor.estimators.sheet import Sample, rate_of_all, rate_of_part, sample_of
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.groups import kin
from auditor.evidence.prompted import PROMPTED
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.sheet import draw
from auditor.plan import steps_for
from auditor.sheets import read_sheet, sheet_rows
from auditor.sheets.draw import recent
from reports.numbers import interval_words
from tests import sheets
from tests.conftest import loaded, real_data
from tests.exports import answered, export, saved
from tests.lots import numbered
from tests.test_outputs import DATED

SIZE, DRAWS = 200, 1000


def quality(n: int = 3000) -> np.ndarray:
    return np.random.default_rng(3).beta(6, 1.2, n)


@pytest.mark.parametrize(("n", "size"), [(3000, 200), (3000, 31), (500, 499), (61, 60), (200, 200), (80, 200)])
def test_every_stratum_gives_and_the_probabilities_sum_to_the_size(n, size):
    drawn = draw(quality(n), size, numbered(n))
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
    first, again, other = (draw(quality(), SIZE, numbered(3000, seed)) for seed in (1, 1, 2))
    assert (first.rows == again.rows).all()
    assert set(first.rows) != set(other.rows)
    assert (np.bincount(first.stratum[:100], minlength=5) >= 10).all()


def test_doubtful_rows_are_drawn_with_the_odds_that_are_stated():
    doubt = quality(400)
    drawn = np.zeros(400)
    for seed in range(600):
        sample = draw(doubt, 60, numbered(400, seed))
        drawn[sample.rows] += 1 / 600
    first = draw(doubt, 60, numbered(400))
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
        sample = draw(doubt, SIZE, numbered(len(doubt), seed))
        rate = rate_of_all(Sample(sample.stratum, sample.sizes), wrong[sample.rows], f[sample.rows], f.mean(), "doubt")
        spans.append((rate.low, rate.high))
        values.append(rate.value)
    low, high = np.transpose(spans)
    return ((low <= truth) & (truth <= high)).mean(), (high - low).mean(), np.mean(values)


@pytest.mark.slow
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


def test_a_guess_that_met_every_row_seen_may_miss_others():
    doubt, right = quality(), (np.arange(3000) % 2).astype(float)
    sample = draw(doubt, 40, numbered(3000))
    rate = rate_of_all(
        Sample(sample.stratum, sample.sizes), right[sample.rows], right[sample.rows], right.mean(), "labels"
    )
    assert rate.value == pytest.approx(0.5)
    assert rate.high - rate.low > 0.08


@pytest.fixture(scope="module")
def noisyag(tmp_path_factory):
    """Real noise of 19.75 %: evidence about it, and whether each row is wrong."""
    from auditor.plan import steps_for

    data = pl.read_parquet(real_data("noisyag_news.parquet")).filter(pl.col("split") == "train")
    batch = loaded(data, tmp_path_factory.mktemp("ag"), text=("text",), label="label")
    evidence = steps_for(batch, 0)
    truth = data["true_label"].to_numpy()[evidence[ROWS]["row_id"].to_numpy()]
    return evidence, truth


@pytest.mark.slow
def test_the_interval_holds_on_real_noise_and_is_narrow(noisyag):
    evidence, truth = noisyag
    wrong = (evidence[ROWS]["label"].to_numpy() != truth).astype(float)
    assert wrong.mean() == pytest.approx(0.1975)
    good = evidence[LABEL_QUALITY].quality
    covered, width, mean = coverage(good, wrong, 1 - good)
    assert covered >= 0.88
    assert width <= 0.10
    assert mean == pytest.approx(0.1975, abs=0.01)


@pytest.mark.slow
def test_the_accuracy_against_true_labels_holds_on_real_noise(noisyag):
    evidence, truth = noisyag
    names = np.array(evidence[CLASSES].names)
    predicted = names[evidence[OUT_OF_FOLD].predicted]
    agrees = (predicted == evidence[ROWS]["label"].to_numpy()).astype(float)
    covered, width, _ = coverage(evidence[LABEL_QUALITY].quality, (predicted == truth).astype(float), agrees)
    assert covered >= 0.88
    assert width <= 0.10


def test_all_right_is_not_certain():
    drawn = draw(quality(), SIZE, numbered(3000))
    rate = rate_of_all(Sample(drawn.stratum, drawn.sizes), np.zeros(SIZE), np.zeros(SIZE), 0.0, "")
    assert (rate.value, rate.low) == (0, 0)
    assert 0.01 < rate.high < 0.03
    part = rate_of_part(np.ones(12), np.full(12, 10.0), "records")
    assert part.value == part.high == pytest.approx(1)
    assert 0.6 < part.low < 0.9


def test_a_census_is_certain():
    y = (np.arange(40) % 4 == 0).astype(float)
    rate = rate_of_all(Sample(np.repeat([0, 1], 20), np.array([20, 20])), y, y, y.mean(), "")
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


def erring(truth, rate, n_classes, alike, rng):
    """Labels (n,) that are wrong at ``rate``, always in favour of one neighbour where they are ``alike``."""
    step = np.where(truth % 2, -1, 1) if alike else rng.integers(1, n_classes, len(truth))
    return np.where(rng.random(len(truth)) < rate, (truth + step) % n_classes, truth)


@pytest.mark.parametrize(
    ("person", "wrong", "n_classes", "alike"),
    [(0.1, 0.1, 2, True), (0.1, 0.02, 8, False), (0.1, 0.1, 8, True), (0.03, 0.1, 8, True), (0.0, 0.02, 8, False)],
)
def test_two_people_show_what_is_true_though_each_errs(person, wrong, n_classes, alike):
    rng = np.random.default_rng(0)
    n, drawn_rows, both, draws = 4_000, 300, 50, 200
    truth = rng.integers(0, n_classes, n)
    given, ordinary, prompt = (erring(truth, rate, n_classes, alike, rng) for rate in (wrong, 0.2, 0.3))
    doubt = quality(n)
    held = {"wrong labels": [], "accuracy": [], "difference": [], "believed": []}
    for seed in range(draws):
        chosen = draw(doubt, drawn_rows, numbered(n, seed))
        sample, rows = Sample(chosen.stratum, chosen.sizes), chosen.rows
        first = erring(truth[rows], person, n_classes, alike, rng)
        second = erring(truth[rows[:both]], person, n_classes, alike, rng)
        two = people((first[:both] != second).astype(float), sample.weights[:both], n_classes, seed)
        right = [(answer[rows] == first).astype(float) for answer in (ordinary, prompt)]

        def seen(y, least=0.0, sample=sample):
            return rate_of_all(sample, y, np.zeros(drawn_rows), None, "", least)

        noise, level = seen((given[rows] != first).astype(float)), seen(right[0])
        behind = seen(right[0] - right[1], -1.0)
        given_dispute, answer_dispute = (
            ((of[rows[:both]] == first[:both]) != (of[rows[:both]] == second)).astype(float) for of in (given, ordinary)
        )
        figures = (
            (two.true_differing(noise, given_dispute), given != truth),
            (two.true_agreeing(level, answer_dispute), ordinary == truth),
            (two.true_share(behind, 0 * two.wrong), (ordinary == truth) * 1.0 - (prompt == truth)),
            (noise, given != truth),
        )
        for name, (rate, true) in zip(held, figures, strict=True):
            held[name].append(rate.low <= true.mean() <= rate.high)
    covered = {name: np.mean(each) for name, each in held.items()}
    assert min(covered["wrong labels"], covered["accuracy"], covered["difference"]) >= 0.85, covered
    assert covered["believed"] < 0.1 or person < 0.1


def test_nobody_twice_says_nothing_about_people():
    assert people(np.array([]), np.array([]), 4, 0) is None


def test_people_who_agree_may_still_err():
    two = people(np.zeros(50), np.ones(50), 4, 0)
    assert 0 <= two.error.low < two.error.value < 0.01 < two.error.high < 0.03


@pytest.mark.parametrize(("wrong", "apart"), [(0, 10), (1, 10), (3, 15), (0, 2)])
@pytest.mark.parametrize("of_all", [3_000, 200])
def test_people_who_err_more_than_they_find_leave_a_rate_in_doubt(wrong, apart, of_all):
    y = np.arange(200) < wrong
    seen = rate_of_all(Sample(np.zeros(200, int), np.array([of_all])), y.astype(float), np.zeros(200), None, "")
    two = people((np.arange(50) < apart).astype(float), np.ones(50), 4, 0)
    disputed = (np.arange(50) < apart).astype(float)
    for rate in (two.true_differing(seen, disputed), two.true_share(seen, two.wrong)):
        assert rate.low <= rate.value < rate.high < 0.4
        assert "count" not in interval_words(rate)
    level = two.true_agreeing(replace(seen, value=1 - seen.value, low=1 - seen.high, high=1 - seen.low), disputed)
    assert 0.6 < level.low < level.value <= level.high


def test_labels_at_chance_put_nothing_right():
    two = people(np.ones(50), np.ones(50), 2, 0)
    seen = rate_of_part(np.tile([0.0, 1.0], 25), np.ones(50), "")
    for rate in (two.true_share(seen, two.wrong), two.true_differing(seen, np.ones(50))):
        assert rate.low < 0.05
        assert rate.high > 0.95


def test_who_was_not_asked_about_the_pairs_is_in_doubt():
    two = people(np.zeros(50), np.ones(50), 4, 0)
    seen = rate_of_part(np.tile([0.0, 0.0, 1.0], 25), np.ones(75), "")
    asked, not_asked = (two.true_agreeing(seen, of) for of in (np.zeros(50), np.full(50, np.nan)))
    assert not_asked.high - not_asked.low > 2 * (asked.high - asked.low)


@pytest.mark.parametrize("cell", ["=1+1", "+x", "-x", "@x", "'=x", "''-x", "'quoted'", "plain", "", "a=b", "'"])
def test_formulas_are_defused_without_loss(cell):
    assert not re.match(r"[=+\-@\t\r]", defused(cell))
    assert plain(defused(cell)) == cell


def days(first, last, rows):
    span = (last - first).days
    return [first + timedelta(days=number * span // (rows - 1)) for number in range(rows)]


@pytest.mark.parametrize(
    ("times", "asked", "since"),
    [
        # The last twelve months hold enough.
        (days(datetime(2022, 1, 1), datetime(2024, 12, 31), 9_000), 300, datetime(2024, 1, 1)),
        # They hold too little, and the latest fifth holds more.
        (days(datetime(2010, 1, 1), datetime(2024, 12, 31), 3_000), 300, datetime(2022, 1, 1)),
        # They hold too little, and yet more than the latest fifth.
        (days(datetime(2023, 1, 1), datetime(2024, 12, 31), 2_000), 300, datetime(2024, 1, 1)),
        # Both hold less than what is asked for.
        (days(datetime(2010, 1, 1), datetime(2024, 12, 31), 600), 300, datetime(2017, 7, 3)),
        # Hardly any dates.
        (days(datetime(2024, 1, 1), datetime(2024, 12, 31), 40) + [None] * 900, 300, None),
        ([None] * 900, 300, None),
    ],
)
def test_recent_is_the_last_year_or_as_much_as_it_takes(times, asked, since):
    found, until = recent(pl.Series(times, dtype=pl.Datetime), asked)
    assert (found is None) == (since is None) == (until is None)
    if since:
        assert abs(found - since) <= timedelta(days=3)
        assert until == max(time for time in times if time)


@pytest.mark.parametrize(
    ("days_known", "said"), [(0, "300 records, as none has a date."), (20, "300 records, as too few have a date.")]
)
def test_a_sheet_says_why_it_is_drawn_from_all_records(auditor, tmp_path, days_known, said):
    frame = export(300).with_columns(day=pl.when(pl.int_range(pl.len()) < days_known).then("day"))
    saved(frame.drop("day") if not days_known else frame, tmp_path, "in.parquet")
    columns = ["--text", "note", "--label", "label", *(["--time", "day"] if days_known else [])]
    ended, printed, _ = auditor("sheet", "in.parquet", *columns, "--rows", 30, "--second", 0)
    assert (ended, f"30 records drawn from {said}" in printed) == (0, True)


def measured_on(report, way, when):
    """The records on which a way's accuracy was measured."""
    return next(each[when]["rows"] for each in report["valuation"]["ways"] if each["way"] == way)


@pytest.mark.slow
def test_from_the_draw_to_the_verdict(auditor, tmp_path):
    flipped = export(900, plant=[{"do": "flip", "where": {"share": 0.2}}])
    truth = export(900)["label"].to_list()
    wrong = pl.Series([truth[(row + 1) % 900] if row % 7 == 3 else label for row, label in enumerate(truth)])
    data = flipped.with_columns(note=pl.concat_str(pl.lit("=cmd "), "note"), prompt=wrong, tuned=pl.Series(truth))
    saved(data, tmp_path, "in.parquet")
    pl.DataFrame(
        {
            "label": ["billing", "new"],
            "definition": ["about a bill", "a class without records"],
            "active_from": [None, None],
            "active_to": [None, None],
        },
        schema_overrides={"active_from": pl.String, "active_to": pl.String},
    ).write_csv(tmp_path / "classes.csv")
    ended, printed, complaint = auditor(
        "sheet", "in.parquet", *DATED, "--taxonomy", "classes.csv", "--rows", "150", "--second", "40"
    )
    assert (ended, complaint) == (0, "")
    assert "150 records drawn from" in printed
    assert "handle them like the export" in printed

    out = tmp_path / "sheet"
    lines, others = sheets.read(out / "sheet.csv"), sheets.read(out / "second.csv")
    assert list(lines[0]) == ["row_id", "record_id", "date", "text", "your_label"]
    assert (len(lines), len(others)) == (150, 40)
    assert [line["row_id"] for line in others] == [line["row_id"] for line in lines[:40]]
    assert {line["your_label"] for line in lines + others} == {""}
    assert all(line["text"].startswith("'=cmd ") for line in lines)
    drawn = read_sheet(out)
    assert [row.row_id for row in drawn.rows] == [int(line["row_id"]) for line in lines]
    kept = json.loads((out / "sheet.json").read_text())
    odds = [kept["inclusion_probabilities"][row.stratum] for row in drawn.rows]
    assert sum(1 / each for each in odds) == pytest.approx(sum(drawn.stratum_rows), rel=1e-3)
    assert min(line["date"] for line in lines) >= str(drawn.since.date()) > str(date(2023, 1, 1))
    listed = sheets.read(out / "classes.csv")
    assert [each["label"] for each in listed] == ["billing", "coverage", "new", "provider", "records", "unsure"]
    assert listed[0]["definition"] == "about a bill"
    book = load_workbook(out / "sheet.xlsx")
    (choice,) = book["to fill"].data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("E2:E151", "=classes!$A$2:$A$7")
    assert [cell.value for cell in book["classes"]["A"]] == ["label", *(each["label"] for each in listed)]
    assert book["to fill"]["D2"].data_type == "s"
    assert all(file.stat().st_mode & 0o077 == 0 for file in (out, *out.iterdir()))
    tasks = json.loads((out / "label_studio.json").read_text())
    assert [task["data"]["row_id"] for task in tasks] == [line["row_id"] for line in lines]
    interface = ET.parse(out / "label_studio.xml")  # noqa: S314
    assert [each.get("value") for each in interface.iter("Choice")] == [each["label"] for each in listed]

    for line in lines[:140]:
        line["your_label"] = f" {truth[int(line['row_id'])].upper()}"
    sheets.save(out / "sheet.csv", lines)
    second = load_workbook(out / "second.xlsx")
    for row in second["to fill"].iter_rows(min_row=2):
        row[-1].value = truth[int(row[0].value)]
    second.save(out / "second.xlsx")
    ways = ("--prediction", "prompt", "--trained-prediction", "tuned")
    ended, printed, complaint = auditor("run", "in.parquet", *DATED, *ways, "--sheet", "sheet", "--out", "judged")
    assert (ended, complaint) == (0, "")
    report = json.loads((tmp_path / "judged" / "report.json").read_text())
    found = report["estimates"]
    late = (data["day"] >= drawn.since.date()).fill_null(value=False)
    noise = (data["label"] != pl.Series(truth)).filter(late).mean()
    right = (wrong == pl.Series(truth)).filter(late).mean()
    assert found["label_noise_rate"]["low"] <= noise <= found["label_noise_rate"]["high"]
    assert found["prompt_accuracy_true_labels"]["low"] <= right <= found["prompt_accuracy_true_labels"]["high"]
    assert found["trained_accuracy_true_labels"]["value"] > 0.98
    assert found["prompt_behind_true_labels"]["low"] > 0.02
    assert found["trained_behind_true_labels"]["high"] < 0.05
    assert found["accuracy_true_labels"]["value"] > found["accuracy_given_labels"]["value"] + 0.1
    labels = next(gate for gate in report["gates"] if gate["id"] == "labels")
    assert labels["status"] == "fail"
    assert "A fresh sheet of 140 records puts the wrong labels at" in labels["summary"]
    said = " ".join(printed.split())
    assert "Of the sheet's 150 records 140 are labelled, 10 not filled yet; two people labelled 40 of them" in said
    for way in ("prompt", "ordinary_classifier"):
        assert measured_on(report, way, "later") == 140
    assert measured_on(report, "ordinary_classifier", "today") == 900
    assert report["effective_config"]["sheet"] == "sheet"


def change_nothing(folder):
    pass


def make_sheet(folder):
    (folder / "sheet").mkdir()


def make_audit(folder):
    (folder / "sheet").mkdir()
    (folder / "sheet" / "report.json").write_text("{}")


@pytest.mark.parametrize(
    ("change", "arguments", "code", "sentence"),
    [
        (make_sheet, [], 2, "'sheet' exists, and no sheet is replaced"),
        (make_audit, ["--out", "sheet/inside"], 2, "would lie inside the audit"),
        (change_nothing, ["--out", "in.parquet/sheet"], 2, "is a file, and no folder. Choose another place with --out"),
        (change_nothing, ["--rows", "20"], 2, "--rows must be 30 or more"),
        (lambda folder: (folder / "in.parquet").unlink(), [], 3, "There is no file or folder at 'in.parquet'"),
    ],
)
def test_a_sheet_that_cannot_be_drawn_is_one_sentence(auditor, tmp_path, change, arguments, code, sentence):
    saved(export(60), tmp_path, "in.parquet")
    change(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ended, _, complaint = auditor("sheet", "in.parquet", *DATED, *arguments)
    assert (ended, sentence in complaint, complaint.count("\n")) == (code, True, 1), complaint
    assert sorted(tmp_path.rglob("*")) == before


def test_no_audit_replaces_a_sheet(auditor, tmp_path):
    frame = export(60)
    saved(frame, tmp_path, "in.parquet")
    sheets.drawn(frame, tmp_path / "sheet", 40)
    ended, _, complaint = auditor("run", "in.parquet", *DATED, "--out", "sheet", "--force")
    assert ended == 2
    assert "which no audit wrote; --force does not delete it" in complaint


FRAME = export(300)
TRUTH = export(300)["label"].to_list()


@pytest.fixture
def done(tmp_path):
    """The folder of a filled sheet, and its lines."""
    out = tmp_path / "sheet"
    sheets.filled(FRAME, TRUTH, tmp_path, 60)
    return out, sheets.read(out / "sheet.csv")


def seen(folder, frame=FRAME, path=None):
    """What an audit of ``frame`` reads from the sheet."""
    return loaded(frame, folder.parent, sheet=str(path or folder)).sheet


def saved_as(separator, encoding):
    return lambda file, lines: sheets.save(file, lines, separator, encoding)


def sorted_with_header(file, lines):
    head, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join(sorted([head, *rows])), encoding="utf-8")


def with_foreign_bytes(file, lines):
    sheets.save(file, [{**line, "note": "süß"} for line in lines], ",", "cp1252")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())


def opened_as_western(file, lines):
    sheets.save(file, lines, ",", "utf-8-sig")
    file.write_bytes(file.read_bytes().decode("cp1252").encode())


def with_title(file, lines):
    sheets.save(file, lines)
    file.write_text("Monday's batch;;\n\n" + file.read_text())


def in_excel(file, lines):
    """Another tab first, other columns first, row ids as numbers."""
    book = load_workbook(file.with_suffix(".xlsx"))
    tab = book["to fill"]
    answers = {line["row_id"]: line["your_label"] for line in lines}
    for row in tab.iter_rows(min_row=2):
        row[-1].value = answers.get(row[0].value)
        row[0].value = float(row[0].value)
    tab.insert_cols(1, 2)
    tab.insert_rows(3)
    book.move_sheet("classes", -1)
    book.save(file.with_suffix(".xlsx"))
    sheets.save(file, [{**line, "your_label": ""} for line in lines])


@pytest.mark.parametrize(
    "mangled",
    [
        lambda file, lines: sheets.save(file, sorted(lines, key=lambda line: line["text"])),
        lambda file, lines: sheets.save(file, [*lines[::2], dict.fromkeys(lines[0], ""), *lines[1::2]]),
        lambda file, lines: sheets.save(file, lines + lines[:3]),
        lambda file, lines: sheets.save(file, [{"note": "x, y", **line} for line in lines]),
        lambda file, lines: sheets.save(file, [{**line, "text": ""} for line in lines]),
        lambda file, lines: sheets.save(file, [{**line, "row_id": line["row_id"] + ".0"} for line in lines]),
        lambda file, lines: sheets.save(file, [{**line, "text": line["text"].replace(" ", "\r\n")} for line in lines]),
        lambda file, lines: sheets.save(
            file, [{**line, "your_label": f" {line['your_label'].upper()}"} for line in lines]
        ),
        saved_as(";", "cp1252"),
        saved_as(",", "mac_roman"),
        saved_as("\t", "utf-16"),
        saved_as("\t", "utf-16-le"),
        saved_as("|", "utf-8-sig"),
        with_foreign_bytes,
        opened_as_western,
        sorted_with_header,
        with_title,
        in_excel,
    ],
)
def test_what_a_spreadsheet_does_to_a_sheet_does_no_harm(done, mangled):
    out, lines = done
    expected = seen(out)
    mangled(out / "sheet.csv", lines)
    read = seen(out)
    assert set(read.answers) == set(expected.answers)
    assert len(read.answers) == 60
    assert (read.strange, read.gone, read.relabelled, read.blank) == (0, 0, 0, 0)


def test_classes_survive_a_foreign_encoding_and_lost_zeros(tmp_path):
    names = {"billing": "Rückfrage", "coverage": "007", "records": "unsure", "provider": "=sum"}
    frame = FRAME.with_columns(label=pl.col("label").replace(names), note=pl.format("{} süß – „{}“", "note", "claim"))
    out = sheets.drawn(frame, tmp_path / "sheet", 60)
    lines = sheets.read(out / "sheet.csv")
    for line in lines:
        label = frame["label"][int(line["row_id"])]
        line["your_label"] = {"007": "7", "unsure": "cannot tell"}.get(label, label)
    sheets.save(out / "sheet.csv", lines, ";", "cp1252")
    read = seen(out, frame)
    said = {each.row_id: each.label for each in read.answers}
    given = frame["label"].to_list()
    assert all(label == (None if given[row] == "unsure" else given[row]) for row, label in said.items())
    assert not any(each.wrong for each in read.answers)
    assert len(said) == 60


def test_a_half_filled_sheet_counts_as_far_as_it_goes(done):
    out, lines = done
    sheets.save(out / "sheet.csv", [{**line, "your_label": ""} for line in lines[:20]] + lines[20:50])
    read = seen(out)
    assert (len(read.answers), read.blank) == (30, 30)


def test_both_files_of_a_person_count(done):
    out, lines = done
    in_excel(out / "sheet.csv", lines[:40])
    sheets.save(out / "sheet.csv", lines[40:])
    assert len(seen(out).answers) == 60


def test_label_studio_counts_like_a_spreadsheet_and_its_second_annotation_as_the_second_person(done):
    out, lines = done
    expected = seen(out)
    tasks = json.loads((out / "label_studio.json").read_text())
    answers = {line["row_id"]: line["your_label"] for line in lines}

    def annotation(answer, **more):
        value = {"from_name": "your_label", "to_name": "text", "type": "choices", "value": {"choices": [answer]}}
        return {"result": [value], **more}

    for number, task in enumerate(tasks):
        # Not as the tool writes it: a list is no name.
        answered = annotation(answers[task["data"]["row_id"]])
        answered["result"].append({"from_name": ["your_label"], "value": {"choices": ["records"]}})
        task["annotations"] = [annotation("billing", was_cancelled=True), answered]
        if number < 10:
            task["annotations"].append(annotation("records"))
    (out / "project.json").write_text(json.dumps(tasks))
    read = seen(out, path=out / "project.json")
    assert [(each.row_id, each.label) for each in read.answers] == [(e.row_id, e.label) for e in expected.answers]
    assert [each.second for each in read.answers] == ["records"] * 10 + [""] * 50


def first(lines, **values):
    return [{**lines[0], **values}, *lines[1:]]


def apart_columns(lines):
    return [{**line, "row_id": other["row_id"]} for line, other in zip(lines, [*lines[1:], lines[0]], strict=True)]


BAD = {
    "typo": (lambda lines: first(lines, your_label="bilings"), ": the answer is none of the sheet's classes. Did you"),
    "many typos": (lambda lines: [{**line, "your_label": "xyz"} for line in lines], "59 more answers are none either"),
    "text for a class": (lambda lines: first(lines, your_label=lines[0]["text"]), ": the answer is none of"),
    "two answers": (lambda lines: [*first(lines, your_label="billing"), *first(lines, your_label="records")[:1]],
                    "has two different answers: sheet.csv, line 2, and sheet.csv, line 62"),
    "columns apart": (apart_columns, "has another record's text beside row id"),
    "nothing": (lambda lines: [{**line, "your_label": ""} for line in lines], "Nobody has filled the sheet"),
    "no row id": (lambda lines: [{**line, "row_id": ""} for line in lines], "None of the 60 filled lines of the sheet"),
    "other text": (lambda lines: [{**line, "text": "x"} for line in lines], "None of the 60 filled lines of the sheet"),
    "no column": (lambda lines: [{"row_id": line["row_id"], "your label": ""} for line in lines],
                  "has no column 'your_label'. Is it 'your label'?"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), BAD.values(), ids=BAD)
def test_a_sheet_that_was_filled_wrongly_is_one_sentence(done, change, sentence):
    out, lines = done
    sheets.save(out / "sheet.csv", change(lines))
    with pytest.raises(InputError) as error:
        seen(out)
    assert sentence in str(error.value)
    assert not any(line["text"] in str(error.value) for line in lines)


def lose(name):
    return lambda out: (out / name).unlink()


def write(name, content):
    return lambda out: (out / name).write_bytes(content)


OTHER = export(300, seed=5)
BROKEN = {
    "no folder": (FRAME, lambda out: out.rename(out.with_name("moved")), "", "There is no sheet at"),
    "no odds": (FRAME, lose("sheet.json"), "", "which holds the odds of the draw"),
    "damaged odds": (FRAME, write("sheet.json", b"[]"), "", "sheet.json' is damaged"),
    "strange odds": (FRAME, write("sheet.json", b'{"version": 1, "rows": [1]}'), "", "sheet.json' is damaged"),
    "another export": (OTHER, lambda out: None, "", "belongs to another export: it was drawn from 'export.parquet'"),
    "the second alone": (FRAME, lambda out: None, "second.csv", "is the second person's"),
    "empty": (FRAME, write("sheet.csv", b""), "", "has no column 'row_id'"),
    "no workbook": (FRAME, write("sheet.xlsx", b"PK\x03\x04 no"), "", "cannot be read as XLSX"),
    "another kind": (FRAME, write("sheet.ods", b"PK"), "sheet.ods", "is no CSV, XLSX or Label Studio JSON"),
    "no JSON": (FRAME, write("done.json", b"{"), "done.json", "is not JSON"),
    "deep JSON": (FRAME, write("done.json", b"[" * 100_000), "done.json", "is not JSON"),
    "no tasks": (FRAME, write("done.json", b'{"data": 1}'), "done.json", "is not a list of tasks"),
    "other tasks": (FRAME, write("done.json", b'[{"data": {"x": 1}}]'), "done.json", "task 1, has no 'row_id'"),
}


@pytest.mark.parametrize(("frame", "change", "name", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_sheet_that_cannot_be_read_is_one_sentence(done, frame, change, name, sentence):
    out, _ = done
    change(out)
    with pytest.raises(InputError) as error:
        seen(out, frame, out / name)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bad_sheet_ends_an_audit_before_it_starts(auditor, tmp_path):
    saved(FRAME, tmp_path, "in.parquet")
    sheets.drawn(FRAME, tmp_path / "sheet", 60)
    ended, _, complaint = auditor("run", "in.parquet", *DATED, "--sheet", "sheet", "--out", "out")
    assert (ended, complaint.count("\n"), "Nobody has filled" in complaint) == (3, 1, True)
    assert not (tmp_path / "out").exists()


def test_an_export_that_grew_still_has_its_sheet(done):
    out, _ = done
    grown = pl.concat([export(50, seed=9), FRAME])
    read = seen(out, grown)
    assert len(read.answers) == 60
    assert {each.row_id for each in read.answers} == {row.row_id + 50 for row in read_sheet(out).rows}
    assert not any(each.wrong for each in read.answers)


def test_records_that_changed_since_the_draw_are_told_apart(done):
    out, _ = done
    rows = [row.row_id for row in read_sheet(out).rows]
    at = pl.int_range(pl.len())
    changed = FRAME.with_columns(
        note=pl.when(at.is_in(rows[:5])).then(pl.lit("quite another text")).otherwise("note"),
        label=pl.when(at.is_in(rows[5:12])).then(pl.lit("new")).otherwise("label"),
    )
    read = seen(out, changed)
    assert (len(read.answers), read.gone, read.relabelled) == (55, 5, 7)
    assert not any(each.wrong for each in read.answers)


def test_the_rows_of_a_sheet_and_what_must_be_kept_apart(done):
    out, _ = done
    frame = loaded(FRAME, out.parent).frame
    assert sheet_rows(out, frame) == tuple(row.row_id for row in read_sheet(out).rows)
    assert sheet_rows(out / "sheet.csv", frame) == sheet_rows(out, frame)
    # Row 0 is of the sheet; 1 is nearly its text, 3 has the id of 1, and 4 nearly the text of 3.
    groups = kin(np.array([0, 0, 1, 2, 2, 3]), pl.Series(["a", "b", "c", "b", "d", "e"]), None)
    assert groups.of(np.array([0])).tolist() == [True, True, False, True, True, False]
    assert not groups.of(np.array([], int)).any()


def test_answers_to_the_rows_of_a_sheet_count_by_their_odds(tmp_path):
    asked = answered(export(600), right=0.5)
    out = sheets.filled(asked, export(600)["label"].to_list(), tmp_path, 300)
    drawn = {row.row_id: row.stratum for row in read_sheet(out).rows}
    # The prompt is right on the first half, which is one stratum, and not asked elsewhere; that half is hardly drawn.
    kept = [row for row, stratum in drawn.items() if stratum == 1 or row % 10 == 0]
    asked = asked.with_columns(answer=pl.when(pl.int_range(pl.len()).is_in(kept)).then("answer"))
    evidence = steps_for(loaded(asked, tmp_path, prediction="answer", sheet=out), 0)
    found = evidence[PROMPTED]
    right = found.right(evidence[CLASSES])
    assert right.mean() < 0.2
    assert found.mean(right) == pytest.approx(right.mean(), abs=0.001)
