"""What some audits say, to the last digit: `python -m tests.golden [NAME ...]` writes it anew to ``tests/golden``.

A commit that moves code changes none of it. One that moves figures writes it anew, and its diff shows what moved.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl
from threadpoolctl import threadpool_info

from auditor.api import audit
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.governance import QUESTIONS
from auditor.model import AuditResult
from benchmarks.data import folder as data_folder
from reports import OUTPUTS
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


def banking77(folder: Path) -> Config:
    """Every fourth of 13,083 real questions."""
    rows = pl.read_parquet(data_folder() / "banking77.parquet").gather_every(4)
    return Config(export=saved(rows, folder), text=("text",), label="label")


AUDITS = {"sample": sample, "made_up": made_up}
REAL = {"banking77": banking77}


def said_of(config: Config) -> Said:
    with one_blas_thread():
        return said(audit(config)[0])


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
    """Runs the audits that the command names, or all, and writes what they say."""
    makers = {**AUDITS, **REAL}
    for name in sys.argv[1:] or makers:
        with tempfile.TemporaryDirectory() as folder:
            found = said_of(makers[name](Path(folder)))
        write(name, without_names(found) if name in REAL else found)
        print(FOLDER / f"{name}.json")


if __name__ == "__main__":
    main()
