"""How often `--fail-on worse` stops a pipeline where nothing changed, and where something did.

    python -m benchmarks.worse [AUDITS]

A made-up process of 1,500 records with 5 % of its labels flipped is audited AUDITS times, and as often each with 5
points more of flipped labels, with one class merged into another and with one source gone. Every ordered pair of the
first is a pair without a change; each of the others is held against every one of the first. Of real data under
AUDITOR_DATA, draws of 2,000 records without a common one are pairs without a change, and one of them with 5 % of its
labels replaced is held against the others.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from itertools import permutations, product
from pathlib import Path

import numpy as np
import polars as pl

from auditor.api import audit
from auditor.config import Config
from auditor.history.compare import Change, Comparison, compared
from auditor.history.record import Record, read, slim
from reports import to_json
from tests.conftest import DATA
from tests.exports import ROLES, export, saved

CLASSES = ("billing", "coverage", "records", "provider", "timely filing", "bundling")
FLIPPED = {"do": "flip", "where": {"share": 0.05}}
MERGED = {"do": "set", "column": "label", "value": "billing", "where": {"label": "coverage"}}
PLANTS = {
    "5 points of noise": (FLIPPED, {"label_noise_rate", "accuracy_given_labels"}),
    "a merged class": (MERGED, {"lost_classes"}),
    "a dead source": ({"do": "drop", "where": {"payer": "north"}}, {"lost_sources"}),
}
REAL = {
    "cfpb.parquet": {"text": ("narrative",), "label": "product", "segment": ("extract",)},
    "banking77.parquet": {"text": ("text",), "label": "label"},
    "nvd_cwe_2008_2018.parquet": {"text": ("description",), "label": "cwe", "time": "published"},
}
DRAWN = 2000
# Drift enters none of the figures, and takes most of the time.
SKIPPED = {f"STA00{number}": "not compared" for number in (2, 5, 6, 8)}


def kept(folder: Path, data: pl.DataFrame, **roles: object) -> Record:
    """What the history keeps of an audit of ``data``."""
    result, _ = audit(Config(export=saved(data, folder), ignore=SKIPPED, **roles))
    return read(slim(json.loads(to_json(result)), result.run.content), folder)


def made_up(folder: Path, seed: int, *plants: dict) -> Record:
    return kept(folder, export(1500, classes=CLASSES, own_words=3, seed=seed, plant=[FLIPPED, *plants]), **ROLES)


def flipped(data: pl.DataFrame, label: str, seed: int) -> pl.DataFrame:
    """5 % of the labels are those of other records."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(data), len(data) // 20, replace=False)
    labels = data[label].to_numpy().copy()
    labels[rows] = data[label].to_numpy()[rng.integers(len(data), size=len(rows))]
    return data.with_columns(pl.Series(label, labels))


def causes(pair: Comparison) -> list[str]:
    named = [each.measurement for each in pair.named if each.change is Change.WORSE]
    return [*named, *(f"gate {gate.gate}" for gate in pair.gates if gate.fell), *pair.obstacles]


def say(what: str, pairs: list[Comparison], figures: set[str] | None = None) -> None:
    found = [set(causes(pair)) for pair in pairs]
    counted = Counter(cause for each in found for cause in each)
    named = f"{sum(bool(each & figures) for each in found)}" if figures else "–"
    said = ", ".join(f"{cause} {count}" for cause, count in counted.most_common()) or "–"
    print(f"| {what} | {len(pairs)} | {sum(pair.worse for pair in pairs)} | {named} | {said} |", flush=True)


def main(audits: int) -> None:
    print("| what changed | pairs | stopped | rightly named | what was named |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, roles in REAL.items():
            data = pl.read_parquet(DATA / file).sample(fraction=1, shuffle=True, seed=0)
            draws = [data[place * DRAWN : (place + 1) * DRAWN] for place in range(min(audits, len(data) // DRAWN))]
            plain = [kept(folder, draw, **roles) for draw in draws]
            say(f"{file}: nothing", [compared(*pair) for pair in permutations(plain, 2)])
            noisy = kept(folder, flipped(draws[-1], str(roles["label"]), 0), **roles)
            say(
                f"{file}: 5 % of labels", [compared(each, noisy) for each in plain[:-1]], PLANTS["5 points of noise"][1]
            )
        plain = [made_up(folder, seed) for seed in range(audits)]
        say("made up: nothing", [compared(*pair) for pair in permutations(plain, 2)])
        for what, (plant, figures) in PLANTS.items():
            planted = [made_up(folder, 100 + seed, plant) for seed in range(audits)]
            say(f"made up: {what}", [compared(*pair) for pair in product(plain, planted)], figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
