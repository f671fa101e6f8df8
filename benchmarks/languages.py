"""How far the audit's accuracy is behind an ordinary TF-IDF classifier beyond English, and what English pays for it.

The classifier is TF-IDF on words or on characters with logistic regression or a linear SVM, chosen anew in inner folds
of each training part; its answers are pooled out of fold, on the audit's own folds.
"""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score
from sklearn.svm import LinearSVC

from auditor.api import audit
from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.evidence import languages
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.tokens import TOKENS
from auditor.plan import steps_for
from auditor.script_tokens import mean_tokens
from benchmarks.data import banking77, folder
from benchmarks.results import save, table

RECORDS = 2_500
SEEDS = 5
INNER_FOLDS = 3
INTENTS = 20
TERMS = (
    partial(TfidfVectorizer, sublinear_tf=True, ngram_range=(1, 2)),
    partial(TfidfVectorizer, sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5)),
)
MODELS = (partial(LogisticRegression, C=10, max_iter=100), LinearSVC)


def main() -> None:
    """Measures, prints and saves the tables."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = range(parser.parse_args().seeds)
    lines: list[list[object]] = []
    with tempfile.TemporaryDirectory() as into, one_blas_thread():
        for name in ("Thai", "Spanish", "Thai, Spanish and English"):
            found = [_measured(_rows(name, seed), Path(into), seed) for seed in seeds]
            short = [100 * (classifier - audit) for audit, classifier, *_ in found]
            means = [float(np.mean([each[at] for each in found])) for at in range(4)]
            lines.append([name, *means, f"{np.mean(short):+.2f}", f"{max(short):+.2f}"])
            print(lines[-1], [round(each, 2) for each in short], flush=True)
        english = _cost_of_english(Path(into))
    columns = [
        "export",
        "audit",
        "TF-IDF classifier",
        "retrieval",
        "CPU seconds",
        "mean shortfall",
        "largest shortfall",
    ]
    save(
        "languages",
        "python -m benchmarks.languages",
        [
            f"{RECORDS:,} rows, means over {len(seeds)} seeds, shortfalls in points.",
            table(columns, lines),
            english,
        ],
    )


def _rows(name: str, seed: int) -> pl.DataFrame:
    intents = pl.read_parquet(folder() / "intents_es_th.parquet")
    of = {
        called: intents.filter(pl.col("language") == code).select("text", "label")
        for called, code in (("Thai", "th"), ("Spanish", "es"))
    }
    if name in of:
        return of[name].sample(RECORDS, seed=seed, shuffle=True)
    english = banking77()
    commonest = english["label"].value_counts(sort=True).sort("count", "label", descending=True)["label"][:INTENTS]
    parts = (*of.values(), english.filter(pl.col("label").is_in(commonest.to_list())))
    return pl.concat([part.sample(RECORDS // len(parts), seed=seed, shuffle=True) for part in parts])


def _measured(rows: pl.DataFrame, into: Path, seed: int) -> tuple[float, float, float, float]:
    """Accuracy of the audit, of the classifier and of the neighbours' vote, and CPU seconds without the classifier."""
    rows.write_parquet(into / "rows.parquet")
    config = Config(export=str(into / "rows.parquet"), text=("text",), label="label", seed=seed)
    started = time.process_time()
    steps = steps_for(load(config), seed)
    right = steps[SURROGATE].out_of_fold.predicted == steps[CLASSES].codes
    vote = steps[RETRIEVAL].vote == steps[CLASSES].codes[steps[RETRIEVAL].queries]
    seconds = time.process_time() - started
    said = _classified(steps[ROWS]["text"].to_numpy(), steps[CLASSES].codes, steps[FOLD_MOMENTS].folds, seed)
    return float(right.mean()), float((said == steps[CLASSES].codes).mean()), float(vote.mean()), seconds


def _classified(
    texts: NDArray[np.object_], codes: NDArray[np.int32], folds: NDArray[np.int8], seed: int
) -> NDArray[np.int32]:
    """The answer (n,) to each text of the classifier that is best in the inner folds of the other outer ones."""
    said = np.empty_like(codes)
    for fold in np.unique(folds):
        train = folds != fold
        seen = [terms().fit(texts[train]) for terms in TERMS]
        tried = [(terms, model) for terms in seen for model in MODELS]
        scores = [_inner(terms.transform(texts[train]), model(), codes[train], seed) for terms, model in tried]
        terms, model = tried[int(np.argmax(scores))]
        best = model().fit(terms.transform(texts[train]), codes[train])
        said[~train] = best.predict(terms.transform(texts[~train]))
    return said


def _inner(terms: sp.csr_matrix, model: ClassifierMixin, codes: NDArray[np.int32], seed: int) -> float:
    inner = KFold(INNER_FOLDS, shuffle=True, random_state=seed)
    return float(cross_val_score(model, terms, codes, cv=inner).mean())


def _cost_of_english(into: Path) -> str:
    """What an English export pays: the languages told, of the whole audit."""
    banking77().gather_every(4).write_parquet(into / "rows.parquet")
    config = Config(export=str(into / "rows.parquet"), text=("text",), label="label")
    started = time.process_time()
    audit(config)
    whole = time.process_time() - started
    steps = steps_for(load(config), 0)
    found = steps[TOKENS]
    started = time.process_time()
    languages.languages(steps[ROWS]["text"], found)
    mean_tokens(steps[ROWS]["text"])
    told = time.process_time() - started
    return (
        f"Every fourth row of BANKING77 keeps words and vectors: of {whole:.1f} CPU seconds of its audit {told:.2f} "
        f"tell languages and count tokens by script, {told / whole:.2%}."
    )


if __name__ == "__main__":
    main()
