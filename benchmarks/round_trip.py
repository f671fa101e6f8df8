"""Whether an audit foresees what a repair does: export the queue, correct it with the truth, apply, audit again.

    nice python -m benchmarks.round_trip [SEEDS] [SET ...] > benchmarks/results/round_trip.md

Of each seed 3,000 records of the made-up sample with its planted defects, and 4,000 of BANKING77 (under AUDITOR_DATA)
with one label in ten replaced by any class at random. The first audit forecasts how right an ordinary classifier is
once the records that it lists are read (``valuation.repair.after``); the second measures it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from auditor.api import audit
from auditor.config import Config
from auditor.handover.corrected import take_back
from auditor.handover.kinds import To
from auditor.handover.write import hand_over
from benchmarks.data import banking77
from reports import to_json
from sample_data import generate
from tests.golden import SAMPLE_ROLES

SAMPLE_ROWS, BANKING_ROWS = 3000, 4000
NOISE = 0.1
# The figures and the queue rest on steps that every audit takes; the other checks would only take their time.
CHECKS = ("LAB001",)


def sample(seed: int, folder: Path) -> tuple[Path, dict[str, Any], Mapping[int, str]]:
    """The export, its roles, and the true label of each row."""
    made = generate.make(SAMPLE_ROWS, seed=seed)
    generate.write(made, folder)
    truth = made.truth_rows["true_label"].to_list()
    return folder / "denials.parquet", dict(SAMPLE_ROLES), dict(enumerate(truth))


def banking(seed: int, folder: Path) -> tuple[Path, dict[str, Any], Mapping[int, str]]:
    rng = np.random.default_rng(seed)
    rows = banking77()
    rows = rows[rng.choice(len(rows), BANKING_ROWS, replace=False)]
    classes = rows["label"].unique().sort().to_numpy()
    wrong = rng.random(BANKING_ROWS) < NOISE
    filed = np.where(wrong, rng.choice(classes, BANKING_ROWS), rows["label"].to_numpy())
    path = folder / "banking77.parquet"
    rows.with_columns(label=pl.Series(filed)).write_parquet(path)
    return path, {"text": ("text",), "label": "label"}, dict(enumerate(rows["label"]))


SETS: Mapping[str, Callable[[int, Path], tuple[Path, dict[str, Any], Mapping[int, str]]]] = {
    "sample": sample,
    "BANKING77": banking,
}


def report(export: Path, roles: Mapping[str, Any], out: Path, corrections: str | None = None) -> dict[str, Any]:
    result, rows = audit(Config(export=str(export), select=CHECKS, corrections=corrections, **roles))
    out.mkdir()
    (out / "report.json").write_text(to_json(result), encoding="utf-8")
    rows.write_parquet(out / "rows.parquet")
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


def main(seeds: int, names: list[str]) -> None:
    print(
        "| set | seed | read | wrong of them | corrected | accuracy before | forecast (90 %) | after | inside |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    inside = asked = 0
    for seed in range(seeds):
        for name in names:
            with tempfile.TemporaryDirectory() as place:
                line, held = trip(name, seed, Path(place))
            inside, asked = inside + (held is True), asked + 1
            print(line, flush=True)
    print(f"\n{inside} of {asked} second figures lie inside the first forecast's interval.")


def trip(name: str, seed: int, folder: Path) -> tuple[str, bool | None]:
    export, roles, truth = SETS[name](seed, folder)
    first = report(export, roles, folder / "first")
    hand_over(folder / "first", str(export), To.CSV, folder / "queue")
    queue = pl.read_csv(folder / "queue" / "queue.csv", infer_schema=False)
    answers = [truth[int(row)] for row in queue["row_id"]]
    filled = folder / "filled.csv"
    queue.with_columns(your_label=pl.Series(answers)).write_csv(filled)
    take_back(filled, folder / "first", str(export), folder / "corrections.json")
    second = report(export, roles, folder / "second", str(folder / "corrections.json"))
    wrong = sum(true != filed for true, filed in zip(answers, queue["filed_label"], strict=True))
    before, after = (each["estimates"]["accuracy_given_labels"]["value"] for each in (first, second))
    repair = first["valuation"]["repair"]
    forecast, held = "none: nothing is listed", None
    if repair:
        span = repair["after"]
        held = span["low"] <= after <= span["high"]
        forecast = f"{100 * span['value']:.1f} % ({100 * span['low']:.1f} to {100 * span['high']:.1f})"
    said = {True: "yes", False: "no", None: "–"}[held]
    return (
        f"| {name} | {seed} | {len(queue)} | {wrong} | {second['corrections']['changed']} | {100 * before:.1f} % "
        f"| {forecast} | {100 * after:.1f} % | {said} |",
        held,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2:] or list(SETS))
