"""Whatever terminal the audit meets, and whatever a column is called: the same exit code, the same files."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.output import sturdy
from auditor.progress import json_stages
from tests.exports import export, saved
from tests.test_outputs import ENVIRONMENT, MAIN, OUTPUTS

# Markup of the terminal and of Markdown, a colour, a return to the start of the line, and text that runs backwards.
HOSTILE = "[/bold]\x1b[31m\r\u202e|**x**"
# The terminal says which columns were guessed.
GUESSED = "claim [/bold]\x1b[31m"
RAW = ("\x1b[31m", "\x1b", "\r", "\u202e")
COLUMNS = ["--text", "note", "--label", "label", "--segment", HOSTILE, "--config", "audit.toml", "--verbose"]
# Enough to show names, and quick.
CHECKS = 'select = ["VOL002", "LAB001", "LAB003", "PAT006"]'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny export whose segment and id have hostile names, and hostile labels."""
    folder = tmp_path_factory.mktemp("terminal")
    classes = ("billing\x1b[31m", "[/red]cover\u202e", "records")
    saved(export(60, classes=classes).rename({"payer": HOSTILE, "claim": GUESSED}), folder, "in.parquet")
    (folder / "audit.toml").write_text(CHECKS)
    return folder


def audit(folder, out, environment=None, prefix=(), **streams):
    command = [*prefix, sys.executable, "-c", MAIN, "run", "in.parquet", *COLUMNS, "--out", out]
    given = ENVIRONMENT | (environment or {})
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(command, cwd=folder, env=given, check=False, **streams)  # noqa: S603


def report(folder, out):
    assert {path.name for path in (folder / out).iterdir()} == OUTPUTS
    read = json.loads((folder / out / "report.json").read_text(encoding="utf-8"))
    for timed in (read["run"], *read["checks"]):
        timed.pop("seconds")
    for own in ("id", "time"):
        read["run"].pop(own)
    read["effective_config"].pop("out")
    return read


@pytest.fixture(scope="module")
def usual(folder):
    """The report as a terminal of UTF-8 gets it, and what that prints."""
    done = audit(folder, "usual", {"PYTHONIOENCODING": "utf-8"})
    assert (done.returncode, done.stderr) == (0, b"")
    return report(folder, "usual"), done.stdout.decode("utf-8")


def test_a_hostile_name_is_printed_and_commands_nothing(usual):
    _, printed = usual
    assert "[/bold]" in printed
    assert not [raw for raw in RAW if raw in printed]


@pytest.mark.slow
def test_quiet_prints_the_answer_and_the_path_alone(folder, usual):
    command = [sys.executable, "-c", MAIN, "run", "in.parquet", *COLUMNS[:-1], "--out", "quiet", "--quiet"]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True)  # noqa: S603
    answer, path = done.stdout.splitlines()
    assert (answer in usual[1], path, done.stderr) == (True, "Report: quiet/report.html", "")


def test_a_hostile_name_is_text_in_markdown(folder, usual):
    text = (folder / "usual" / "report.md").read_text(encoding="utf-8")
    assert not [raw for raw in RAW if raw in text]
    assert not [raw for raw in (HOSTILE, "|**x**", "[/bold]", "[/red]") if raw in text]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "environment"), [("cp1252", {"TERM": "dumb", "COLUMNS": "40"}), ("ascii", {"NO_COLOR": "1"})]
)
def test_no_alphabet_of_a_terminal_costs_the_audit(folder, usual, encoding, environment):
    done = audit(folder, encoding, environment | {"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    assert report(folder, encoding) == usual[0]
    printed = done.stdout.decode(encoding)
    assert "Reading the export" in printed
    assert f"{encoding}/report.html" in printed


@pytest.mark.slow
@pytest.mark.parametrize("streams", ["closed", "full"])
def test_an_audit_that_nobody_can_read_is_written_all_the_same(folder, usual, streams):
    if streams == "closed":
        done = audit(folder, streams, prefix=("/bin/sh", "-c", 'exec "$0" "$@" >&- 2>&-'))
    else:
        with open("/dev/full", "w") as full:  # noqa: PTH123
            done = audit(folder, streams, stdout=full, stderr=full)
    assert done.returncode == 0
    assert report(folder, streams) == usual[0]


@pytest.mark.slow
def test_the_progress_of_a_real_terminal_is_harmless(folder, usual):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        running = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", MAIN, "run", "in.parquet", *COLUMNS, "--out", "tty"],
            cwd=folder, env=ENVIRONMENT | {"TERM": "xterm", "PYTHONIOENCODING": "ascii"},
            stdout=terminal, stderr=terminal,
        )  # fmt: skip
    printed = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        printed += part
    os.close(ours)
    assert running.wait() == 0
    assert report(folder, "tty") == usual[0]
    assert b"[/bold]" in printed
    assert b"[/bold]\x1b[31m" not in printed


class Broken(io.StringIO):
    def write(self, text):
        raise OSError(28, "No space left on device")


def test_a_failing_stream_raises_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Broken())
    with sturdy():
        print("lost")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "✓ café – 5 € \N{SNOWMAN}"), ("latin-1", "+ café - 5 ? ?"), ("ascii", "+ cafe - 5 ? ?")],
)
def test_a_stream_spells_what_it_can(monkeypatch, encoding, shown):
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(kept, encoding, write_through=True))
    with sturdy():
        print("✓ café – 5 € \N{SNOWMAN}", end="")
    assert kept.getvalue().decode(encoding) == shown


