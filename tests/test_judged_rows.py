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


@pytest.mark.parametrize(
    "said",
    [
        ["a"] * 39,
        [*["a"] * 39, "perhaps"],
        ["a"] * 41,
    ],
    ids=["missing", "none of four", "one too many"],
)
def test_answers_that_are_not_one_of_four_for_each_row_are_refused(folder: Path, said: list[str]) -> None:
    for reader in judged_rows.READERS:
        answer(folder, reader)
    told = [f"{number}: {each}" for number, each in enumerate(said, 1)]
    (folder / "second_answers.txt").write_text("\n".join(told), "utf-8")
    with pytest.raises(ValueError, match="second reader"):
        list(judged_rows._said(SET))


def test_a_row_that_is_answered_twice_is_refused(folder: Path) -> None:
    for reader in judged_rows.READERS:
        answer(folder, reader)
    with (folder / "first_answers.txt").open("a", encoding="utf-8") as file:
        file.write("\n1: a\n")
    with pytest.raises(ValueError, match="first reader"):
        list(judged_rows._said(SET))
