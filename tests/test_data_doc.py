"""The examples of docs/data.md, each written, read, and held to what stands under it."""

import re
import tomllib
from pathlib import Path

import pytest

from auditor.batch import load
from auditor.config import Config, Read
from auditor.errors import AuditError

DOC = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"```(?:csv|json) file=(?P<file>\S+)(?P<how>[^\n]*)\n(?P<content>.*?)```\n\n"
    r"(?P<kind>exit \d|notice): (?P<said>[^\n]+)\n(?:\n```toml settles\n(?P<toml>.*?)```)?",
    re.DOTALL,
)
EXAMPLES = [match.groupdict() for match in EXAMPLE.finditer(DOC)]


def config(example, folder, **read):
    how = dict(pair.split("=") for pair in example["how"].split())
    path = folder / example["file"]
    path.write_text(example["content"], encoding=how.get("encoding", "utf-8"))
    text, label = how.get("text", "note"), how.get("label", "category")
    return Config(export=str(path), text=(text,), label=label, read=Read(**read))


def test_every_example_says_what_comes_out():
    assert len(EXAMPLES) == DOC.count(" file=") >= 8


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["file"] for example in EXAMPLES])
def test_an_example_ends_as_it_says(tmp_path, example):
    if example["kind"] == "notice":
        notices = load(config(example, tmp_path)).intake.notices
        assert any(example["said"] in notice.text for notice in notices)
        return
    with pytest.raises(AuditError) as caught:
        load(config(example, tmp_path))
    assert example["said"] in str(caught.value)
    assert caught.value.exit_code == int(example["kind"][-1])


SETTLED = [example for example in EXAMPLES if example["toml"]]


@pytest.mark.parametrize("example", SETTLED, ids=[example["file"] for example in SETTLED])
def test_the_section_under_an_example_settles_it(tmp_path, example):
    given = tomllib.loads(example["toml"])["read"]
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    intake = load(config(example, tmp_path, **given)).intake
    assert intake.rows_used >= 3
    assert not any("[read]" in notice.text for notice in intake.notices)
