"""Real exports, cut down to some thousand rows: every audit ends, and says what it cannot know."""

from __future__ import annotations

import json

import duckdb
import pytest

from auditor.api import audit, write
from auditor.config import Config
from tests.conftest import real_data

pytestmark = pytest.mark.slow

IMR_TEXT = ("Diagnosis Category", "Diagnosis Sub Category", "Treatment Category", "Treatment Sub Category", "Type")
CASES = [
    ("banking77.parquet", "TRUE", {"text": ("text",), "label": "label"}),
    ("clinc150.parquet", "TRUE", {"text": ("text",), "label": "label"}),
    ("noisyag_news.parquet", "split = 'train'", {"text": ("text",), "label": "label"}),
    ("cfpb.parquet", "TRUE", {"text": ("narrative",), "label": "product", "time": "date"}),
    ("imr_ca.csv", "TRUE", {"text": IMR_TEXT, "label": "Determination", "time": "Report Year"}),
    ("nvd_cwe_2008_2018.parquet", "TRUE", {"text": ("description",), "label": "cwe", "time": "published"}),
]
ROWS = 3_000


@pytest.fixture(scope="module", params=CASES, ids=[name for name, *_ in CASES])
def audited(request, tmp_path_factory):
    name, where, roles = request.param
    folder = tmp_path_factory.mktemp("real")
    part = folder / name
    read = "read_csv" if part.suffix == ".csv" else "read_parquet"
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT * FROM (SELECT * FROM {read}('{real_data(name)}') WHERE {where}) "
            f"USING SAMPLE reservoir({ROWS} ROWS) REPEATABLE (7)) TO '{part}'"
        )
    result, rows = audit(Config(export=str(part), **roles))
    write(result, rows, folder / "out", force=False)
    return roles, json.loads((folder / "out" / "report.json").read_text(encoding="utf-8")), rows


def test_every_check_ends(audited):
    roles, report, _ = audited
    outcomes = {check["code"]: check["outcome"] for check in report["checks"]}
    assert not {code for code, outcome in outcomes.items() if outcome in {"errored", "skipped"}}
    timed = {"STA001", "STA002", "STA003", "STA004", "STA005", "BEN002"}
    for code in timed:
        assert (outcomes[code] == "not_applicable") == ("time" not in roles), code


def test_every_row_has_its_line(audited):
    _, report, rows = audited
    assert len(rows) == report["run"]["intake"]["rows_read"] > 2_500
    assert rows["suggested_label"].is_not_null().sum() == report["run"]["intake"]["rows_used"]


def test_what_needs_a_missing_role_is_unknown(audited):
    roles, report, _ = audited
    gates = {gate["id"]: gate["status"] for gate in report["gates"]}
    assert "time" in roles or gates["stability"] == "unknown"
    # How many labels are wrong at most only a fresh sheet tells.
    assert gates["labels"] != "pass"
    if not any(choice["role"] in {"segment", "annotator"} for choice in report["run"]["roles"]):
        assert gates["patterns"] != "pass"
    if "time" not in roles:
        assert report["verdict"]["decision"] != "fine_tune"
        assert any(action["gate"] == "stability" for action in report["verdict"]["would_change"])
        assert not {"accuracy_in_6_months", "churned_volume_share"} & set(report["estimates"])
