"""Whatever the export: a report, or one clear sentence with the right exit code; and each export that ever failed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import warnings
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from auditor.api import audit, write
from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError, InputError
from reports import OUTPUTS
from tests.exports import export
from tests.odd_tables import CANARY, Export, exports
from tests.test_outputs import ENVIRONMENT, MAIN

# No deadline, as machines differ; no shrinking of bytes, as a failing export is printed whole.
HARDLY = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


def sentence_of(odd: Export, folder: Path, run) -> str | None:
    """What the error says that ``run`` ends in, None where it ends in none. Nothing else may be raised or warned."""
    path = odd.at(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run(Config(export=str(path), **odd.options))
    except (ConfigError, InputError) as error:
        return str(error)
    return None


def is_a_sentence(said: str | None) -> bool:
    return said is None or (said.endswith((".", "?")) and CANARY not in said)


@pytest.mark.slow
@settings(HARDLY, max_examples=1000)
@given(odd=exports())
def test_whatever_stands_in_a_file_is_read_or_refused_in_a_sentence(tmp_path_factory, capfd, odd):
    said = sentence_of(odd, tmp_path_factory.mktemp("odd"), load)
    assert is_a_sentence(said), said
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@settings(HARDLY, max_examples=150)
@given(odd=exports(most_rows=80))
def test_whatever_can_be_read_is_audited_without_a_failure_inside(tmp_path_factory, capfd, odd):
    folder = tmp_path_factory.mktemp("odd")

    def audited(config: Config) -> None:
        result, rows = audit(config)
        write(result, rows, folder / "out", force=False)
        assert [check.reason for check in result.checks if check.outcome == "errored"] == []
        assert [notice.text for notice in result.run.intake.notices if "broke inside" in notice.text] == []
        assert {path.name for path in (folder / "out").iterdir()} == {*OUTPUTS, "rows.parquet"}

    said = sentence_of(odd, folder, audited)
    assert is_a_sentence(said), said
    assert (folder / "out").exists() == (said is None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@settings(HARDLY, max_examples=30)
@given(odd=exports(most_rows=80))
def test_the_command_ends_in_a_report_or_a_sentence_and_leaves_nothing_else(tmp_path_factory, odd):
    folder = tmp_path_factory.mktemp("odd")
    path = odd.at(folder)
    options = [
        part
        for role, names in odd.options.items()
        for name in ([names] if isinstance(names, str) else names)
        for part in (f"--{role}", name.replace("\0", "").encode("utf-8", "replace").decode())
    ]
    ran = subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-c", MAIN, "run", str(path), *options, "--out", str(folder / "out")],
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    said = ran.stderr.decode()
    assert ran.returncode in (0, 2, 3), said
    assert "Traceback" not in said
    assert CANARY not in said
    assert {each.name for each in folder.iterdir()} == {path.name} | ({"out"} if ran.returncode == 0 else set())
    if ran.returncode == 0:
        assert said == ""
        assert {each.name for each in (folder / "out").iterdir()} == {*OUTPUTS, "rows.parquet"}


def arrow(frame: pl.DataFrame, **changes: pa.Array) -> bytes:
    """An Arrow file of plain records, whose columns of ``changes`` are what they are without being checked."""
    table = frame.to_arrow()
    for name, values in changes.items():
        table = table.set_column(table.column_names.index(name), name, values)
    stream = io.BytesIO()
    with pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


def offsets_beyond_the_end() -> bytes:
    """The text of the second record starts where no memory is."""
    frame = export(40)
    offsets = pa.array([0, 2**30, *range(2, 41)], pa.int32()).buffers()[1]
    notes = pa.StringArray.from_buffers(40, offsets, pa.py_buffer(b"a" * 40))
    return arrow(frame, note=notes)


def no_columns() -> bytes:
    stream = io.BytesIO()
    with pa.ipc.new_file(stream, pa.schema([])):
        pass
    return stream.getvalue()


def name_of_bytes() -> bytes:
    return arrow(export(40).rename({"note": "nöte"})).replace("nöte".encode(), b"n\xffote")


def lines(*records: dict[str, object]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def labelled(label: str, rows: int = 40) -> list[dict[str, object]]:
    return [{"note": note, "label": label if row % 2 else "plain"} for row, note in enumerate(export(rows)["note"])]


def of_a_tool() -> bytes:
    """Chats whose first answer spells half of a surrogate pair."""
    said = [{"messages": [{"role": "user", "content": note}, {"role": "assistant", "content": "a" if row % 2 else "b"}]}
            for row, note in enumerate(export(40)["note"])]  # fmt: skip
    said[0]["messages"][0]["content"] += " \ud800"
    return lines(*said)


def with_a_blank_in_a_name() -> bytes:
    return lines(*({" odd ": {"a": 1} if row % 3 else row, **each} for row, each in enumerate(labelled("b"))))


NOTED = {"text": ("note",), "label": "label"}
ONCE_FAILED = {
    "Arrow, offsets beyond the end": Export("export.arrow", offsets_beyond_the_end(), NOTED),
    "Arrow, no columns": Export("export.arrow", no_columns(), {}),
    "Arrow, a name that is no UTF-8": Export("export.arrow", name_of_bytes(), {}),
    "labels as lists, half of a pair": Export("export.jsonl", lines(*labelled('["\\ud800", "b"]')), NOTED),
    "labels as lists, nested deeply": Export("export.jsonl", lines(*labelled("[" * 9000 + "]" * 9000)), NOTED),
    "labels as lists, odd escapes": Export("export.jsonl", lines(*labelled(r"['\d', 'b']")), NOTED),
    "nothing but blanks of other alphabets": Export("export.csv", "\u2003\u2003\n\x85\n".encode(), {}),
    "a tool's answers, half of a pair": Export("export.jsonl", of_a_tool(), {}),
    "objects among values, a blank in the name": Export("export.jsonl", with_a_blank_in_a_name(), NOTED),
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE_FAILED)
def test_what_once_failed_is_read_or_refused_in_a_sentence(tmp_path, name):
    assert is_a_sentence(sentence_of(ONCE_FAILED[name], tmp_path, load))
