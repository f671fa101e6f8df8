"""Classes named as mixed up (PAT002) and borders named as moved (STA008), held to records that the audit did not see.

A pair is falsely named if its value on 60 records or more lies on the other side of the limit. Of a mixed-up pair
that is the share of the first class that a linear classifier, trained on the audited rows, takes for the second; of a
moved border the swing that an audit of the other two thirds of the records finds between the two classes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.check import Check
from auditor.config import Config
from auditor.estimators.redefinition import REDEFINITIONS
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.model import Template
from auditor.plan import steps_for
from auditor.plan.resolver import Resolver
from benchmarks.readiness.classifiers import features, linear
from benchmarks.readiness.sources import load as source
from benchmarks.results import save, table
from checks.patterns.pat002_confusions import CHECK as MIXED_UP
from checks.patterns.pat002_confusions import CONFUSED
from checks.stability.sta008_definition_drift import CHECK as MOVED
from checks.stability.sta008_definition_drift import REDEFINED
from tests.checking import checked

STILL = (
    ("banking77", (1_000, 3_000, 6_000)),
    ("clinc150", (2_500, 6_000)),
    ("noisyag_news, true labels", (1_000, 4_000)),
    ("nvd", (1_500, 5_000, 12_000)),
    ("nvd, ten classes", (1_000, 4_000)),
    ("cfpb, one taxonomy", (2_500, 8_000)),
    ("imr_ca, diagnosis", (2_500, 8_000)),
    ("imr_ca, treatment", (2_500, 8_000)),
)
DATED = ("nvd", "nvd, ten classes", "cfpb", "cfpb, one taxonomy", "imr_ca, diagnosis", "imr_ca, treatment")
SEEDS = (3, 4, 5)
HELD_OUT, STRENGTH, THIRDS, MOST_ROWS = 60, 0.4, 3, 36_000


def main() -> None:
    """Measures, prints and saves the tables."""
    one_blas_thread()
    mixed = [[name, rows, *_mixed(name, rows, seed)] for name, sizes in STILL for rows in sizes for seed in SEEDS]
    moved = [[name, *_moved(name)] for name in DATED]
    head = ["pairs named", "held out", "falsely", "share"]
    save(
        "mixed_up",
        "python -m benchmarks.mixed_up",
        [
            (__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip(),
            "## Classes that are mixed up",
            _mean(mixed),
            table(["set", "rows", *head], mixed),
            "## Borders that moved",
            _mean(moved),
            table(["set", *head], moved),
        ],
    )


def _mean(lines: list[list[object]]) -> str:
    shares = [float(str(line[-1])) for line in lines if line[-1] != "–"]
    named, held, falsely = (sum(int(str(line[at])) for line in lines) for at in (-4, -3, -2))
    mean = f"; mean share {np.mean(shares):.2f} over {len(shares)} exports" if shares else ""
    return f"{named} pairs named in {len(lines)} exports, {held} held to records not seen, {falsely} falsely{mean}."


def _steps(frame: pl.DataFrame, *, dated: bool) -> Resolver:
    with tempfile.TemporaryDirectory() as folder:
        export = str(Path(folder) / "export.parquet")
        frame.write_parquet(export)
        return steps_for(load(Config(export=export, text=("text",), label="truth", time="time" if dated else None)), 0)


def _named(steps: Resolver, check: Check, template: Template) -> list[tuple[str, ...]]:
    """The pairs of classes that findings of this ``template`` name."""
    (outcome,), _ = checked(steps, (check,))
    return [each.subject.names for each in outcome.findings if each.said.template is template]


def _limit(check: Check, parameter: str) -> float:
    return next(each.value for each in check.parameters if each.name == parameter)


def _mixed(name: str, rows: int, seed: int) -> list[object]:
    frame = source(name).select("text", "truth").sample(fraction=1.0, shuffle=True, seed=seed)
    export, hidden = frame.head(rows), frame.slice(rows)
    steps = _steps(export, dated=False)
    classes = steps[CLASSES]
    hidden = hidden.filter(pl.col("truth").is_in(list(classes.names)))
    learned, asked = features(steps[ROWS]["text"].to_list(), hidden["text"].to_list())
    said = np.array(classes.names)[linear(learned, classes.codes, STRENGTH).predict(asked.sparse)]
    truth = hidden["truth"].to_numpy()
    pairs = _named(steps, MIXED_UP, CONFUSED)
    held = [(said[truth == a] == b).mean() for a, b in pairs if (truth == a).sum() >= HELD_OUT]
    return _counted(len(pairs), [value < _limit(MIXED_UP, "rate") for value in held])


def _moved(name: str) -> list[object]:
    frame = source(name).filter(pl.col("time").is_not_null()).sample(fraction=1.0, shuffle=True, seed=4)
    frame = frame.head(MOST_ROWS).with_row_index("row")
    named, held = 0, []
    for third in range(THIRDS):
        ours = pl.col("row") % THIRDS == third
        here, there = (_steps(frame.filter(part).drop("row"), dated=True) for part in (ours, ~ours))
        names = there[CLASSES].names
        tried = {(names[each.source], names[each.target]): each for each in there[REDEFINITIONS]}
        for pair in _named(here, MOVED, REDEFINED):
            named += 1
            same, back = tried.get(pair), tried.get(pair[::-1])
            if (found := same or back) and found.rows >= HELD_OUT:
                held.append(found is back or found.swing <= _limit(MOVED, "swing"))
    return _counted(named, held)


def _counted(named: int, falsely: list[bool]) -> list[object]:
    return [named, len(falsely), sum(falsely), f"{np.mean(falsely):.2f}" if falsely else "–"]


if __name__ == "__main__":
    main()
