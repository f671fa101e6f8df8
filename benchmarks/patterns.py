"""Systematic labelling: planted bias of one segment value, one annotator and one quarter, and unplanted copies.

A planted bias relabels one class consistently where one source of 3 to 20 % of the rows handles it. The peer's
column is the share of the relabelled rows that cleanlab flags after TF-IDF and logistic regression.

The whole table takes most of an hour, so that finished lines are kept in ``build`` and a stopped run goes on there.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from cleanlab.filter import find_label_issues
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from auditor.evidence import classes, features, proxy, sources, tokens
from auditor.evidence.grid import columns
from auditor.evidence.narrow import WIDTH
from benchmarks import data
from benchmarks.results import save, table
from tests.lots import numbered

ROWS = 12_000
PLANTS = 20
COPIES = 60
PEER_PLANTS = 2
KINDS = ("segment", "annotator", "quarter")
LEAST_ROWS = 10
DONE = Path("build/patterns.json")


def main() -> None:
    """Measures, prints and saves the table."""
    warnings.simplefilter("ignore")
    lines: list[list[object]] = json.loads(DONE.read_text()) if DONE.exists() else []
    done = {(line[0], line[1]) for line in lines}
    for name, load in (("clinc150", data.clinc150), ("banking77", data.banking77), ("NVD", data.nvd)):
        kinds = [kind for kind in KINDS if (name, kind) not in done]
        if not kinds:
            continue
        frame = load()
        frame = frame.sample(min(ROWS, len(frame)), seed=2)
        found = tokens.tokenise(frame["text"])
        # What an audit compares sources by (docs/adr/0028).
        phi = columns(features.feature_matrix(found, features.embedding(found), seed=0), slice(0, WIDTH))
        truth = classes.fold_labels(frame["label"]).codes
        folds = proxy.random_folds(numbered(len(truth)))
        clean = proxy.fold_moments(phi, truth, int(truth.max()) + 1, folds)
        first = proxy.out_of_fold(phi, truth, clean)
        for kind in kinds:
            plants = [_plant(truth, kind, seed) for seed in range(PLANTS)]
            hits = [_found(phi, truth, clean, plant) for plant in plants]
            copies = [random_sources(len(truth), kind, 1000 + seed) for seed in range(COPIES)]
            alarms = [bool(_source_bias(phi, truth, clean, first, column)) for column in copies]
            flagged = [_peer_flags(frame["text"], plant) for plant in plants[:PEER_PLANTS]]
            sizes = [len(plant.rows) for plant in plants]
            hit, alarmed = (_share(values) for values in (hits, alarms))
            lines.append([name, kind, f"{min(sizes)} to {max(sizes)}", hit, alarmed, float(np.mean(flagged))])
            DONE.parent.mkdir(exist_ok=True)
            DONE.write_text(json.dumps(lines))
            _save(lines)


@dataclass(frozen=True)
class Plant:
    """``codes`` (n,) in which one ``value`` of ``column`` files ``expected`` under ``given``, as at ``rows``."""

    codes: np.ndarray
    column: sources.SourceColumn
    value: str
    given: int
    expected: int
    rows: np.ndarray


def _share(values: list[bool]) -> str:
    """The share that is true, with its exact 95 % interval."""
    interval = binomtest(sum(values), len(values)).proportion_ci(0.95)
    return f"{np.mean(values):.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _save(lines: list[list[object]]) -> None:
    header = [
        "set",
        "source",
        "rows relabelled",
        "recall",
        "copies with a false alarm",
        "planted rows that the peer flags",
    ]
    notes = (
        f"{PLANTS} plants and {COPIES} unplanted copies per line, with exact 95 % intervals; at most {ROWS:,} random "
        f"rows per set; the peer on the first {PEER_PLANTS} plants of a line."
    )
    save("patterns", "python -m benchmarks.patterns", [table(header, lines), notes])


def random_sources(n: int, kind: str, seed: int) -> sources.SourceColumn:
    """Random sources: 12 segment values or 15 annotators of Zipf-like size, or 16 equal quarters."""
    rng = np.random.default_rng(seed)
    count = {"segment": 12, "annotator": 15, "quarter": 16}[kind]
    weight = np.ones(count) if kind == "quarter" else 1 / np.arange(1, count + 1) ** 0.7
    drawn = rng.choice(count, n, p=weight / weight.sum())
    column = sources.source_column(kind, pl.Series("source", [f"{kind} {value}" for value in drawn]))
    if column is None:
        raise ValueError("a source column needs two values")
    return column


def _plant(truth: np.ndarray, kind: str, seed: int) -> Plant:
    """Relabels one class of one source; the draw is repeated until 10 rows are hit."""
    rng = np.random.default_rng(seed)
    column = random_sources(len(truth), kind, seed)
    share = np.bincount(column.codes) / len(truth)
    for _ in range(1000):
        source = int(rng.choice(np.flatnonzero((share >= 0.03) & (share <= 0.2))))
        expected, given = (int(code) for code in rng.choice(truth.max() + 1, 2, replace=False))
        rows = np.flatnonzero((column.codes == source) & (truth == expected))
        if len(rows) >= LEAST_ROWS:
            codes = truth.copy()
            codes[rows] = given
            return Plant(codes, column, column.values[source], given, expected, rows)
    raise ValueError("no class of this set is large enough to plant a bias in")


def _found(phi: np.ndarray, truth: np.ndarray, clean: proxy.FoldMoments, plant: Plant) -> bool:
    moments = proxy.relabelled(phi, truth, plant.codes, clean)
    biases = _source_bias(phi, plant.codes, moments, proxy.out_of_fold(phi, plant.codes, moments), plant.column)
    wanted = (plant.value, plant.given, plant.expected)
    return any((bias.value, bias.given, bias.expected) == wanted for bias in biases)


def _source_bias(
    phi: np.ndarray,
    codes: np.ndarray,
    moments: proxy.FoldMoments,
    first: proxy.OutOfFold,
    column: sources.SourceColumn,
) -> tuple[sources.LabelBias, ...]:
    without = proxy.grouped_out_of_fold(phi, codes, moments, column.codes, first.temperature)
    return sources.find_label_bias(column, codes, without, first)


def _peer_flags(text: pl.Series, plant: Plant) -> float:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(text.to_list())
    model = LogisticRegression(max_iter=100)
    probabilities = cross_val_predict(model, words, plant.codes, cv=5, method="predict_proba", n_jobs=1)
    return float(find_label_issues(plant.codes, probabilities, n_jobs=1)[plant.rows].mean())


if __name__ == "__main__":
    main()
