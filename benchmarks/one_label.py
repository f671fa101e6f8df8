"""One label of several, as yes or no, beside scikit-learn's logistic regression on the same folds.

Two questions to a bank make one record with both their labels; `--label-is` audits each label in turn.
"""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.evidence.surrogate import SURROGATE
from auditor.plan import steps_for
from benchmarks.data import banking77
from benchmarks.results import save, table

RECORDS = 1_500
INTENTS = 16


def main() -> None:
    """Measures, prints and saves the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    joined, names = _joined(seed)
    with tempfile.TemporaryDirectory() as into, one_blas_thread():
        path = Path(into) / "joined.parquet"
        joined.write_parquet(path)
        lines = [_beside(path, name, seed) for name in names]
    means = [float(np.mean([line[at] for line in lines])) for at in range(1, 6)]
    columns = ["label", "records", "audit, accuracy", "logistic regression", "audit, F1", "logistic regression, F1"]
    said = (
        f"{RECORDS:,} records of two questions each, none asked twice, of {INTENTS} intents; out of fold, on the "
        "audit's folds."
    )
    save("one_label", "python -m benchmarks.one_label", [said, table(columns, [*lines, ["mean", *means]])])


def _joined(seed: int) -> tuple[pl.DataFrame, list[str]]:
    """Records of two questions with different labels, ``a; b``, and the labels. No question is asked twice."""
    questions = banking77()
    names = questions["label"].value_counts(sort=True).sort("count", "label", descending=True)["label"][:INTENTS]
    drawn = questions.filter(pl.col("label").is_in(names.to_list())).sample(fraction=1, seed=seed, shuffle=True)
    half = len(drawn) // 2
    first, second = drawn.head(half), drawn.tail(half)
    both = pl.DataFrame({
        "text": first["text"] + " " + second["text"],
        "labels": first["label"] + "; " + second["label"],
    }).filter(first["label"] != second["label"])  # fmt: skip
    return both.head(RECORDS), names.to_list()


def _beside(path: Path, name: str, seed: int) -> list[float | str]:
    steps = steps_for(load(Config(export=str(path), text=("text",), label="labels", label_is=name, seed=seed)), seed)
    classes = steps[CLASSES]
    truth = np.array(classes.names)[classes.codes] == name
    audit = np.array(classes.names)[steps[SURROGATE].out_of_fold.predicted] == name
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), LogisticRegression(C=10))
    folds = PredefinedSplit(steps[FOLD_MOMENTS].folds)
    said = cross_val_predict(model, steps[ROWS]["text"].to_numpy(), truth, cv=folds)
    right = [float((answers == truth).mean()) for answers in (audit, said)]
    f1 = [float(f1_score(truth, answers)) for answers in (audit, said)]
    return [name, int(truth.sum()), *right, *f1]


if __name__ == "__main__":
    main()
