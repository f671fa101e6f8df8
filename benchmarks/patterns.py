"""Systematic labelling: planted habits of one segment value, one annotator and one quarter, and unplanted copies.

A planted habit relabels one class consistently where one source of 3 to 20 % of the rows handles it. The peer's
column is the share of the relabelled rows that cleanlab flags after TF-IDF and logistic regression.
"""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
from cleanlab.filter import find_label_issues
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from auditor.evidence import classes, features, proxy, sources, tokens
from benchmarks import data
from benchmarks.results import save, table

ROWS = 20_000
PLANTS = 8
COPIES = 8
KINDS = ("segment", "annotator", "quarter")
LEAST_ROWS = 10


def main() -> None:
    """Measures, prints and saves the table."""
    warnings.simplefilter("ignore")
    lines: list[list[object]] = []
    for name, load in (("clinc150", data.clinc150), ("banking77", data.banking77), ("NVD", data.nvd)):
        frame = load()
        frame = frame.sample(min(ROWS, len(frame)), seed=2)
        found = tokens.tokenise(frame["text"])
        phi = features.feature_matrix(found, features.embedding(found), seed=0)
        truth = classes.fold_labels(frame["label"]).codes
        folds = proxy.random_folds(len(truth), seed=0)
        clean = proxy.fold_moments(phi, truth, int(truth.max()) + 1, folds)
        for kind in KINDS:
            plants = [_plant(truth, kind, seed) for seed in range(PLANTS)]
            hits = [
                any(
                    habit.value == value and (habit.given, habit.expected) == pair
                    for habit in _habits(phi, truth, clean, codes, column)
                )
                for codes, column, value, pair, _ in plants
            ]
            alarms = [
                bool(_habits(phi, truth, clean, truth, _sources(len(truth), kind, 100 + seed)))
                for seed in range(COPIES)
            ]
            flagged = _peer_flags(frame["text"], *plants[0])
            sizes = [int(rows.sum()) for *_, rows in plants]
            lines.append(
                [name, kind, f"{min(sizes)} to {max(sizes)}", float(np.mean(hits)), float(np.mean(alarms)), flagged]
            )
            _save(lines)  # after each line: the whole table takes an hour


def _save(lines: list[list[object]]) -> None:
    header = ["set", "source", "rows relabelled", "recall", "copies with a false alarm", "peer flags of one plant"]
    notes = f"{PLANTS} plants and {COPIES} unplanted copies per line; at most {ROWS:,} random rows per set."
    save("patterns", "python -m benchmarks.patterns", [table(header, lines), notes])


def _sources(n: int, kind: str, seed: int) -> sources.SourceColumn:
    """Random sources: 12 segment values or 15 annotators of Zipf-like size, or 16 equal quarters."""
    rng = np.random.default_rng(seed)
    count = {"segment": 12, "annotator": 15, "quarter": 16}[kind]
    weight = np.ones(count) if kind == "quarter" else 1 / np.arange(1, count + 1) ** 0.7
    drawn = rng.choice(count, n, p=weight / weight.sum())
    column = sources.source_column(kind, pl.Series("source", [f"{kind} {value}" for value in drawn]))
    if column is None:
        raise ValueError("a source column needs two values")
    return column


def _plant(
    truth: np.ndarray, kind: str, seed: int
) -> tuple[np.ndarray, sources.SourceColumn, str, tuple[int, int], np.ndarray]:
    """Relabels one class of one source; the draw is repeated until 10 rows are hit."""
    rng = np.random.default_rng(seed)
    column = _sources(len(truth), kind, seed)
    share = np.bincount(column.codes) / len(truth)
    for _ in range(1000):
        source = int(rng.choice(np.flatnonzero((share >= 0.03) & (share <= 0.2))))
        expected, given = (int(code) for code in rng.choice(truth.max() + 1, 2, replace=False))
        rows = (column.codes == source) & (truth == expected)
        if rows.sum() >= LEAST_ROWS:
            codes = truth.copy()
            codes[rows] = given
            return codes, column, column.values[source], (given, expected), rows
    raise ValueError("no class of this set is large enough to plant a habit in")


def _habits(
    phi: np.ndarray, truth: np.ndarray, clean: proxy.FoldMoments, codes: np.ndarray, column: sources.SourceColumn
) -> tuple[sources.Habit, ...]:
    moments = proxy.relabelled(phi, truth, codes, clean)
    first = proxy.out_of_fold(phi, codes, moments)
    without = proxy.grouped_out_of_fold(phi, codes, moments, column.codes, first.temperature)
    return sources.find_habits(column, codes, without, first)


def _peer_flags(
    text: pl.Series, codes: np.ndarray, column: object, value: str, pair: object, rows: np.ndarray
) -> float:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(text.to_list())
    model = LogisticRegression(max_iter=100)
    probabilities = cross_val_predict(model, words, codes, cv=5, method="predict_proba", n_jobs=1)
    return float(find_label_issues(codes, probabilities, n_jobs=1)[rows].mean())


if __name__ == "__main__":
    main()
