"""The command line as a person meets it: exit codes, one clear sentence, nothing left behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from auditor.api import audit, fail_code
from auditor.config import load_config
from tests.exports import ROLES, answered, export, saved
from tests.test_outputs import DATED, ENVIRONMENT, GIVEN, OUTPUTS

CSV_HEAD = "claim,day,payer,amount,note,label\n"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def frame(**columns):
    return export(60).with_columns(**columns)


def raw(name, content=b""):
    def make(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)

    return make


def parquet(**columns):
    return lambda folder: saved(frame(**columns), folder, "in.parquet")


def nothing(_):
    pass


def with_out(*files):
    def make(folder):
        saved(export(60), folder, "in.parquet")
        (folder / "out").mkdir()
        for name in files:
            (folder / "out" / name).write_text("of an earlier audit")

    return make


def with_gone_out(folder):
    (folder / "out").mkdir()


def config(text):
    def make(folder):
        saved(export(60), folder, "in.parquet")
        (folder / "audit.toml").write_text(text)

    return make


IN, CONFIGURED = ["in.parquet", *DATED], ["in.parquet", *DATED, "--config", "audit.toml"]
FAILURES = {
    "missing file before the folder": (with_gone_out, ["gone.csv"], 3, r"gone\.csv"),
    "nothing in the slice": (parquet(), [*IN, "--since", "2030-01-01"], 3, "the dates go from 2022-"),
    "slice without dates": (parquet(day=pl.lit(None, pl.Date)), [*IN, "--window", "3m"], 2, "--time COL"),
    "missing file": (nothing, ["gone.csv"], 3, r"gone\.csv"),
    "wrong column": (parquet(), ["in.parquet", "--text", "notes", "--label", "label"], 2, "Did you mean 'note'"),
    "two wrong columns": (parquet(), ["in.parquet", "--text", "notes", "--label", "lable"], 2, r"'notes'.*\n.*'lable'"),
    "one class only": (parquet(label=pl.lit("x")), IN, 3, "two classes"),
    "all labels missing": (parquet(label=pl.lit(None, pl.String)), IN, 3, r"Every label .*--label COL"),
    "all texts missing": (parquet(note=pl.lit("")), IN, 3, r"(Every|No) text .*--text COL"),
    "unreadable dates": (parquet(day=pl.lit("soon")), IN, 3, r"column 'day' is a date .*--time COL"),
    "empty file": (raw("in.csv"), ["in.csv", *GIVEN], 3, "is empty"),
    "header only": (raw("in.csv", CSV_HEAD.encode()), ["in.csv", *GIVEN], 3, "no rows"),
    "broken Parquet": (raw("in.parquet", b"PAR1 and then nothing"), IN, 3, "cannot be read as Parquet"),
    "folder without data": (raw("in/.hidden"), ["in", *GIVEN], 3, "holds no data files"),
    "unknown kind": (raw("in.xls", b"PK"), ["in.xls", *GIVEN], 3, r"'\.xls'"),
    "broken workbook": (raw("in.xlsx", b"PK"), ["in.xlsx", *GIVEN], 3, "cannot be read as XLSX"),
    "no export": (nothing, [], 2, "No export is named"),
    "unknown key": (config("lable = 'x'"), CONFIGURED, 2, "'lable' is not a setting. Did you mean 'label'"),
    "several config errors": (config("txt = 1\nseed = -1"), CONFIGURED, 2, r"'txt'.*\n.*'seed'"),
    "no settings file": (parquet(), CONFIGURED, 2, "no settings file at 'audit.toml'"),
    "unknown code ignored": (config("[[ignore]]\ncheck = 'VOL01'\nreason = 'x'"), CONFIGURED, 2, "mean 'VOL001'"),
    "no reason to ignore": (config("[[ignore]]\ncheck = 'VOL001'"), CONFIGURED, 2, r"number 1 has no 'reason'"),
    "unknown code graded": (config("[severity]\nVOL01 = 'info'"), CONFIGURED, 2, "Did you mean 'VOL001'"),
    "unknown code selected": (config("select = ['LAB01']"), CONFIGURED, 2, "Did you mean 'LAB001'"),
    "unknown limit": (config("[limits]\nlabel_noise = 1"), CONFIGURED, 2, "Did you mean 'label_noise_rate'"),
    "bad horizon": (parquet(), [*IN, "--horizon", "0"], 2, "'horizon' must be"),
    "bad fail-on": (parquet(), [*IN, "--fail-on", "always"], 2, "one of caution, verdict, inconclusive, worse"),
    "out exists": (with_out("report.json"), IN, 2, r"exists.*--force"),
    "out holds other files": (with_out("report.json", "thesis.doc"), [*IN, "--force"], 2, "holds 'thesis.doc'"),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "arguments", "code", "sentence"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_one_sentence_and_leaves_nothing(auditor, tmp_path, prepare, arguments, code, sentence):
    prepare(tmp_path)
    before = tree(tmp_path)
    ended, _, complaint = auditor("run", *arguments, "--out", "out")
    assert ended == code, complaint
    assert re.search(sentence, complaint), complaint
    assert complaint.endswith((".\n", "?\n"))
    assert complaint.count("\n") == sentence.count(r"\n") + 1
    assert "Traceback" not in complaint
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "in.parquet", "--again", "gone"], "There is no audit at 'gone'"),
        (["run", "in.parquet", "--again", "gone", "--config", "audit.toml"], "--again repeats a run"),
        (["run", "in.parquet", *GIVEN, "--since", "soon"], "'since' must be a day such as 2024-01-31"),
        (["run", "in.parquet", *GIVEN, "--window", "12"], "'window' must be a span such as"),
        (["run", "in.parquet", *DATED, "--since", "2024-01-01", "--window", "3m"], "Pass one of them"),
        (["run", "in.parquet", *DATED, "--window", "9999y"], "reaches back before the year 1"),
        (["run", "in.parquet", "--out", "taken"], "'taken' is a file"),
        (["run", "in.parquet", "--out", "taken/out"], "taken"),
        (["run", "in.parquet", "--nonsense"], "No such option"),
        (["walk"], "No such command"),
    ],
)
def test_wrong_usage_ends_before_anything_is_written(auditor, tmp_path, arguments, sentence):
    saved(export(60), tmp_path, "in.parquet")
    (tmp_path / "taken").write_text("a file")
    before = tree(tmp_path)
    ended, _, complaint = auditor(*arguments)
    assert (ended, tree(tmp_path)) == (3 if "gone" in sentence else 2, before)
    assert sentence in complaint
    assert "Traceback" not in complaint


LONG = "n" * 300
PLACES = {
    "run --out": ["run", *IN, "--out"],
    "run --junit": ["run", *IN, "--out", "out", "--junit"],
    "run --history": ["run", *IN, "--out", "out", "--history"],
    "judge --out": ["judge", "done", "--config", "audit.toml", "--out"],
    "init --out": ["init", "in.parquet", "--out"],
    "sheet --out": ["sheet", *IN, "--out"],
    "export --out": ["export", "done", "--out"],
    "apply --out": ["apply", "queue.csv", "done", "--out"],
    "history --to": ["history", "kept", "--to"],
    "baseline --out": ["baseline", "in.parquet", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--out"],
}  # fmt: skip


@pytest.mark.parametrize("command", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("taken/new.csv", "is a file, and no folder"),
        (f"{LONG}.csv", "cannot be written: File name too long"),
        ("/proc/new.csv", "cannot be written: "),
    ],
    ids=["in a file", "too long", "where nothing can be"],
)
def test_what_cannot_be_written_is_refused_before_anything_is_read(auditor, tmp_path, monkeypatch, command, place, why):
    (tmp_path / "in.parquet").write_text("whoever reads it finds no Parquet")
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "audit.toml").write_text("")
    for folder in ("done", "kept"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "report.json").write_text("{}")
    before = tree(tmp_path)
    monkeypatch.setattr("auditor.history.store.records", lambda _: ())
    ended, printed, complaint = auditor(*command, place)
    assert (ended, complaint.count("\n"), tree(tmp_path)) == (2, 1, before), complaint
    assert why in complaint and f"with {command[-1]}." in complaint
    assert printed in ("", "'" + place + "' will hold the texts of records: handle it like the export.\n")


def test_test_cases_replace_test_cases_alone(auditor, tmp_path):
    """Neither a folder nor the export itself, and in folders that are not there yet."""
    saved(export(60), tmp_path, "in.parquet")
    (tmp_path / "audit.toml").write_text("select = ['VOL001']")
    before = tree(tmp_path)
    run = ["run", *CONFIGURED]
    for place, said in (("in.parquet", "holds something else, and is not replaced"), (".", "is a folder")):
        ended, _, complaint = auditor(*run, "--out", "out", "--junit", place)
        assert (ended, said in complaint, tree(tmp_path)) == (2, True, before), complaint
    for out in ("a", "b"):
        assert auditor(*run, "--out", out, "--junit", "found/gates.xml")[0] == 0
        assert [path.name for path in (tmp_path / "found").iterdir()] == ["gates.xml"]


EASY = {
    "unique_rows": (100, 50), "covered_volume_share": (0.1, 0.05), "doubling_gain": (1, 2), "decay_at_horizon": (1, 2),
    "churned_volume_share": (1, 2), "probability_training_pays": (0, 0), "starved_volume_share": 1,
    "unanswered_questions": 99, "gain_in_time": (-1, -2), "routing_adds": (1, 2), "label_noise_rate": (1, 1),
}  # fmt: skip
TRAINS = (240, {"prediction": "answer"}, "monthly_volume = 1000000\nerror_cost = 10")
PROMPTS = (240, {}, "monthly_volume = 300\nerror_cost = 1")
TOO_FEW = (150, {}, "monthly_volume = 300")


def settings_of(folder, case, limits):
    """The settings of a case, beside its export in ``folder``."""
    rows, asked, costs = case
    lines = {"export": saved(answered(export(rows), right=0.95), folder, "in.parquet"), **ROLES, **asked}
    easy = {name: list(given) if isinstance(given, tuple) else given for name, given in (EASY | limits).items()}
    told = [f"{name} = {list(given) if isinstance(given, tuple) else given!r}" for name, given in lines.items()]
    told += ["[limits]", *(f"{name} = {given}" for name, given in easy.items()), "[cost]", costs]
    (folder / "audit.toml").write_text("\n".join(told))
    return folder / "audit.toml"


@pytest.fixture(scope="module")
def result_of(tmp_path_factory):
    """The result of a case under limits, audited once."""
    known = {}

    def of(case, limits):
        which = f"{case} {limits}"
        if which not in known:
            settings = settings_of(tmp_path_factory.mktemp("case"), case, limits)
            known[which], _ = audit(load_config(settings, {}))
        return known[which]

    return of


@pytest.mark.parametrize(
    ("fail_on", "limits", "case", "code"),
    [
        (None, {}, TRAINS, 0),
        (None, {}, PROMPTS, 0),
        (None, {}, TOO_FEW, 0),
        # How many labels are wrong is not known without a fresh sheet.
        ("caution", {}, TRAINS, 10),
        ("caution", {"unanswered_questions": 0}, TRAINS, 10),
        ("caution", {}, PROMPTS, 11),
        ("verdict", {"unanswered_questions": 0}, TRAINS, 0),
        ("verdict", {}, PROMPTS, 11),
        ("inconclusive", {}, PROMPTS, 0),
        ("inconclusive", {}, TOO_FEW, 12),
        ("verdict", {}, TOO_FEW, 12),
        ("caution", {}, TOO_FEW, 12),
    ],
)
def test_the_exit_code_says_what_fail_on_asks(result_of, fail_on, limits, case, code):
    assert fail_code(result_of(case, limits), fail_on) == code


@pytest.mark.parametrize(("fail_on", "code"), [(None, 0), ("caution", 10)])
def test_the_command_ends_in_that_code_and_all_is_written(auditor, tmp_path, fail_on, code):
    settings = settings_of(tmp_path, TRAINS, {})
    fails = ["--fail-on", fail_on] if fail_on else []
    ended, printed, complaint = auditor("run", "--config", settings, "--out", "out", *fails)
    assert (ended, complaint) == (code, ""), printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS


def test_force_replaces_the_reports_of_an_earlier_audit(auditor, tmp_path):
    with_out("report.json", "rows.parquet")(tmp_path)
    ended, *_ = auditor("run", *IN, "--out", "out", "--force")
    assert ended == 0
    assert "of an earlier audit" not in (tmp_path / "out" / "report.json").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet", "out"}


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], []])
def test_help_is_quick_because_it_imports_nothing_heavy(arguments):
    heavy = {"polars", "duckdb", "numpy", "scipy", "sklearn", "cleanlab", "evidently", "pandas", "altair", "pyarrow"}
    code = (
        "import sys\nfrom auditor.cli import main\n"
        f"sys.argv = ['auditor', *{arguments}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', sorted({heavy} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)  # noqa: S603
    assert "Usage" in done.stdout + done.stderr
    assert "loaded: []" in done.stdout


def test_what_was_inferred_is_recorded_and_printed(auditor, tmp_path):
    saved(export(240), tmp_path, "in.csv")
    ended, printed, _ = auditor("run", "in.csv", "--text", "note", "--label", "label", "--out", "out")
    assert ended == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    roles = {choice["role"]: choice for choice in report["run"]["roles"]}
    assert {role: (choice["columns"], choice["given"]) for role, choice in roles.items()} == {
        "text": (["note"], True), "label": (["label"], True), "time": (["day"], False), "id": (["claim"], False),
        "segment": (["payer"], False),
    }  # fmt: skip
    for column in ("day", "claim", "payer"):
        assert re.search(rf"\b{column}\b", printed), column


def test_a_pdf_without_a_browser_is_refused_before_the_audit(auditor, tmp_path, monkeypatch):
    saved(export(60), tmp_path, "in.parquet")
    monkeypatch.setenv("PATH", str(tmp_path))
    before = tree(tmp_path)
    code, printed, complaint = auditor("run", "in.parquet", *GIVEN, "--out", "out", "--pdf")
    assert (code, printed) == (2, "")
    assert "--pdf needs a browser" in complaint
    assert tree(tmp_path) == before


def test_a_ctrl_c_after_the_end_changes_nothing():
    late = "import atexit, os, signal; atexit.register(os.kill, os.getpid(), signal.SIGINT); "
    command = [sys.executable, "-c", f"{late}from auditor.__main__ import main; main()", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "raising",
    [
        "class Dropped:\n def __del__(self): raise KeyboardInterrupt\nDropped()\n"
        "import time\nfor _ in range(500): time.sleep(0.01)",
        "exec('raise KeyboardInterrupt')",
        "raise RuntimeError('Query interrupted')",
        "raise RuntimeError('of a class') from KeyboardInterrupt()",
    ],
    ids=["dropped by Python", "in code made of text", "by DuckDB", "in the making of a class"],
)
def test_a_ctrl_c_that_a_library_hides_is_one_all_the_same(raising):
    hidden = f"import auditor.cli\ndef app():\n exec({raising!r})\nauditor.cli.app = app\n"
    command = [sys.executable, "-c", f"{hidden}from auditor.__main__ import main; main()"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (done.returncode, done.stderr) == (130, "Stopped. Nothing was written.\n")
