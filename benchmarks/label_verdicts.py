"""Who is told to fix the data first: sound exports never, exports with planted mistakes where that pays."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.config import Config
from auditor.evidence.facts import FACTS
from auditor.judge.valuation import judged
from auditor.model import Decision, StepKind
from auditor.plan import steps_for
from benchmarks.readiness import planting
from benchmarks.readiness.sources import load as source
from benchmarks.results import save, table

ROWS = 3000
VOLUMES = (300, 3_000, 30_000, 1_000_000)
STAKES = {"monthly_volume": 30_000.0, "error_cost": 1.0}
RATE = 0.15


@dataclass(frozen=True)
class Told:
    """What one export was told: at each volume whether to fix, and at the stakes of the table the decision."""

    accuracy: float
    fix_at: tuple[bool, ...]
    decision: Decision
    first_step: StepKind


@dataclass(frozen=True)
class Set:
    """A name, what it is made of, and whether its labels are sound."""

    name: str
    rows: Callable[[np.random.Generator], pl.DataFrame]
    sound: bool


def classes_of(name: str, count: int | None, words: int | None, rng: np.random.Generator) -> pl.DataFrame:
    """``count`` classes at random, texts cut to their first ``words``."""
    rows = source(name).select("text", "truth")
    if count:
        names = rng.permutation(rows["truth"].unique().sort().to_numpy())[:count]
        rows = rows.filter(pl.col("truth").is_in(names.tolist()))
    if words:
        rows = rows.with_columns(text=pl.col("text").str.split(" ").list.head(words).list.join(" "))
    return rows.sample(min(ROWS, len(rows)), shuffle=True, seed=int(rng.integers(2**31)))


def near_pair(name: str, rng: np.random.Generator) -> pl.DataFrame:
    """A class and the one whose words are nearest to it."""
    rows = source(name).select("text", "truth")
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    near = planting.nearest(rows["text"], codes, len(names))
    first = int(rng.integers(len(names)))
    return rows.filter(pl.col("truth").is_in([names[first], names[near[first]]])).sample(fraction=1.0, shuffle=True)


def planted(noise: str, name: str, rng: np.random.Generator) -> pl.DataFrame:
    rows = planting.sites(classes_of(name, None, None, rng), rng)
    match noise:
        case "random":
            return planting.random_noise(rows, rng, RATE)
        case "pairs":
            return planting.pair_noise(rows, rng, RATE)
        case _:
            return half_of_a_source(rows, rng)


def half_of_a_source(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Half of the labels of the largest site are those of the nearest class."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    near = planting.nearest(rows["text"], codes, len(names))
    hit = (rows["site"] == planting.HABIT_SITE).to_numpy() & (rng.random(len(rows)) < 0.5)
    return rows.with_columns(given=pl.Series(names[np.where(hit, near[codes], codes)]))


def real_noise(rng: np.random.Generator) -> pl.DataFrame:
    rows = source("noisyag_news").filter(~pl.col("hidden")).select("text", "truth", "given")
    return rows.sample(ROWS, shuffle=True, seed=int(rng.integers(2**31)))


NEWS = "noisyag_news, true labels"
SETS = (
    *(
        Set(f"news, {k} classes, {words} words", partial(classes_of, NEWS, k, words), sound=True)
        for k in (2, 3, 4)
        for words in (6, 15)
    ),
    Set("news, 4 classes, whole", partial(classes_of, NEWS, None, None), sound=True),
    Set("bank questions, a close pair", partial(near_pair, "banking77"), sound=True),
    Set("vulnerabilities, 10 classes", partial(classes_of, "nvd, ten classes", None, None), sound=True),
    Set("bank questions, 77 classes", partial(classes_of, "banking77", None, None), sound=True),
    Set("assistant requests, 150 classes", partial(classes_of, "clinc150", None, None), sound=True),
    Set("health care reviews, coded", partial(classes_of, "imr_ca, treatment", None, None), sound=True),
    *(
        Set(f"{said}, {noise}", partial(planted, noise, name), sound=False)
        for noise in ("random", "pairs", "half of a source")
        for said, name in (
            ("bank questions", "banking77"),
            ("vulnerabilities, 10 classes", "nvd, ten classes"),
            ("assistant requests", "clinc150"),
            ("news", NEWS),
            ("complaints", "cfpb, one taxonomy"),
        )
    ),
    Set("news, shared mistakes", real_noise, sound=False),
)


def told(chosen: Set, seed: int) -> Told:
    """Audited as an export without dates, decided at every volume and error cost."""
    rng = np.random.default_rng([seed, 7])
    rows = chosen.rows(rng)
    if "given" not in rows.columns:
        rows = rows.with_columns(given="truth")
    if "site" not in rows.columns:
        rows = planting.sites(rows, rng)
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.parquet"
        rows.select("text", "given", "site").write_parquet(export)
        settings = Config(export=str(export), text=("text",), label="given", segment=("site",), seed=seed)
        known = steps_for(load(settings), seed)[FACTS]
    decisions = [
        [judged(known, {"monthly_volume": volume, "error_cost": cost}).decision for cost in (0.05, 1.0, 10.0, 50.0)]
        for volume in VOLUMES
    ]
    found = judged(known, STAKES)
    fix_at = tuple(Decision.FIX_DATA_FIRST in each for each in decisions)
    return Told(known.ordinary.value, fix_at, found.decision, found.steps[0].kind)


def main() -> None:
    """Writes the table of all sets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.label_verdicts", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.processes) as pool:
        rows = list(_rows(pool, arguments.seeds))
    sections = [
        f"{arguments.seeds} seeds each, {ROWS:,} rows, no dates. Told to fix at any of 0.05, 1, 10 and 50 an error, by "
        "volume a month; the last columns at 30,000 a month and $1 an error.",
        table(["set", "labels", "accuracy", *(f"{v:,}" for v in VOLUMES), "told to fix", "first steps named"], rows),
    ]
    save("label_verdicts", f"python -m benchmarks.label_verdicts --seeds {arguments.seeds}", sections)


def _rows(pool: ProcessPoolExecutor, seeds: int) -> Iterator[list[object]]:
    for chosen in SETS:
        found = list(pool.map(partial(told, chosen), range(seeds)))
        fix = sum(each.decision is Decision.FIX_DATA_FIRST for each in found)
        steps = sorted({each.first_step.value for each in found})
        low, high = (f([each.accuracy for each in found]) for f in (min, max))
        by_volume = [sum(each.fix_at[place] for each in found) for place in range(len(VOLUMES))]
        labels = "sound" if chosen.sound else "planted"
        print(chosen.name, fix, by_volume, steps, flush=True)
        yield [chosen.name, labels, f"{low:.2f} to {high:.2f}", *by_volume, f"{fix} of {seeds}", ", ".join(steps)]


if __name__ == "__main__":
    main()
