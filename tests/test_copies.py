"""Records that stand in an export more than once."""

from __future__ import annotations

import polars as pl
import pytest

from auditor.api import audit
from auditor.config import Config
from auditor.inputs.copies import copies
from auditor.keys import digests, row_keys
from tests.exports import ROLES, export, saved

ROWS = [f"record {number}" for number in range(40)]
NAMED = [f"r{number}" for number in range(40)]


def kept(ids, texts):
    """The rows that are read, and what is said of the others."""
    bare, of = pl.DataFrame({"text": texts, "label": "late"}), pl.Series("id", ids, dtype=pl.String)
    keys = pl.Series(row_keys(bare.with_columns(of)))
    copy, said = copies(of, keys, bare.select("label", text_key=pl.Series(digests(bare["text"]))))
    return [row for row, again in enumerate(copy) if not again], [notice.text for notice in said]


@pytest.mark.parametrize(
    ("ids", "texts", "rows", "said"),
    [
        pytest.param(NAMED, ROWS, range(40), None, id="nothing twice"),
        pytest.param([*NAMED, "r7"], [*ROWS, "record 7"], range(40), "1 of the rows repeat", id="one record twice"),
        pytest.param([*NAMED, "r7"], [*ROWS, "other"], range(41), None, id="one id, two texts"),
        pytest.param([*NAMED, "s7"], [*ROWS, "record 7"], range(41), None, id="one text, two ids"),
        pytest.param(NAMED * 2, ROWS * 2, range(40), "40 of the rows repeat", id="a file loaded twice"),
        pytest.param([f"{i}-2" for i in NAMED] + NAMED, ROWS * 2, range(40, 80), "twice, alike", id="under new ids"),
        pytest.param([None] * 120, ROWS * 3, range(40), "3 times, alike", id="no ids"),
        pytest.param([None] * 79, (ROWS * 2)[:-1], range(40), "twice, alike", id="but for one"),
        pytest.param([None] * 60, (ROWS * 2)[:60], range(60), None, id="half of them twice"),
        pytest.param([None] * 30, ROWS[:15] * 2, range(30), None, id="too few to tell"),
    ],
)
def test_a_record_is_read_once(ids, texts, rows, said):
    found, notices = kept(ids, texts)
    assert found == list(rows)
    assert [said in text for text in notices] == [True] * (said is not None)


def test_natural_repeats_stay_in_their_proportion():
    found, _ = kept([None] * 90, [*ROWS, *["record 0"] * 5] * 2)
    assert len(found) == 45


@pytest.mark.slow
def test_figures_of_an_export_that_was_doubled_are_those_of_the_export(tmp_path):
    once = export(240)
    twice = pl.concat([once.with_columns(pl.col("claim") + "-again"), once])

    def figures(frame):
        result, _ = audit(Config(export=saved(frame, tmp_path, "export.csv"), **ROLES))
        return result.run.intake.copies, result.estimates, [gate.status for gate in result.gates]

    assert figures(twice) == (240, *figures(once)[1:])
