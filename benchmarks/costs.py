"""What the steps of an audit cost on exports of many shapes: the constants of `auditor.plan.costs`, and their test.

python -m benchmarks.costs run NAME ... adds lines to build/costs.jsonl; python -m benchmarks.costs fits the constants,
prints them, and saves the table of the exports that they did not see.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import nnls

from auditor.config import Config
from auditor.content import content_of
from auditor.plan import costs
from auditor.plan.costs import Size, units
from benchmarks.data import banking77, clinc150, folder, noisyag
from benchmarks.results import save, table
from benchmarks.stages import EXPORTS as WHOLE
from sample_data import generate

FOUND = Path("build/costs.jsonl")
SAMPLE_ROLES = {
    "text": ("note",), "label": "category", "time": "denied_on", "id": "claim_id",
    "segment": ("payer", "facility"), "annotator": "coder",
}  # fmt: skip


def _sample(rows: int) -> Callable[[Path], Config]:
    def make(into: Path) -> Config:
        generate.write(generate.make(rows), into)
        return Config(export=str(into / "denials.parquet"), **SAMPLE_ROLES)

    return make


def made(rows: int, classes: int, words: int, seed: int = 0) -> pl.DataFrame:
    """Texts of so many ``words`` on average, a few of which tell the class, over four years: text, label, time."""
    rng = np.random.default_rng(seed)
    vocabulary = np.array([f"w{each}" for each in range(30_000)], object)
    odds = 1 / np.arange(10, 30_010)
    label = np.minimum(rng.zipf(1.3, rows * 3)[:rows] % classes, classes - 1)
    lengths = np.maximum(rng.poisson(words, rows), 2)
    drawn = rng.choice(len(vocabulary), lengths.sum(), p=odds / odds.sum())
    ends = np.cumsum(lengths)
    # Every fifth word is one of its class's twelve.
    of_class = rng.random(len(drawn)) < 0.2
    drawn[of_class] = (np.repeat(label, lengths)[of_class] * 12 + rng.integers(0, 12, of_class.sum())) % len(vocabulary)
    texts = [" ".join(part) for part in np.split(vocabulary[drawn], ends[:-1])]
    days = [date.fromordinal(737_425 + int(each)) for each in rng.integers(0, 1_460, rows)]
    return pl.DataFrame({"text": texts, "label": [f"class {each}" for each in label], "time": days})


def _made(rows: int, classes: int, words: int) -> Callable[[Path], Config]:
    def make(into: Path) -> Config:
        made(rows, classes, words).write_parquet(into / "rows.parquet")
        return Config(export=str(into / "rows.parquet"), text=("text",), label="label", time="time")

    return make


def _table(rows: Callable[[], pl.DataFrame]) -> Callable[[Path], Config]:
    def make(into: Path) -> Config:
        rows().select("text", "label").write_parquet(into / "rows.parquet")
        return Config(export=str(into / "rows.parquet"), text=("text",), label="label")

    return make


FITTED: dict[str, Callable[[Path], Config]] = {
    "sample 2000": _sample(2_000),
    "sample 10000": _sample(10_000),
    "sample 40000": _sample(40_000),
    "made 3000 x 10 x 20": _made(3_000, 10, 20),
    "made 10000 x 3 x 200": _made(10_000, 3, 200),
    "made 10000 x 300 x 20": _made(10_000, 300, 20),
    "made 20000 x 1000 x 10": _made(20_000, 1_000, 10),
    "made 30000 x 30 x 40": _made(30_000, 30, 40),
    "made 100000 x 12 x 15": _made(100_000, 12, 15),
    "made 5000 x 20 x 1000": _made(5_000, 20, 1_000),
    "made 3000 x 20 x 4000": _made(3_000, 20, 4_000),
    "made 20000 x 4000 x 20": _made(20_000, 4_000, 20),
    "banking77": _table(banking77),
}
HELD_OUT: dict[str, Callable[[Path], Config]] = {
    "nvd": WHOLE["nvd"],
    "clinc150": _table(clinc150),
    "noisyag": _table(noisyag),
    "cfpb": lambda _: Config(export=str(folder() / "cfpb.parquet"), text=("narrative",), label="product", time="date"),
    "sample 20000": _sample(20_000),
    "sample 80000": _sample(80_000),
    "made 60000 x 100 x 30": _made(60_000, 100, 30),
    "made 8000 x 2 x 500": _made(8_000, 2, 500),
    "made 6000 x 30 x 2000": _made(6_000, 30, 2_000),
    "made 15000 x 2000 x 30": _made(15_000, 2_000, 30),
}


def _apart(name: str) -> dict[str, Any]:
    """Of one export, in this process: its size, the CPU seconds of each step, all of them, and the peak of memory."""
    from auditor.api import ASSEMBLED, result_of, write
    from auditor.batch import load
    from auditor.blas import one_blas_thread
    from auditor.gate_limits import GATE_LIMITS
    from auditor.plan import steps_for
    from auditor.plan.costs import size_of
    from auditor.plan.resolver import Resolver
    from auditor.plan.step import Step
    from auditor.runner import read_by
    from auditor.threads import Threads
    from checks import ALL_CHECKS

    seconds: dict[str, float] = {}

    class Noted(Resolver):
        def _compute(self, step: Step[Any]) -> None:
            start = time.process_time()
            super()._compute(step)
            seconds[step.key.name] = time.process_time() - start

    n = 1
    with tempfile.TemporaryDirectory() as into, one_blas_thread(), Threads(n) as threads:
        made_in = Path(into) / "in"
        made_in.mkdir()
        config = (FITTED | HELD_OUT)[name](made_in)
        start = time.process_time()
        batch = load(config)
        seconds["reading"] = time.process_time() - start
        planned = steps_for(batch, config.seed, horizon=config.horizon, limits=GATE_LIMITS, threads=threads)
        size = size_of(batch)
        steps = Noted(planned.steps.values(), planned.outcomes, threads=threads)
        del planned
        results = steps.run(read_by(ALL_CHECKS, batch) | ASSEMBLED)
        last = time.process_time()
        result = result_of(results, steps, config, GATE_LIMITS, datetime.now(UTC), content_of(batch.frame))
        write(result, pl.DataFrame(), Path(into) / "out", force=False)
        seconds["checks and reports"] = time.process_time() - last
        whole = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"name": name, "size": asdict(size), "seconds": seconds, "whole": whole, "peak": peak}


# What the seconds of a step may grow with; others with `LINEAR`.
LINEAR = ("run", "rows", "letters", "choices")
WIDE, NARROW = ("products", "solves", "scores"), ("narrow products", "narrow solves", "narrow scores", "choices")
GROWS: dict[str, tuple[str, ...]] = {
    "reading": ("run", "rows read", "letters"),
    "checks and reports": ("run", "rows read", "letters", "columns"),
    "tokens": ("letters", "rows"),
    "word vectors": ("run", "letters", "rows"),
    "features": ("cells", "letters"),
    "moments by fold": (*WIDE, "cells"),
    "out-of-fold predictions": WIDE,
    "retrieval": ("asked", "asked rows"),
    "retrieval in order of time": ("asked in time",),
    "naive Bayes": ("letters", "choices", "terms by class"),
    "label quality": ("votes", "choices", "products again", "solves again"),
    "backtest": NARROW,
    "linear classifier": ("words fitted",),
    "learning curve": (*WIDE, "terms by class", "logistic"),
    "surrogate": ("choices", "logistic"),
    "training in order of time": ("logistic by period", "narrow scores", "terms by class", "letters"),
    "bias of sources": ("products by source", "solves by source", "choices"),
    "predictions without the period": NARROW,
    "narrow features": NARROW,
    "accuracy with groups kept together": ("products", "solves"),
    "cost of wrong labels": ("cells",),
    "gain by relabelling": ("columns",),
    # Where words are found that are to be left out, on some of the rows.
    "accuracy with all words": ("few rows",),
    "leaked codes": ("few rows",),
    "names of labels in the text": ("few rows",),
    "retraining cadence": NARROW,
}
# Of a step whose longest run was shorter nothing shows.
SHOWS = 0.1
# Of the table of growth.
MUCH, WIDE_FROM = 0.5, 10_000
MEMORY = ("run", "letters", "rows", "choices", "squares")
# Gigabytes that are known: features of a byte, and six sums of products by fold in double precision, again where labels
# are looked at twice.
HELD = {"cells": 0.001, "squares": 0.048, "squares again": 0.048}


def fitted(units: np.ndarray, took: np.ndarray) -> np.ndarray:
    """What each of the ``units`` (m, u) costs, none less than nothing, so that relative errors of ``took`` (m,) are
    small, those of the small less so.
    """
    weight = 1 / (took + 0.1 * took.max())
    found = nnls(units * weight[:, None], took * weight)[0]
    # Relative errors pull down: the sum is to hold.
    return found * took.sum() / (units @ found).sum()


def fit(found: list[dict[str, Any]]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """The constants of `auditor.plan.costs`: seconds by step and unit, gigabytes by unit."""
    sizes = [units(Size(**each["size"])) for each in found]

    def of(names: tuple[str, ...], took: list[float]) -> dict[str, float]:
        constants = fitted(np.array([[size[name] for name in names] for size in sizes]), np.array(took))
        return {name: float(f"{each:.3g}") for name, each in zip(names, constants, strict=True) if each > 0}

    steps = dict.fromkeys(name for each in found for name in each["seconds"])
    by_step = {name: [each["seconds"].get(name, 0.0) for each in found] for name in steps}
    shown = {name: took for name, took in by_step.items() if max(took) >= SHOWS}
    seconds = {name: of(GROWS.get(name, LINEAR), took) for name, took in shown.items()}
    known = [sum(held * size[name] for name, held in HELD.items()) for size in sizes]
    rest = np.array([each["peak"] for each in found]) - known
    constants = fitted(np.array([[size[name] for name in MEMORY] for size in sizes]), rest)
    memory = HELD | {name: HELD.get(name, 0) + each for name, each in zip(MEMORY, constants, strict=True)}
    return seconds, {name: float(f"{each:.3g}") for name, each in memory.items()}


def _line(each: dict[str, Any]) -> list[object]:
    size = Size(**each["size"])
    said, memory = sum(costs.seconds(size).values()), costs.gigabytes(size, 1)
    return [each["name"], each["whole"], said, said / each["whole"], each["peak"], memory, memory / each["peak"]]


def _growth(found: list[dict[str, Any]]) -> str:
    """CPU seconds by step as the sample grows, and the exponent of the rows that its logarithms lie on."""
    grown = sorted(
        (each for each in found if each["name"].startswith("sample ")), key=lambda each: each["size"]["rows"]
    )
    rows = [each["size"]["rows"] for each in grown]
    series = {name: [each["seconds"].get(name, 0.0) for each in grown] for name in grown[-1]["seconds"]}
    series = {name: took for name, took in series.items() if took[-1] >= MUCH and min(took) > 0}
    series |= {"all, CPU seconds": [each["whole"] for each in grown], "peak, GB": [each["peak"] for each in grown]}
    # Of the sizes whose features are as wide: fewer columns under 6,000 rows.
    wide = [place for place, n in enumerate(rows) if n >= WIDE_FROM]
    lines = [
        [name, *took, float(np.polyfit(np.log(np.take(rows, wide)), np.log(np.take(took, wide)), 1)[0])]
        for name, took in series.items()
    ]
    return table(["rows of the sample", *(f"{n:,}" for n in rows), f"exponent from {WIDE_FROM:,}"], lines)


def report() -> None:
    """Prints the constants as they would be fitted now, and saves the table of what those in the code say."""
    found = [json.loads(line) for line in FOUND.read_text(encoding="utf-8").splitlines()]
    seconds, memory = fit([each for each in found if each["name"] in FITTED])
    print(f"SECONDS: Mapping[str, Mapping[str, float]] = {seconds}")
    print(f"GIGABYTES: Mapping[str, float] = {memory}")
    header = ["CPU seconds", "foretold", "ratio", "peak GB", "foretold", "ratio"]
    save(
        "costs",
        "python -m benchmarks.costs",
        [
            table([title, *header], [_line(each) for each in found if each["name"] in names])
            for title, names in (("not seen by the constants", HELD_OUT), ("seen", FITTED))
        ]
        + ["On one thread each, while others used the machine: CPU seconds, not wall.", _growth(found)],
    )


def main() -> None:
    """Runs what is named, each in a process of its own; else fits."""
    match sys.argv[1:]:
        case ["run", *names]:
            FOUND.parent.mkdir(exist_ok=True)
            for name in names or [*FITTED, *HELD_OUT]:
                command = [sys.executable, "-m", "benchmarks.costs", "apart", name]
                with FOUND.open("a", encoding="utf-8") as file:
                    subprocess.run(command, stdout=file, check=False)
        case ["apart", name]:
            print(json.dumps(_apart(name)))
        case _:
            report()


if __name__ == "__main__":
    main()
