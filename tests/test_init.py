"""`auditor init` looks at an export and writes settings that an audit can run with."""

from __future__ import annotations

import re
import tomllib

import polars as pl
import pytest

from auditor.config import load_config
from auditor.gate_limits import GATE_LIMITS
from auditor.governance import QUESTIONS
from auditor.prices import KEYS
from tests.exports import export, saved
from tests.test_cli import tree

QUICK = 'select = ["VOL001", "VOL002", "LAB002"]\n'


def test_what_it_writes_names_every_column_with_why_and_runs(auditor, tmp_path):
    saved(export(240), tmp_path, "in.csv")
    code, printed, complaint = auditor("init", "in.csv")
    assert (code, complaint) == (0, "")
    assert "auditor run --config audit.toml" in printed
    text = (tmp_path / "audit.toml").read_text(encoding="utf-8")
    settings = load_config(tmp_path / "audit.toml", {})
    assert (settings.export, settings.text, settings.label, settings.time) == ("in.csv", ("note",), "label", "day")
    assert "# time: 100 % read as dates" in text
    assert re.search(r"Open questions\n# 1\. What does a wrongly filed record cost\?", text)
    (tmp_path / "audit.toml").write_text(QUICK + text)
    assert auditor("run", "--config", "audit.toml")[0] == 0


def test_every_line_of_it_is_a_setting_once_it_is_uncommented(auditor, tmp_path):
    saved(export(240), tmp_path, "in.csv")
    auditor("init", "in.csv", "--out", "all.toml")
    text = (tmp_path / "all.toml").read_text(encoding="utf-8")
    whole = re.sub(r"(?m)^# (?=\w+ = |\[\[|    )", "", text)
    found = tomllib.loads(whole)
    assert set(found["limits"]) == {limit.measurement for limit in GATE_LIMITS}
    assert (set(found["cost"]), set(found["governance"])) == (set(KEYS), set(QUESTIONS))
    assert found["read"] == {
        "delimiter": ",", "encoding": "utf-8", "header": 1, "date_format": "%Y-%m-%d", "null": ["N/A"],
    }  # fmt: skip
    assert (set(found["severity"]), [set(each) for each in found["ignore"]]) == (
        {"LAB003"}, [{"check", "class", "reason", "until"}],
    )  # fmt: skip
    (tmp_path / "all.toml").write_text(re.sub(r'(?m)^(\w+) = ""', r'\1 = "us"', whole))
    load_config(tmp_path / "all.toml", {})


def test_what_it_cannot_tell_is_an_open_question(auditor, tmp_path):
    dateless = export(120).drop("day")
    saved(dateless, tmp_path, "in.csv")
    saved(dateless.with_columns(other=pl.col("note").shuffle(seed=1)).rename({"note": "one"}), tmp_path, "twins.csv")
    code, _, complaint = auditor("init", "twins.csv")
    assert (code, complaint) == (0, "")
    text = (tmp_path / "audit.toml").read_text(encoding="utf-8")
    assert "# 2. Which column is the text?" in text
    assert '# text = ""' in text
    assert "claim, payer, amount, one, label, other" in text.replace("\n# ", " ")
    load_config(tmp_path / "audit.toml", {})
    auditor("init", "in.csv", "--out", "dateless.toml")
    assert "When was each record filed?" in (tmp_path / "dateless.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["gone.csv"], 3, "There is no file or folder at 'gone.csv'"),
        (["in.csv"], 2, "'audit.toml' exists, and is not replaced"),
        (["empty.csv", "--out", "new.toml"], 3, "is empty"),
    ],
)
def test_it_replaces_nothing_and_leaves_nothing(auditor, tmp_path, arguments, code, sentence):
    saved(export(60), tmp_path, "in.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "audit.toml").write_text("mine")
    before = tree(tmp_path)
    ended, _, complaint = auditor("init", *arguments)
    assert (ended, sentence in complaint, tree(tmp_path)) == (code, True, before)


def test_no_text_of_a_record_is_in_it(auditor, tmp_path):
    data = export(120)
    saved(data, tmp_path, "in.csv")
    auditor("init", "in.csv")
    text = (tmp_path / "audit.toml").read_text(encoding="utf-8")
    for note in data["note"]:
        assert " ".join(note.split()[:3]) not in text