def test_an_error_that_nobody_foresaw_is_one_sentence_without_its_message(auditor, tmp_path, monkeypatch):
    def crash(*_):
        raise ValueError("the text of a record")

    saved(export(60), tmp_path, "in.parquet")
    monkeypatch.setattr("auditor.batch.read_export", crash)
    code, printed, complaint = auditor("run", "in.parquet", "--text", "note", "--label", "label", "--out", "out")
    assert code == 1
    assert "text of a record" not in printed + complaint
    assert complaint.startswith("auditor failed inside (ValueError in ")
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_in_a_log_it_is_a_line_of_json_too(auditor, tmp_path, monkeypatch):
    def crash(*_):
        raise ValueError("the text of a record")

    saved(export(60), tmp_path, "in.parquet")
    monkeypatch.setattr("auditor.batch.read_export", crash)
    given = ["--text", "note", "--label", "label", "--out", "out", "--log-format", "json"]
    code, printed, complaint = auditor("run", "in.parquet", *given)
    last = json.loads(printed.splitlines()[-1])
    assert (code, complaint, last["event"], last["exit_code"]) == (1, "", "error", 1)
    assert last["message"].startswith("auditor failed inside (ValueError in ")
    assert "text of a record" not in printed


def test_a_log_says_once_a_minute_how_far_a_stage_is(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr("auditor.progress.time.monotonic", lambda: now)
    with json_stages() as hear:
        for second in range(0, 150, 10):
            now = float(second)
            hear(f"Reading · {second} of 150 shards")
        hear("Words")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["stage"], line.get("so_far")) for line in lines] == [
        ("Reading", None), ("Reading", "70 of 150 shards"), ("Reading", "140 of 150 shards"), ("Words", None),
    ]  # fmt: skip


def test_an_interrupted_audit_says_so_and_leaves_nothing(auditor, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    saved(export(60), tmp_path, "in.parquet")
    monkeypatch.setattr("auditor.batch.read_export", interrupt)
    code, _, complaint = auditor("run", "in.parquet", "--text", "note", "--label", "label", "--out", "out")
    assert (code, complaint) == (130, "Stopped. Nothing was written.\n")
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet"}


COMMANDS = {
    "help": ["run", "--help"],
    "explain": ["explain", "LAB001"],
    "plan": ["plan", "in.parquet", *COLUMNS[:-3]],
    "init": ["init", "in.parquet", "--out", "{}.toml"],
    "sheet": ["sheet", "in.parquet", *COLUMNS[:-3], "--rows", "30", "--second", "0", "--out", "{}"],
    "wrong usage": ["run", "nowhere\N{CHECK MARK}.csv"],
}


# Each command in turn; the last line of the file says how each ended.
ALL_COMMANDS = """
import json, sys
from auditor.cli import main
lines, ended = json.loads(sys.argv[1]), sys.argv[2]
codes = []
for line in lines:
    sys.argv = ["auditor", *line]
    try:
        main()
        codes.append(0)
    except SystemExit as end:
        codes.append(end.code or 0)
open(ended, "w").write(json.dumps(codes))
"""


@pytest.fixture(scope="module")
def ended(folder):
    """In UTF-8, in ASCII on 40 columns without a terminal, and to a full disk: exit codes, files, what was printed."""

    def of(name, environment):
        given = ENVIRONMENT | environment
        out = [str(folder / f"{name}-{command}") for command in COMMANDS]
        lines = [
            [part.replace("{}", where) for part in line] for where, line in zip(out, COMMANDS.values(), strict=True)
        ]
        # To a full disk a process ends with the first command, as output is given up for good.
        at_once = [[line] for line in lines] if name == "full" else [lines]
        codes, printed = [], b""
        for number, these in enumerate(at_once):
            told = folder / f"{name}-{number}.json"
            with open("/dev/full" if name == "full" else os.devnull, "w") as nowhere:  # noqa: PTH123
                stream = nowhere if name == "full" else subprocess.PIPE
                command = [sys.executable, "-c", ALL_COMMANDS, json.dumps(these), str(told)]
                done = subprocess.run(command, cwd=folder, env=given, stdout=stream, stderr=stream, check=False)  # noqa: S603
            codes += json.loads(told.read_text())
            printed += b"" if name == "full" else done.stdout + done.stderr
        return codes, [written(Path(each)) for each in out], printed

    alphabets = {
        "utf-8": {"PYTHONIOENCODING": "utf-8"},
        "ascii": {"PYTHONIOENCODING": "ascii", "TERM": "dumb", "COLUMNS": "40", "NO_COLOR": "1", "LC_ALL": "C"},
        "full": {},
    }
    return {name: of(name, environment) for name, environment in alphabets.items()}


def written(out):
    return sorted(path.name for path in out.iterdir()) if out.is_dir() else out.with_suffix(".toml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("alphabet", ["utf-8", "ascii", "full"])
def test_every_command_prints_to_any_terminal(ended, alphabet):
    """The exit code of the usual one, the same files."""
    codes, files, printed = ended[alphabet]
    assert (codes, files) == ended["utf-8"][:2]
    assert codes == [0, 0, 0, 0, 0, 3]
    assert b"Traceback" not in printed
    assert not [raw for raw in RAW if raw.encode() in printed]
