"""Rows that two readers judge blind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from benchmarks import judged_rows

if TYPE_CHECKING:
    from pathlib import Path

SET = "made"
ROWS = pl.DataFrame(
    {
        "text": [f"text {row}" for row in range(40)],
        "given": ["right" if row % 4 else "wrong" for row in range(40)],
        "other": ["wrong" if row % 4 else "right" for row in range(40)],
        "accused": [row % 2 == 0 for row in range(40)],
        "stands_for": [1.0 if row % 2 == 0 else 9.0 for row in range(40)],
    }
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(judged_rows, "SHEETS", tmp_path)
    made = tmp_path / SET
    made.mkdir()
    ROWS.write_parquet(made / "key.parquet")
    for reader in judged_rows.READERS:
        (made / f"{reader}.txt").write_text(judged_rows._sheet(ROWS, reader), "utf-8")
    return made


def answer(folder: Path, reader: str) -> None:
    """As somebody who sees the sheet alone and takes the name that is right."""
    answers = []
    for shown in (folder / f"{reader}.txt").read_text("utf-8").split("\n\n"):
        number, _, a, _ = shown.strip().split("\n")
        answers.append(f"{number.strip('[]')}: {'a' if a == 'a: right' else 'b'}")
    (folder / f"{reader}_answers.txt").write_text("\n".join(answers), "utf-8")


def test_a_reader_who_sees_the_sheet_alone_finds_the_wrong_labels(folder: Path) -> None:
    for reader in judged_rows.READERS:
        answer(folder, reader)
    said = pl.DataFrame(list(judged_rows._said(SET)))
    told = ["other" if given == "wrong" else "given" for given in ROWS["given"]]
    assert said["first"].to_list() == said["second"].to_list() == told
    # Half of the accused rows, which are a tenth of all, and none of the others.
    assert judged_rows._rate(said, 2).value == pytest.approx(0.05)


def test_the_two_sheets_differ_in_the_order_of_rows_and_names(folder: Path) -> None:
    first, second = ((folder / f"{reader}.txt").read_text("utf-8") for reader in judged_rows.READERS)
    assert first != second
    assert 0 < first.count("a: right") < len(ROWS)


def test_an_answer_that_is_missing_or_none_of_four_is_refused(folder: Path) -> None:
    for reader in judged_rows.READERS:
        answer(folder, reader)
    (folder / "second_answers.txt").write_text("1: a\n2: perhaps\n", "utf-8")
    with pytest.raises(ValueError, match="second reader"):
        list(judged_rows._said(SET))
