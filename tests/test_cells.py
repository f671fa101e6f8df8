"""What a spreadsheet would run is written as text, and read back as it was."""

from __future__ import annotations

import polars as pl
import pytest

from auditor.cells import all_defused, all_plain, defused, plain

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "'=1",
    "''=1",
    "＝1",
    "－1",
    '=cmd|"/c calc"!A0',
)
TEXTS = ("", "a", "'a", "a=1", "1-2", "' '", "café")


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text(cell):
    assert defused(cell) == f"'{cell}"
    assert plain(defused(cell)) == cell


@pytest.mark.parametrize("cell", TEXTS)
def test_text_stays_as_it_is(cell):
    assert defused(cell) == plain(cell) == cell


def test_a_frame_is_written_and_read_as_its_cells_are():
    frame = pl.DataFrame({"cell": [*FORMULAS, *TEXTS, None], "number": [-1.0] * (len(FORMULAS) + len(TEXTS) + 1)})
    written = all_defused(frame)
    assert written["cell"].to_list() == [cell and defused(cell) for cell in frame["cell"]]
    assert all_plain(written).equals(frame)
    assert all_plain(frame)["cell"].to_list() == [cell and plain(cell) for cell in frame["cell"]]
