"""`audit.toml` under the command line."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from auditor.config import OF_MACHINE, RULES, Config, Read, config_hash, effective, load_config
from auditor.errors import ConfigError
from auditor.governance import answers


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "audit.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_file_the_defaults_hold():
    assert load_config(None, {}) == Config()
    assert (Config().horizon, Config().seed, Config().include_examples, Config().force) == (6, 0, 0, False)


def test_a_config_does_not_change():
    with pytest.raises(FrozenInstanceError):
        Config().seed = 1


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("export = 'denials.parquet'", "export", "denials.parquet"),
        ("text = 'note'", "text", ("note",)),
        ("text = ['note', 'subject', 'note']", "text", ("note", "subject")),
        ("segment = 'site'", "segment", ("site",)),
        ("label = 'reason'", "label", "reason"),
        ("force = true", "force", True),
        ("horizon = 60", "horizon", 60),
        ("seed = 7", "seed", 7),
        ("fail_on = 'verdict'", "fail_on", "verdict"),
        ("select = ['VOL001']", "select", ("VOL001",)),
        ("[ignore]\nVOL001 = 'known'", "ignore", ({"check": "VOL001", "reason": "known"},)),
        (
            "[[ignore]]\ncheck = 'LAB003'\nclass = 'A'\nreason = 'known'\nuntil = 2027-01-31",
            "ignore",
            ({"check": "LAB003", "class": ("A",), "reason": "known", "until": "2027-01-31"},),
        ),
        ("[severity]\nLAB003 = 'info'", "severity", {"LAB003": "info"}),
        ("[limits]\nnoise = 0.1", "limits", {"noise": 0.1}),
        ("[limits]\nnoise = [0.05, 0.1]", "limits", {"noise": (0.05, 0.1)}),
        ("[limits]\nnoise = {pass = 0.05, fail = 0.1}", "limits", {"noise": (0.05, 0.1)}),
        ("[limits]\nnoise = {pass = 0.05}", "limits", {"noise": 0.05}),
        ("[limits.noise]\npass = 1\nfail = 2", "limits", {"noise": (1.0, 2.0)}),
        ("[read]\ndelimiter = '\t'\nnull = ['-', 'None']", "read", Read(delimiter="\t", null=("-", "None"))),
        ("[read]\nencoding = 'utf-16'\nheader = 3", "read", Read(encoding="utf-16", header=3)),
    ],
)
def test_a_setting_is_read(toml, line, key, value):
    assert getattr(load_config(toml(line), {}), key) == value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("txt = 'note'", "'txt' is not a setting. Did you mean 'text'?"),
        ("zzzzzzzz = 1", "'zzzzzzzz' is not a setting."),
        ("label = ''", "'label' must be a column name; found \"\"."),
        ("label = ['a']", "'label' must be a column name; found [\"a\"]."),
        ("text = [1]", "'text' must be a column name or a list of column names; found [1]."),
        ("force = 1", "'force' must be true or false; found 1."),
        ("horizon = 0", "'horizon' must be a whole number from 1 to 60; found 0."),
        ("horizon = 61", "'horizon' must be a whole number from 1 to 60; found 61."),
        ("horizon = true", "'horizon' must be a whole number from 1 to 60; found true."),
        ("seed = 4294967296", "'seed' must be a whole number from 0 to 4294967295; found 4294967296."),
        ("seed = -1", "'seed' must be a whole number from 0 to 4294967295; found -1."),
        ("include_examples = 1.5", "'include_examples' must be a whole number, 0 or more; found 1.5."),
        ("fail_on = 'always'", "'fail_on' must be one of caution, verdict, inconclusive, worse; found \"always\"."),
        ("ignore = 'VOL001'", "'ignore' must be [[ignore]] tables, each with check and reason; found \"VOL001\"."),
        ("[[ignore]]\ncheck = 'VOL001'\nreason = ''", "'ignore.reason' must be a reason in words; found \"\"."),
        ("[[ignore]]\ncheck = 'VOL001'", "[[ignore]] number 1 has no 'reason'."),
        ("[[ignore]]\nreason = 'known'", "[[ignore]] number 1 has no 'check'."),
        ("[[ignore]]\ncheck = 'VOL001'\nreson = 'x'", "'reson' is no key of [[ignore]]. Did you mean 'reason'?"),
        (
            "[[ignore]]\ncheck = 'VOL001'\nreason = 'x'\nuntil = 'May'",
            "'ignore.until' must be a day such as 2024-01-31; found \"May\".",
        ),
        (
            "[[ignore]]\ncheck = 'VOL001'\nreason = 'x'\nclass = 'A'\nsegment = 'payer=B'",
            "[[ignore]] number 1 names a class and a segment: a finding is about one of them.",
        ),
        ("[severity]\nVOL001 = 'low'", "'severity.VOL001' must be one of info, warning, critical; found \"low\"."),
        ("[limits]\na = 'low'", "'limits.a' must be a number, a [pass, fail] pair or {pass = ..., fail"),
        ("[limits]\na = [1, 2, 3]", "'limits.a' must be a number"),
        ("[limits]\na = {fail = 2}", "'limits.a' must be a number"),
        ("[limits]\na = {pass = 1, fial = 2}", "'limits.a' must be a number"),
        ("[limits]\na = nan", "'limits.a' must be a number"),
        ("[read]\ndelimiter = 'tab'", "'read.delimiter' must be one character, no quote"),
        ("[read]\ndelimiter = '\"'", "'read.delimiter' must be one character, no quote"),
        ("[read]\nencoding = 'utf-99'", "'read.encoding' must be the name of an encoding"),
        ("[read]\nencoding = 'base64'", "'read.encoding' must be the name of an encoding"),
        ("[read]\ndelimeter = ','", "'delimeter' does not say how to read an export. Did you mean 'delimiter'?"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected_and_found(toml, line, expected):
    path = toml(line)
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    assert str(caught.value).startswith(f"{path}: {expected}")


def test_every_problem_is_told_at_once_one_line_each(toml):
    path = toml("horizn = 3\nseed = -1\n[severity]\nA = ''\nB = 2")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"horizon": 99, "label": 5})
    lines = str(caught.value).splitlines()
    assert [line.split("'")[1] for line in lines] == [
        "horizn", "seed", "severity.A", "severity.B", "horizon", "label",
    ]  # fmt: skip
    assert [line.startswith("command line: ") for line in lines] == [False] * 4 + [True] * 2


def test_a_long_value_is_cut(toml):
    with pytest.raises(ConfigError) as caught:
        load_config(toml(f"seed = '{'x' * 500}'"), {})
    assert len(str(caught.value).split("found ")[1]) < 65


def test_the_command_line_wins_where_it_says_something(toml):
    path = toml("label = 'a'\ntext = ['t']\nseed = 4\nforce = true")
    given = {"label": "b", "text": (), "seed": None, "time": "when", "force": False}
    config = load_config(path, given)
    assert (config.label, config.text, config.seed, config.time) == ("b", ("t",), 4, "when")
    assert config.force is False


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no settings file at"),
        (b"label = ", "is not valid TOML"),
        (b"label = '\xff'", "is not UTF-8 text"),
        (b"seed = " + b"9" * 5000, "too large to read"),
        (b"label = " + b"[" * 3000 + b"]" * 3000, "too large to read"),
    ],
)
def test_an_unreadable_file_is_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "audit.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=sentence):
        load_config(path, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"horizon = 0x{'f' * 5000}", "found a number too large to show"),
        ("[ignore]\ncheck = 'VOL001'\nreason = 'known'", r"'ignore' must be \[\[ignore\]\] tables"),
    ],
)
def test_a_value_of_another_kind_is_a_sentence(toml, content, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load_config(toml(content), {})


def test_a_folder_is_not_a_settings_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})


def test_effective_is_json_with_every_key():
    shown = effective(Config(text=("a",), limits={"x": (1.0, 2.0)}))
    assert set(shown) == set(RULES) - set(OF_MACHINE)
    assert (shown["text"], shown["limits"], shown["label"]) == (["a"], {"x": [1.0, 2.0]}, None)


def test_the_hash_names_what_can_change_a_result():
    base = config_hash(Config(label="a"))
    assert len(base) == 16
    assert config_hash(Config(label="a", out="elsewhere", force=True)) == base
    assert config_hash(Config(label="b")) != base
    assert config_hash(Config(label="a", severity={"A": "info", "B": "info"})) == config_hash(
        Config(label="a", severity={"B": "info", "A": "info"})
    )


def test_reading_settings_imports_nothing_heavy():
    code = "import sys, auditor.config; sys.exit(any(m in sys.modules for m in ('polars', 'duckdb', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_governance_takes_answers_dates_and_reasons_and_no_other_question(tmp_path):
    path = tmp_path / "audit.toml"
    path.write_text(
        '[governance]\nowner = "Claims"\nprovider_end_of_life = 2028-01-31\nlicence = { not_applicable = "ours" }\n'
    )
    config = load_config(path, {})
    said = {each.key: (each.answer, each.not_applicable) for each in answers(config.governance) if not each.open}
    assert said == {"owner": ("Claims", None), "provider_end_of_life": ("2028-01-31", None), "licence": (None, "ours")}
    assert effective(config)["governance"]["provider_end_of_life"] == "2028-01-31"
    path.write_text('[governance]\nownr = "Claims"\n')
    with pytest.raises(ConfigError, match=r"'ownr' is not a question of governance. Did you mean 'owner'"):
        load_config(path, {})
    path.write_text("[governance]\nowner = true\n")
    with pytest.raises(ConfigError, match=r"'governance.owner' must be an answer in words"):
        load_config(path, {})
