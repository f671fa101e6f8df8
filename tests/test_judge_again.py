"""`auditor judge`: a report at other prices and limits says what an audit at these would have said."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from auditor.api import audit, write
from tests import golden

COST = {"error_cost": 12.0, "monthly_volume": 40_000.0}
# Wider than what the made-up export shows, so that findings fall within; and narrower.
WIDER, NARROWER = {"conflict_rate": 0.5, "label_noise_rate": (0.6, 0.9)}, {"conflict_rate": (0.01, 0.02)}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return golden.made_up(tmp_path_factory.mktemp("made_up"))


@pytest.fixture(scope="module")
def run(settings, tmp_path_factory):
    """The folder of a run at its own prices."""
    folder = tmp_path_factory.mktemp("run") / "first"
    write(*audit(settings), folder, force=False)
    return folder


def toml(folder, **sections):
    path = folder / "audit.toml"
    lines = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def report_in(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def told(report):
    """Without what names the run: which one it was, when, and how long it took."""
    run = {key: value for key, value in report["run"].items() if key not in {"id", "time", "config_hash", "seconds"}}
    checks = [{key: value for key, value in check.items() if key != "seconds"} for check in report["checks"]]
    return report | {"run": run, "checks": checks}


def drawn_less(page):
    # Drawings use more digits than the contract keeps.
    return re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def test_at_the_same_prices_it_says_the_same_to_the_letter(auditor, run, tmp_path):
    code, _, _ = auditor("judge", run, "--config", toml(tmp_path), "--out", "again")
    assert code == 0
    assert report_in(tmp_path / "again") == report_in(run)
    for name in ("report.md", "rows.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes()
    pages = [drawn_less((folder / "report.html").read_text("utf-8")) for folder in (run, tmp_path / "again")]
    assert pages[0] == pages[1]


@pytest.mark.slow
def test_at_other_prices_and_limits_it_says_what_an_audit_at_these_says(auditor, settings, run, tmp_path):
    write(*audit(replace(settings, cost=COST, limits=WIDER)), tmp_path / "whole", force=False)
    code, printed, _ = auditor("judge", run, "--config", toml(tmp_path, cost=COST, limits=WIDER), "--out", "again")
    again = report_in(tmp_path / "again")
    assert code == 0
    assert again["verdict"]["headline"] in printed
    assert again["valuation"] != report_in(run)["valuation"]
    assert again["run"]["config_hash"] != report_in(run)["run"]["config_hash"]
    assert told(again) == told(report_in(tmp_path / "whole"))


def test_a_narrower_limit_turns_its_gate(auditor, run, tmp_path):
    def labels(folder):
        return next(gate for gate in report_in(folder)["gates"] if gate["id"] == "labels")["status"]

    auditor("judge", run, "--config", toml(tmp_path, limits=WIDER), "--out", "wider")
    auditor("judge", run, "--config", toml(tmp_path, limits=NARROWER), "--out", "narrower")
    assert (labels(tmp_path / "wider"), labels(tmp_path / "narrower")) == ("unknown", "fail")


def test_it_writes_beside_the_run_and_replaces_nothing_unasked(auditor, run, tmp_path):
    moved = tmp_path / "mine"
    write_copy(run, moved)
    settings = toml(tmp_path, cost=COST)
    assert auditor("judge", moved / "report.json", "--config", settings)[0] == 0
    assert report_in(tmp_path / "mine-judged")["effective_config"]["cost"] == COST
    code, _, complaint = auditor("judge", moved, "--config", settings)
    assert (code, "mine-judged' exists" in complaint) == (2, True)
    assert auditor("judge", moved, "--config", settings, "--force")[0] == 0


def write_copy(run, folder):
    """The report alone: a run that was handed on without its rows."""
    folder.mkdir()
    (folder / "report.json").write_bytes((run / "report.json").read_bytes())


@pytest.mark.parametrize(
    ("change", "code", "complaint"),
    [
        (lambda _: "{", 3, "no report"),
        (lambda _: "[]", 3, "no report"),
        (lambda _: "[" * 100_000, 3, "no report"),
        (lambda report: json.dumps(report | {"run": report["run"] | {"tool_version": None}}), 3, "no report"),
        (lambda report: json.dumps(report | {"run": report["run"] | {"source": 7}}), 3, "no report"),
        (lambda report: json.dumps(report | {"facts": None}), 3, "no facts to judge"),
        (
            lambda report: json.dumps({key: report[key] for key in report if key != "facts"}),
            3,
            "Audit its export again",
        ),
        (lambda report: json.dumps(report | {"schema_version": "1.4"}), 3, "older auditor"),
        (lambda report: json.dumps(report | {"schema_version": "3.0"}), 3, "newer auditor"),
        (lambda report: json.dumps(report | {"facts": {"rows": "many"}}), 3, "Audit its export again"),
    ],
)
def test_what_is_no_report_is_one_sentence(auditor, run, tmp_path, change, code, complaint):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "report.json").write_text(change(report_in(run)), encoding="utf-8")
    found, _, said = auditor("judge", broken, "--config", toml(tmp_path, cost=COST))
    assert (found, complaint in said, said.count("\n")) == (code, True, 1)
    assert not (tmp_path / "broken-judged").exists()


def test_where_the_next_audit_is_written_to_is_no_other_reading(auditor, run, tmp_path):
    (tmp_path / "audit.toml").write_text('junit = "gates.xml"\nhistory = "kept"\nfail_on = "caution"', encoding="utf-8")
    assert auditor("judge", run, "--config", "audit.toml", "--out", "again")[0] == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('label = "another"', "'label' differs from that of the audit"),
        ("horizon = 12", "'horizon' differs from that of the audit"),
        ("[cost]\nerror_cost = 0", "must be above 0"),
        ("[limits]\nconflict_rat = 0.1", "conflict_rate"),
    ],
)
def test_only_prices_and_limits_can_change(auditor, run, tmp_path, text, complaint):
    (tmp_path / "audit.toml").write_text(text, encoding="utf-8")
    code, _, said = auditor("judge", run, "--config", "audit.toml", "--out", "again")
    assert (code, complaint in said) == (2, True)
    assert not (tmp_path / "again").exists()
