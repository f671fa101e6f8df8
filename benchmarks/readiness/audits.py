"""What `auditor` knows of the training part of a scenario, kept so that another judge is scored in minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from auditor.batch import load
from auditor.config import Config
from auditor.evidence import Evidence
from auditor.evidence.facts import facts
from auditor.evidence.review import draw
from auditor.inputs.verdicts import Judged, Verdict, Verdicts
from auditor.model import CheckOutcome, Facts
from auditor.runner import run_checks
from benchmarks.readiness.outcomes import repaired
from benchmarks.readiness.scenarios import Built, Scenario
from checks import ALL_CHECKS

REVIEWED = 200
REVIEW = ("LAB005",)


def audited(scenario: Scenario, built: Built, folder: Path) -> dict[str, Any]:
    """One line: the facts, classes by their code, and no text of any record.

    ``reviewed`` are the facts after a review of 200 drawn records, judged by the true labels, and ``mended`` what
    came once the listed rows had their true labels.
    """
    started = process_time()
    columns = ["text", "given", "site", *(["time"] if scenario.dated else [])]
    export = folder / f"train_{scenario.rows}_{abs(hash(scenario.name))}.parquet"
    built.train.select(columns).write_parquet(export)
    settings = Config(
        export=str(export), text=("text",), label="given", time="time" if scenario.dated else None, segment=("site",)
    )
    evidence = Evidence(load(settings), settings.seed, lambda _: None)
    export.unlink()
    known = facts(evidence, {}, {})
    seconds = process_time() - started
    listed = evidence.rows["row_id"].to_numpy()[evidence.label_cost.listed]
    evidence.batch = replace(evidence.batch, verdicts=_verdicts(evidence, built))
    after, estimates = run_checks(ALL_CHECKS, evidence.batch, evidence, settings.horizon, REVIEW)
    reviewed = facts(evidence, _measured(after), estimates)
    codes = {str(name): str(code) for code, name in enumerate(np.unique(built.train["given"].to_numpy()))}
    return {
        "scenario": scenario.name,
        "rows": len(built.train),
        "seconds": round(seconds, 1),
        "facts": _coded(known, codes),
        "reviewed": {name: value for name, value in _coded(reviewed, codes).items() if name in ("labels", "fresh")},
        "mended": repaired(scenario, built, listed),
    }


def _measured(outcomes: Iterable[CheckOutcome]) -> dict[str, float]:
    return {name: value for each in outcomes for name, value in each.measurements.items()}


def _coded(known: Facts, codes: Mapping[str, str]) -> dict[str, Any]:
    by_class = tuple(replace(each, label=codes.get(each.label, "-1")) for each in known.by_class)
    return asdict(replace(known, by_class=by_class))


def _verdicts(evidence: Evidence, built: Built) -> Verdicts:
    """The review that a person who knows the true labels would hand in."""
    drawn = draw(evidence.label_quality.quality, REVIEWED, 0)
    rows = evidence.rows["row_id"].to_numpy()[drawn.rows]
    given, truth = (built.train[name].to_numpy()[rows] for name in ("given", "truth"))
    judged = (
        Judged(
            int(row), int(stratum), Verdict.RIGHT if said == right else Verdict.WRONG, "" if said == right else right
        )
        for row, stratum, said, right in zip(rows, drawn.stratum, given, truth, strict=True)
    )
    return Verdicts(tuple(judged), dict(enumerate(drawn.sizes.tolist())), 0, (), (), ())
