"""What `auditor` knows of the training part of a scenario, kept so that another judge is scored in minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from auditor.batch import load
from auditor.config import Config
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.evidence.facts import FACTS
from auditor.evidence.given import LOTS, ROWS
from auditor.evidence.label_cost import LISTED
from auditor.evidence.linear import LINEAR
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.sheet import draw
from auditor.evidence.sheet_rates import SHEET
from auditor.keys import digest
from auditor.model import Facts
from auditor.plan import steps_for
from auditor.plan.resolver import Resolver
from auditor.sheets.fill import Answer, Filled
from auditor.sheets.sheet import DrawnRow, Sheet
from benchmarks.readiness.outcomes import repaired
from benchmarks.readiness.scenarios import Built, Scenario

DRAWN = 200


def audited(scenario: Scenario, built: Built, folder: Path) -> dict[str, Any]:
    """One line: the facts, classes by their code, and no text of any record.

    ``retrieved``: of how many records the label is among the 20 retrieved, and how many were asked about. ``linear``:
    how far the linear classifier on words is ahead of the surrogate, and its error. ``doubted``: of how many records
    whose class is clearest the label is another one, and how many they are.
    ``reviewed`` are the facts after a sheet of 200 drawn records, filled with the true labels, and ``mended`` what
    came once the listed rows had their true labels.
    """
    started = process_time()
    columns = ["text", "given", "site", *(["time"] if scenario.dated else [])]
    export = folder / f"train_{scenario.rows}_{digest(scenario.name)}.parquet"
    built.train.select(columns).write_parquet(export)
    settings = Config(
        export=str(export), text=("text",), label="given", time="time" if scenario.dated else None, segment=("site",)
    )
    steps = steps_for(load(settings), settings.seed)
    export.unlink()
    known = steps[FACTS]
    seconds = process_time() - started
    listed = steps[ROWS]["row_id"].to_numpy()[steps[LISTED]]
    reviewed = steps.but({SHEET: _filled(steps, built)})[FACTS]
    codes = {str(name): str(code) for code, name in enumerate(np.unique(built.train["given"].to_numpy()))}
    return {
        "scenario": scenario.name,
        "rows": len(built.train),
        "seconds": round(seconds, 1),
        "facts": _coded(known, codes),
        "retrieved": [int(steps[RETRIEVAL].found.sum()), len(steps[RETRIEVAL].queries)],
        "linear": None if (linear := steps[LINEAR]) is None else [linear.value, linear.error],
        "doubted": [steps[ANCHOR_NOISE].wrong, steps[ANCHOR_NOISE].anchors],
        "reviewed": {name: value for name, value in _coded(reviewed, codes).items() if name in ("labels", "fresh")},
        "mended": repaired(scenario, built, listed),
    }


def _coded(known: Facts, codes: Mapping[str, str]) -> dict[str, Any]:
    by_class = tuple(replace(each, label=codes.get(each.label, "-1")) for each in known.by_class)
    return asdict(replace(known, by_class=by_class))


def _filled(steps: Resolver, built: Built) -> Filled:
    """The sheet that a person who knows the true labels would hand in."""
    drawn = draw(steps[LABEL_QUALITY].quality, DRAWN, steps[LOTS])
    rows = steps[ROWS]["row_id"].to_numpy()[drawn.rows].tolist()
    given, truth = (built.train[name].to_numpy()[rows] for name in ("given", "truth"))
    strata = drawn.stratum.tolist()
    answers = tuple(
        Answer(row, stratum, right, said != right)
        for row, stratum, said, right in zip(rows, strata, given, truth, strict=True)
    )
    kept = tuple(DrawnRow(row, stratum, "", "") for row, stratum in zip(rows, strata, strict=True))
    sheet = Sheet("", "", 0, None, None, tuple(drawn.sizes.tolist()), (), (), kept)
    return Filled(sheet, answers, {})
