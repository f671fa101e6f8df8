"""Does the audit see a source that files one class under another? Recall by size, and alarms where nothing is planted.

A plant relabels a third or more of what one source holds of a class. Sources are drawn at random, so that a copy
without a plant has none: every finding there is an alarm. Finished lines are kept in ``build``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import binomtest

from auditor.blas import one_blas_thread
from auditor.evidence import classes, features, proxy, source_pairs, sources, tokens
from benchmarks.patterns import KINDS, random_sources
from benchmarks.readiness.lines import append, lines
from benchmarks.readiness.sources import load as source
from benchmarks.results import save, table
from tests.lots import numbered

SETS = (("nvd", 5_000), ("cfpb, one taxonomy", 5_000), ("cfpb, issue", 4_700))
PLANTS, SMALL, COPIES = 40, 20, 67
SIZES = (10, 20, 30, 60, 120)
THIRD = 1 / 3
DONE = Path("build/filed_apart.jsonl")


def main() -> None:
    """Measures what is missing and writes the tables."""
    one_blas_thread()
    DONE.parent.mkdir(exist_ok=True)
    done = {(line["set"], line["seed"], line["planted"] > 0) for line in lines(DONE)}
    for name, rows in SETS:
        frame = source(name).select("text", "truth").drop_nulls()
        frame = frame.sample(min(rows, len(frame)), seed=2)
        found = tokens.tokenise(frame["text"])
        phi = features.feature_matrix(found, features.embedding(found), seed=0)
        truth = classes.fold_labels(frame["truth"]).codes
        clean = proxy.fold_moments(phi, truth, int(truth.max()) + 1, proxy.random_folds(numbered(len(truth))))
        first = proxy.out_of_fold(phi, truth, clean)
        for seed in range(PLANTS + SMALL):
            if (name, seed, True) not in done:
                least, most = (30, 10_000) if seed < PLANTS else (10, 29)
                append(DONE, {"set": name, "seed": seed, **_planted(phi, truth, clean, seed, least, most)})
        for seed in range(COPIES):
            if (name, seed, False) not in done:
                column = random_sources(len(truth), KINDS[seed % 3], 1_000 + seed)
                by_all, by_pair = _found(phi, truth, clean, first, column)
                append(DONE, {"set": name, "seed": seed, "planted": 0, "all": bool(by_all), "pair": bool(by_pair)})
    save("filed_apart", "python -m benchmarks.filed_apart", _tables())


def _planted(phi: Any, truth: np.ndarray, clean: proxy.FoldMoments, seed: int, least: int, most: int) -> dict[str, Any]:
    """One source files a third to all of its records of one class under another."""
    rng = np.random.default_rng(seed)
    column = random_sources(len(truth), KINDS[seed % 3], seed)
    for _ in range(2_000):
        at = int(rng.integers(len(column.values)))
        expected, given = (int(code) for code in rng.choice(truth.max() + 1, 2, replace=False))
        rows = np.flatnonzero((column.codes == at) & (truth == expected))
        size = round(rng.uniform(THIRD, 1) * len(rows))
        if least <= size <= most and size >= THIRD * len(rows) and (truth == given).sum() >= least:
            break
    else:
        raise ValueError("no class of this set is large enough to plant a bias in")
    codes = truth.copy()
    codes[rng.choice(rows, size, replace=False)] = given
    moments = proxy.relabelled(phi, truth, codes, clean)
    first = proxy.out_of_fold(phi, codes, moments)
    wanted = (column.values[at], given, expected)
    by_all, by_pair = _found(phi, codes, moments, first, column)
    held = truth == expected
    return {
        "planted": size,
        "of": len(rows),
        "recall": float((first.predicted[held] == expected).mean()),
        "all": wanted in by_all,
        "pair": wanted in by_pair,
        "others": len((by_all | by_pair) - {wanted}),
    }


def _found(
    phi: Any, codes: np.ndarray, moments: proxy.FoldMoments, first: proxy.OutOfFold, column: sources.SourceColumn
) -> tuple[set[tuple[str, int, int]], set[tuple[str, int, int]]]:
    """Cells by the model of all classes, and those that the pairs alone add."""
    without = proxy.grouped_out_of_fold(phi, codes, moments, column.codes, first.temperature)
    throughout = sources.wrong_throughout(column, codes, without, first)
    by_all = sources.find_label_bias(column, codes, without, first, throughout)
    by_pair = source_pairs.find_pair_bias(column, codes, without, first, by_all)

    def cells(found: tuple[sources.LabelBias, ...]) -> set[tuple[str, int, int]]:
        kept = [bias for bias in found if not sources.may_be_a_rule(column, codes, first, bias)]
        return {(bias.value, bias.given, bias.expected) for bias in kept}

    return cells(by_all), cells(by_pair)


def _tables() -> list[str]:
    found = pl.DataFrame(lines(DONE), infer_schema_length=None)
    planted = found.filter(pl.col("planted") > 0)
    large = planted.filter(pl.col("planted") >= 30)
    copies = found.filter(pl.col("planted") == 0)
    before, now = (_seen(large, pairs=pairs) for pairs in (False, True))
    alarms = int((copies["all"] | copies["pair"]).sum())
    curve = []
    for low, high in zip(SIZES, (*SIZES[1:], 10_000), strict=True):
        part = planted.filter(pl.col("planted").is_between(low, high - 1))
        if len(part):
            size = f"{low} to {high - 1}" if high < 10_000 else f"{low} and more"
            curve.append([size, len(part), _seen(part, pairs=False), _seen(part, pairs=True)])
    sets = [
        [
            name,
            len(here := large.filter(pl.col("set") == name)),
            _seen(here, pairs=False),
            _seen(here, pairs=True),
            len(clean := copies.filter(pl.col("set") == name)),
            int((clean["all"] | clean["pair"]).sum()),
        ]
        for name, _ in SETS
    ]
    return [
        f"{len(large)} plants of 30 records and a third of the source's records of the class: found {now}, without the "
        f"pairs {before}. {alarms} of {len(copies)} copies without a plant have an alarm.",
        table(["set", "plants", "found without pairs", "found", "copies", "with an alarm"], sets),
        table(["records relabelled", "plants", "found without pairs", "found"], curve),
    ]


def _seen(part: pl.DataFrame, *, pairs: bool) -> str:
    if not len(part):
        return "–"
    hits = int((part["all"] | part["pair"]).sum() if pairs else part["all"].sum())
    interval = binomtest(hits, len(part)).proportion_ci(0.95)
    return f"{hits / len(part):.2f} ({interval.low:.2f} to {interval.high:.2f})"


if __name__ == "__main__":
    main()
