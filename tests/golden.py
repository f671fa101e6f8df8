"""What some audits say, to the last digit: `python -m tests.golden [NAME ...]` writes it anew to ``tests/golden``.

A commit that moves code changes none of it. One that moves figures writes it anew, and its diff shows what moved. The
reports of two audits are kept as well (``reports``), and what these come to at other prices and limits (``judged``).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl
from threadpoolctl import threadpool_info

from auditor.api import audit
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.gate_limits import GATE_LIMITS
from auditor.governance import QUESTIONS
from auditor.inputs.labels import record_digest
from auditor.limits import with_overrides
from auditor.model import AuditResult
from auditor.model import Said as Sentence
from auditor.verdict import judged_again
from benchmarks.data import folder as data_folder
from checks import ALL_CHECKS
from reports import OUTPUTS, text
from reports.from_json import from_json
from sample_data import generate
from tests.exports import CLASSES, ROLES, answered, export, labelled, saved, twice_labelled
from tests.sheets import filled

FOLDER = Path(__file__).parent / "golden"
SAMPLE_ROLES = {
    "text": ("note",),
    "label": "category",
    "time": "denied_on",
    "id": "claim_id",
    "segment": ("payer", "facility"),
    "annotator": "coder",
}
# The smallest habit that is planted has eight rows or more from about here on.
SAMPLE_ROWS = 8_000
MADE_UP_ROWS = 1_200
AGAIN = 0.2
# A move of code changes nothing. Rows in another order, in other files or on other threads change nothing that anybody
# sees. Another processor's last bits differ (measured: 3e-7), and there a record between two classes may change sides.
MOVED, ALIKE, ELSEWHERE = 1e-9, 1e-6, 1e-3
DIGITS = 12


@dataclass(frozen=True)
class Said:
    """``figures`` by name, ``words`` by what says them, each as a JSON file holds them."""

    figures: dict[str, float]
    words: dict[str, Any]


def said(result: AuditResult) -> Said:
    """Every figure that an audit states as it was computed, and its outcomes and sentences."""
    report = json.loads(OUTPUTS["report.json"](result))
    words = {
        "verdict": {key: report["verdict"][key] for key in ("decision", "headline", "reasons", "conditions")},
        "gates": {gate["id"]: [gate["status"], gate["summary"]] for gate in report["gates"]},
        "checks": {check["code"]: _words(check) for check in report["checks"]},
    }
    return Said({name: _short(value) for name, value in _figures(result)}, words)


def _figures(result: AuditResult) -> Iterator[tuple[str, float]]:
    for name, estimate in sorted(result.estimates.items()):
        ends = ((end, getattr(estimate, end)) for end in ("value", "low", "high"))
        yield from ((f"{name} {end}", value) for end, value in ends if value is not None)
    for check in result.checks:
        yield from ((f"{check.code} {name}", value) for name, value in sorted(check.measurements.items()))
    for point in result.learning_curve.measured if result.learning_curve else ():
        yield f"accuracy of {point.rows} rows", point.accuracy


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _words(check: dict[str, Any]) -> list[str]:
    return [check["outcome"], *([check["reason"]] if check["reason"] else []), *map(_sentence, check["findings"])]


def _sentence(finding: dict[str, Any]) -> str:
    return f"{finding['severity']}: {finding['message']} {finding['remedy']}"


def made_up(folder: Path, *, sheet: bool = True) -> Config:
    """An export in ``folder`` with everything that a check asks for: label dates, two annotators an item, a taxonomy,
    two runs of a prompted system, and a sheet that two people filled.
    """
    plant = (
        {"do": "flip", "where": {"share": 0.06}},
        {"do": "set", "column": "label", "value": "coverage", "where": {"label": "records", "payer": "north"}},
        {"do": "append", "text": "CO97", "where": {"label": "billing", "share": 0.5}},
        {"do": "set", "column": "day", "where": {"share": 0.02}},
        {"do": "same_text", "where": {"rows": 12}},
        {"do": "append", "text": "call 555-0142", "where": {"share": 0.02}},
    )
    frame = labelled(export(MADE_UP_ROWS, own_words=2, plant=plant), 20, early=0.05)
    frame = answered(twice_labelled(frame, AGAIN, 0.2), 0.8, again=0.7)
    truth = export(MADE_UP_ROWS, own_words=2)["label"].to_list()
    truth += truth[: round(AGAIN * MADE_UP_ROWS)]
    entries = [
        {
            "label": name,
            "definition": "What it says" * (name != "records"),
            "active_from": "2022-06-01",
            "active_to": "",
        }
        for name in CLASSES[1:]
    ]
    return Config(
        export=saved(frame, folder),
        **ROLES,
        annotator="who",
        label_time="labelled",
        prediction="answer",
        prediction_run=("answer again",),
        taxonomy=saved(pl.DataFrame(entries), folder, "taxonomy.csv"),
        sheet=filled(frame, truth, folder, apart=0.2) if sheet else None,
        governance=dict.fromkeys(list(QUESTIONS)[::2], "as agreed"),
    )


def sample(folder: Path) -> Config:
    """8,000 rows of the sample with every defect."""
    generate.write(generate.make(SAMPLE_ROWS, seed=7), folder)
    return Config(export=str(folder / "denials.parquet"), **SAMPLE_ROLES)


def tried(folder: Path) -> Config:
    """An undated export in ``folder`` with wrong labels at random and the answers of a trial on a fifth of its rows;
    its settings ignore a check and say how severe another is.
    """
    frame = export(900, own_words=2, plant=({"do": "flip", "where": {"share": 0.15}},))
    roles = {role: column for role, column in ROLES.items() if role != "time"}
    config = Config(
        export=saved(frame, folder),
        **roles,
        ignore=({"check": "LAB003", "reason": "both names are right"},),
        severity={"VOL001": "info"},
    )
    asked = frame.with_row_index("row_id").tail(180)
    wrong = pl.lit("none")
    answers = asked.select(
        "row_id",
        record_id="claim",
        record=pl.Series([record_digest(*each) for each in asked.select("note", "label").iter_rows()]),
        tuned=pl.when(pl.col("row_id") % 10 < 8).then("label").otherwise(wrong),
        ordinary=pl.when(pl.col("row_id") % 10 < 7).then("label").otherwise(wrong),
        part=pl.lit("random"),
    )
    answers.write_csv(folder / "answers.csv")
    told = {"rows": 400, "encoder_weights": 22_000_000, "ended": "planned", "epoch": 3}
    fingerprint = load(config).source.fingerprint
    (folder / "trial.json").write_text(json.dumps(told | {"data_fingerprint": fingerprint}), encoding="utf-8")
    return replace(config, trial=str(folder / "trial.json"))


def banking77(folder: Path) -> Config:
    """Every fourth of 13,083 real questions."""
    rows = pl.read_parquet(data_folder() / "banking77.parquet").gather_every(4)
    return Config(export=saved(rows, folder), text=("text",), label="label")


AUDITS = {"sample": sample, "made_up": made_up}
REAL = {"banking77": banking77}
REPORTS = {"made_up": made_up, "tried": tried}
# Each: the report, and the prices and limits that it is judged by again.
JUDGED = {
    "as audited": ("made_up", {}, {}),
    "at stake": (
        "made_up",
        {"error_cost": 12.0, "monthly_volume": 40_000.0, "handling_price": 0.4, "months": 12.0, "hosting_price": 0.05},
        {"conflict_rate": 0.5, "label_noise_rate": (0.6, 0.9)},
    ),
    "dear reading": ("made_up", {"monthly_volume": 3e6, "error_cost": 1.0, "review_price": 300.0}, {}),
    "cheap errors": (
        "tried",
        {"monthly_volume": 3e6, "error_cost": 0.05, "review_price": 3000.0, "retraining_every_months": 3.0},
        {},
    ),
    "no error cost": ("tried", {"monthly_volume": 20_000.0}, {"label_noise_rate": (0.01, 0.02)}),
}


def said_of(config: Config) -> Said:
    with one_blas_thread():
        return said(audit(config)[0])


def report_at(name: str) -> Path:
    return FOLDER / f"{name}_report.json"


def write_report(name: str) -> None:
    """The report that is kept of the audit ``name``, without what differs from run to run."""
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        result, _ = audit(REPORTS[name](Path(folder)))
    run = replace(result.run, id=name, time=datetime(2026, 11, 28, tzinfo=UTC), seconds={})
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    report = json.loads(OUTPUTS["report.json"](replace(result, run=run, checks=checks)))
    paths = {"export": "", "sheet": "", "taxonomy": "", "trial": ""}
    settings = {key: paths.get(key, value) if value else value for key, value in report["effective_config"].items()}
    line = json.dumps(report | {"effective_config": settings}, ensure_ascii=False)
    report_at(name).write_text(line + "\n", encoding="utf-8")


def judged(settings: str) -> AuditResult:
    """The kept report under the ``settings`` of that name."""
    name, cost, limits = JUDGED[settings]
    templates = {(check.code, each.id): each for check in ALL_CHECKS for each in check.templates}
    before = from_json(json.loads(report_at(name).read_text(encoding="utf-8")), templates)
    with one_blas_thread():
        return judged_again(before, with_overrides(GATE_LIMITS, limits), cost)


def said_of_judged() -> Said:
    """All that the judge says, under each of the settings."""
    figures: dict[str, float] = {}
    words: dict[str, Any] = {}
    for settings in JUDGED:
        for name, value in _leaves(settings, _by_the_judge(judged(settings))):
            if type(value) in {int, float}:
                figures[name] = _short(value)
            else:
                words[name] = value
    return Said(figures, words)


def _by_the_judge(result: AuditResult) -> dict[str, Any]:
    assert result.valuation
    assumed = {each.key: [each.value, each.source] for each in result.valuation.assumptions}
    criteria = {each.measurement: each for gate in result.gates for each in gate.criteria}
    return {
        "verdict": result.verdict,
        "gates": {gate.id.value: [gate.status, gate.by_limits, gate.summary] for gate in result.gates},
        "criteria": {name: [each.status, each.counts_as, each.margin] for name, each in criteria.items()},
        "checks": {check.code: [check.outcome, *(each.severity for each in check.findings)] for check in result.checks},
        "estimates": {name: [each.value, each.low, each.high] for name, each in sorted(result.estimates.items())},
        "classes": [[row.route, row.prompt_recall, row.value_a_month, row.pooled] for row in result.classes],
        "valuation": {**vars(result.valuation), "assumptions": assumed},
    }


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    parts: Iterable[tuple[Any, Any]]
    match value:
        case None:
            return
        case Sentence():
            yield name, text.message(value)
            return
        case Mapping():
            parts = value.items()
        case list() | tuple():
            parts = enumerate(value)
        case _ if is_dataclass(value):
            parts = vars(value).items()
        case _:
            yield name, value
            return
    for part, each in parts:
        yield from _leaves(f"{name} {part}", each)


def shuffled(config: Config, folder: Path, files: int) -> Config:
    """The same rows in another order, in so many files in ``folder``."""
    rows = pl.read_parquet(config.export).sample(fraction=1, shuffle=True, seed=5)
    step = -(-len(rows) // files)
    for number in range(files):
        rows.slice(number * step, step).write_parquet(folder / f"part{number}.parquet")
    return replace(config, export=str(folder))


def without_names(found: Said) -> Said:
    """Of real data the sentences, which name its classes, as one digest a check."""
    checks = {
        code: [outcome, len(told), blake2b("\n".join(told).encode(), digest_size=8).hexdigest()]
        for code, (outcome, *told) in found.words["checks"].items()
    }
    return Said(found.figures, found.words | {"checks": checks})


def blas() -> str:
    """The kernels that BLAS chose for this processor: what decides the last bit."""
    pools = (pool for pool in threadpool_info() if pool["user_api"] == "blas")
    return ", ".join(sorted(f"{pool['version']} {pool['architecture']}" for pool in pools))


def written(name: str) -> tuple[str, Said]:
    """The kernels under which the golden file ``name`` was written, and what it holds."""
    held = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return held["blas"], Said(held["figures"], held["words"])


def write(name: str, found: Said) -> None:
    held = {"blas": blas(), "figures": found.figures, "words": found.words}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Runs the audits that the command names, or all, and writes what they say; then judges kept reports again."""
    makers = {**AUDITS, **REAL}
    # What needs real data comes last, so that without it the others are written.
    for name in sys.argv[1:] or (*AUDITS, "reports", "judged", *REAL):
        if name == "reports":
            for report in REPORTS:
                write_report(report)
        elif name == "judged":
            write(name, said_of_judged())
        else:
            with tempfile.TemporaryDirectory() as folder:
                found = said_of(makers[name](Path(folder)))
            write(name, without_names(found) if name in REAL else found)
        print(FOLDER / name)


if __name__ == "__main__":
    main()
