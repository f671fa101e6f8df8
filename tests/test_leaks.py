"""What a report and the terminal never tell: a value that few records share, a path, a cell in an error."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import subprocess
import sys
from urllib.parse import unquote

import numpy as np
import polars as pl
import pytest

from auditor.errors import ConfigError
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.examples import MASK, masked, shared_words
from auditor.evidence.leakage import telling_words
from auditor.evidence.tokens import TOKENS
from auditor.inputs.several import read_labels
from tests.exports import answered, export, saved
from tests.test_outputs import ENVIRONMENT, MAIN, OUTPUTS

CANARY = re.compile(r"zq[a-z]+\d+x", re.I)
COLUMNS = ("--text", "note", "--label", "label", "--time", "day", "--id", "claim", "--segment", "payer")
MORE = ("--segment", "site", "--annotator", "who", "--prediction", "answer", "--trained-prediction", "tuned")


def canary(kind: str) -> pl.Expr:
    return pl.format(f"zq{kind}{{}}x", pl.int_range(pl.len()) + 1000)


def some(kind: str, of: int, otherwise: str) -> pl.Expr:
    """A canary in every so manieth row."""
    return pl.when(pl.int_range(pl.len()) % of == 3).then(canary(kind)).otherwise(pl.col(otherwise).cast(pl.String))


def with_canaries() -> pl.DataFrame:
    data = answered(export(240), right=0.9).with_columns(site="payer", who="payer", tuned="answer")
    rare = pl.int_range(pl.len()) % 20
    return data.with_columns(
        claim=canary("id"),
        note=pl.format("{} {} {}@example.org", "note", canary("text"), canary("mail")),
        payer=some("payer", 9, "payer"),
        site=canary("site"),
        who=pl.when(pl.int_range(pl.len()) < 14).then(pl.lit("zqwho14x")).otherwise(some("who", 5, "who")),
        day=some("day", 12, "day"),
        # Classes of one record, and one of four that takes its records from every class.
        label=pl.when(rare == 7).then(canary("label")).when(pl.int_range(pl.len()) % 60 == 5)
        .then(pl.lit("zqlabel4x")).otherwise("label"),
        answer=some("answer", 7, "answer"),
        tuned=some("tuned", 11, "tuned"),
        unused=canary("unused"),
        split=pl.when(rare < 10).then(pl.lit("train_zqsplit1x")).otherwise(pl.lit("test_zqsplit2x")),
    )  # fmt: skip


def told(text: str) -> set[str]:
    """Every canary in ``text``, read as it stands, and as a page, an address or an embedded file would hold it."""
    readings = [text, html.unescape(text), unquote(text), re.sub(r"[\W_]+", "", text)]
    for run in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", html.unescape(text)):
        try:
            readings.append(base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "replace"))
        except binascii.Error:
            continue
    return {found.lower() for reading in readings for found in CANARY.findall(reading)}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """One audit of an export in which every kind of cell, and every folder above it, is told by a canary."""
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "zqfolder1x").mkdir()
    (folder / "zqconfig1x").mkdir()
    saved(with_canaries(), folder / "zqfolder1x", "in.csv")
    labels = pl.DataFrame(
        {"label": ["billing"], "definition": ["of bills"], "active_from": [None], "active_to": [None]}
    )
    saved(labels, folder / "zqconfig1x", "classes.csv")
    (folder / "zqconfig1x" / "audit.toml").write_text('taxonomy = "zqconfig1x/classes.csv"\n')
    arguments = [*COLUMNS, *MORE, "--config", "zqconfig1x/audit.toml", "--out", "zqout1x/report"]
    command = [sys.executable, "-c", MAIN, "run", "zqfolder1x/in.csv", *arguments]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "zqout1x" / "report", done.stdout


@pytest.mark.parametrize("name", sorted(OUTPUTS - {"rows.parquet"}))
def test_no_file_tells_a_value_that_few_records_share_or_a_folder(audited, name):
    out, _ = audited
    text = (out / name).read_text(encoding="utf-8")
    assert len(text) > 500
    assert told(text) == set()


def test_the_terminal_tells_none_but_the_folder_that_was_asked_for(audited):
    _, printed = audited
    assert told(printed) == {"zqout1x"}


def test_rows_parquet_holds_ids_and_labels_alone(audited):
    out, _ = audited
    rows = pl.read_parquet(out / "rows.parquet")
    kinds = {re.sub(r"\d+x", "", each) for each in told(rows.write_csv())}
    assert kinds == {"zqid", "zqlabel"}


def test_classes_of_few_records_are_one_line_that_adds_up(audited):
    out, _ = audited
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    *named, rare = report["classes"]
    assert {each["label"] for each in named} == {"billing", "coverage", "records", "provider"}
    assert (rare["label"], rare["rows"]) == ("(rare classes)", 12 + 4)
    assert sum(each["rows"] for each in report["classes"]) == 240
    assert sum(each["volume_share"] for each in report["classes"]) == pytest.approx(1)


def test_a_rare_name_is_told_as_a_spelling_of_a_class(auditor, tmp_path):
    """Of one letter more or another case; a rare name that is like no other stays untold."""
    number = pl.int_range(pl.len())
    data = export(120).with_columns(
        label=pl.when(number == 3).then(pl.lit("BILLING")).when(number == 4).then(pl.lit("coverages"))
        .when(number == 5).then(pl.lit("zqlabel1x")).otherwise("label")
    )  # fmt: skip
    saved(data, tmp_path, "in.csv")
    assert auditor("run", "in.csv", "--text", "note", "--label", "label", "--out", "out")[0] == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    (spelling,) = (check for check in report["checks"] if check["code"] == "LAB003")
    assert {name for finding in spelling["findings"] for name in finding["subject"]["names"]} >= {"coverages"}
    assert "BILLING" in json.dumps(spelling)
    assert told(json.dumps(report)) == set()


ERRORS = {
    "texts taken for dates": ({}, ["--text", "payer", "--label", "label", "--time", "note"]),
    "no dates": ({"day": pl.lit("zqday1x")}, ["--text", "note", "--label", "label", "--time", "day"]),
    "one class": ({"label": pl.lit("zqlabel1x")}, ["--text", "note", "--label", "label"]),
    "a line too long": ({"note": pl.format("zqtext1x\n{}", "note")}, ["--text", "note", "--label", "label"]),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "arguments"), ERRORS.values(), ids=ERRORS)
def test_an_error_quotes_no_cell(auditor, tmp_path, cells, arguments):
    data = with_canaries().with_columns(**cells)
    lines = data.write_csv().replace('"zqtext1x\n', "zqtext1x,zqtext2x,zqtext3x,")
    (tmp_path / "in.csv").write_text(lines, encoding="utf-8")
    code, printed, complaint = auditor("run", "in.csv", *arguments, "--out", "out")
    assert code == 3, complaint
    assert told(printed + complaint) == set()


def test_a_word_in_copies_of_one_text_is_shared_by_nobody():
    """Twenty records of one person hold the name; twenty different texts hold the word."""
    texts = pl.Series(["zoe called"] * 20 + [f"called {number}" for number in range(20)])
    assert shared_words(texts, np.array([0] * 20 + list(range(1, 21)))) == {"called"}


def test_a_telling_word_in_copies_of_one_text_is_not_named(steps):
    again = [{"do": "same_text", "where": {"label": "billing", "rows": 40}}]
    data = export(240, plant=again).with_columns(
        note=pl.when(pl.col("note").is_duplicated()).then(pl.format("{} quagmire", "note")).otherwise("note")
    )
    about = steps(data)
    classes = len(about[CLASSES])
    each_by_itself = np.arange(len(data))
    found = telling_words(about[TOKENS], about[CLASSES].codes, classes, each_by_itself, 0.3)
    assert "quagmire" in {word.word for word in found}
    kept = telling_words(about[TOKENS], about[CLASSES].codes, classes, about[DUPLICATES].near, 0.3)
    assert "quagmire" not in {word.word for word in kept}


NAME = "quagmire"


def one_persons(rows: int = 600) -> pl.DataFrame:
    """A person's name in forty different texts of hers, all of one class and of the later half; no text repeats."""
    data = export(rows).sort("day").with_row_index("at")
    hers = (pl.col("label") == "billing") & (pl.col("at") > rows / 2)
    hers &= hers.cum_sum() <= 40
    return data.with_columns(
        note=pl.when(hers).then(pl.format("{} quagmire", "note")).otherwise("note"),
        patient=pl.when(hers).then(pl.lit("p-1")).otherwise(pl.format("p-{}", pl.col("at") // 3 + 2)),
        label=pl.when((pl.col("label") == "billing") & ~hers).then(pl.lit("records")).otherwise("label"),
    ).drop("at")


@pytest.mark.slow
@pytest.mark.parametrize(("given", "shown"), [(["--group", "patient"], False), ([], False), (None, True)])
def test_a_name_in_many_texts_of_one_person_is_shown_nowhere(auditor, tmp_path, given, shown):
    """Where a column says whose the records are, given or guessed. Without one nobody can know."""
    data = one_persons()
    saved(data if given is not None else data.drop("patient"), tmp_path, "in.csv")
    options = ["--text", "note", "--label", "label", "--time", "day", "--include-examples", "600", *(given or ())]
    code, printed, _ = auditor("run", "in.csv", *options, "--out", "out", "--verbose")
    assert code == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    files["terminal"] = printed.encode()
    held = {name for name, content in files.items() if NAME.encode() in content}
    assert bool(held) == shown, held
    page = " ".join(files["report.html"].decode().split())
    assert ("15 different values of &#39;patient&#39; share" in page) == (given == ["--group", "patient"])
    assert ("15 different records, near duplicates being one, share" in page) == (given != ["--group", "patient"])


@pytest.mark.slow
@pytest.mark.parametrize("given", [["--group", "patient"], []], ids=["given", "guessed"])
def test_a_value_of_many_records_of_one_person_is_one_of_the_others(auditor, tmp_path, given):
    """Of a segment and an annotator, in the findings about records without a date too."""
    hers = pl.col("note").str.contains(NAME)
    data = one_persons().with_columns(
        payer=pl.when(hers).then(pl.lit("zqpayer1x")).otherwise("payer"),
        who=pl.when(hers).then(pl.lit("zqwho1x")).otherwise(pl.lit("Ann")),
        day=pl.when(hers).then(None).otherwise("day"),
    )
    saved(data, tmp_path, "in.csv")
    options = ["--text", "note", "--label", "label", "--time", "day", "--segment", "payer", "--annotator", "who"]
    code, printed, _ = auditor("run", "in.csv", *options, *given, "--out", "out", "--history", "kept", "--verbose")
    assert code == 0
    files = [path for path in tmp_path.rglob("*") if path.suffix in (".html", ".json", ".md")]
    assert len(files) == 4
    assert {path.name: told(path.read_text(encoding="utf-8")) for path in files} == {path.name: set() for path in files}
    assert told(printed) == set()
    report = (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    assert '"(all others)"' in report and "north" in report


def test_letters_in_circles_are_letters():
    assert masked(
        "called \N{CIRCLED LATIN SMALL LETTER Z}\N{CIRCLED LATIN SMALL LETTER O} today", frozenset({"called"})
    ) == (f"called {MASK} {MASK}")


@pytest.mark.slow
def test_what_is_kept_compared_and_planned_tells_nothing(auditor, tmp_path, monkeypatch):
    """The history, its table, the comparison, the summary of a step, the plan and a first audit.toml."""
    (tmp_path / "zqfolder1x").mkdir()
    (tmp_path / "audit.toml").write_text('select = ["VOL001", "VOL002", "LAB003", "PAT006"]')
    saved(with_canaries(), tmp_path / "zqfolder1x", "in.csv")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    path, kept = str(tmp_path / "zqfolder1x" / "in.csv"), str(tmp_path / "zqfolder1x" / "kept")
    asked = [path, *COLUMNS, *MORE]
    printed = []
    for out in ("a", "b"):
        printed += auditor("run", *asked, "--config", "audit.toml", "--history", kept, "--out", out)[1:]
    printed += auditor("history", kept)[1:]
    printed += auditor("history", kept, "--to", "kept.csv")[1:]
    printed += auditor("compare", "a", "b")[1:]
    printed += auditor("plan", path, *COLUMNS)[1:]
    assert auditor("init", path, "--out", "first.toml")[0] == 0
    files = [*(tmp_path / "zqfolder1x" / "kept").iterdir(), *(tmp_path / name for name in ("step.md", "kept.csv"))]
    assert {file.name: told(file.read_text(encoding="utf-8")) for file in files} == {file.name: set() for file in files}
    # A path from here is no path through the machine.
    assert str(tmp_path) not in (tmp_path / "first.toml").read_text(encoding="utf-8")
    assert told("".join(printed)) == set()


def test_an_error_suggests_no_label_of_few_records(auditor, tmp_path):
    saved(with_canaries(), tmp_path, "in.csv")
    options = ["--text", "note", "--label", "label", "--label-is", "zqlabel"]
    code, printed, complaint = auditor("run", "in.csv", *options, "--out", "out")
    assert (code, "No row has the label" in complaint) == (2, True)
    assert told(printed + complaint) == set()


def test_an_error_about_sets_of_labels_names_those_that_many_records_share():
    names = [f"class{number}" for number in range(6)]
    cells = [f"{a};{b}" for a in names for b in names if a != b] * 3
    cells += [*names, "class1;zqlabel1x", "zqlabel1x", "class2;zqlabel1x;class3"]
    with pytest.raises(ConfigError) as raised:
        read_labels(pl.Series("label", cells), "label")
    assert "the commonest: 'class" in str(raised.value)
    assert told(str(raised.value)) == set()


@pytest.mark.parametrize("given", [[], ["--text", "note", "--label", "category"]])
def test_the_cells_of_a_first_line_that_may_be_a_record_are_not_listed(auditor, tmp_path, given):
    """Short texts and a label that no other record has: nothing says whether they are names."""
    rows = export(60).select(pl.col("note").str.split(" ").list.head(4).list.join(" "), "label")
    content = "zqtext1x called today,zqlabel1x\n" + rows.write_csv(include_header=False)
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    code, printed, complaint = auditor("run", "in.csv", *given, "--out", "out")
    assert code in (2, 3)
    assert "may be a record" in complaint
    assert told(printed + complaint) == set()
