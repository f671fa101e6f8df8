"""Finding wrong labels: average precision of the ranking against planted and real noise, beside the peer.

The peer is what a team would do by hand: TF-IDF of words and word pairs, logistic regression in five folds,
cleanlab's quality score (self-confidence, its default). Both see the same rows, folds aside.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import polars as pl
from cleanlab.rank import get_label_quality_scores
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from auditor.estimators.label_noise import anchor_noise
from auditor.evidence import classes, features, label_issues, tokens
from benchmarks import data
from benchmarks.ranking import ranked
from benchmarks.results import save, table

RATES = (0.02, 0.05, 0.10, 0.20)
KINDS = ("random", "class pair", "near class")
ROWS = 6_000


def main() -> None:
    """Measures, prints and saves the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    rates = parser.parse_args().rates
    warnings.simplefilter("ignore")
    real = data.noisyag()
    truth = classes.fold_labels(real["true_label"])
    given = np.array([truth.names.index(label) for label in real["label"]], np.int32)
    rows = [["noisyag_news (real, 19.75 %)", "annotators", given, truth.codes, real["text"]]]
    rows += [[*cell] for cell in _planted(rates)]
    lines = []
    for name, kind, codes, right, text in rows:
        ours, rate = _ours(text, codes)
        wrong = np.asarray(codes != right)
        peer = _peer(text, codes)
        lines.append(
            [
                name,
                kind,
                float(wrong.mean()),
                float(average_precision_score(wrong, -ours)),
                float(average_precision_score(wrong, -peer)),
                rate,
            ]
        )
        print(lines[-1], flush=True)
    ahead = sum(line[3] > line[4] for line in lines)
    save(
        "label_noise",
        "python -m benchmarks.label_noise --rates " + " ".join(map(str, rates)),
        [
            table(["set", "noise", "wrong labels", "average precision", "peer", "estimated rate, at least"], lines),
            f"Ahead of the peer in {ahead} of {len(lines)} cells. Planted sets: at most {ROWS:,} random rows each.",
        ],
    )


def _planted(rates: list[float]) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, pl.Series]]:
    for name, load in (("clinc150", data.clinc150), ("banking77", data.banking77), ("NVD", data.nvd)):
        frame = load()
        frame = frame.sample(min(ROWS, len(frame)), seed=1)
        found = classes.fold_labels(frame["label"])
        k = len(found)
        centre = _centres(frame["text"], found.codes, k)
        near = np.argsort(9 * np.eye(k) - centre @ centre.T, axis=1)[:, :3]
        for rate in rates:
            rng = np.random.default_rng(7)
            pair = np.roll(np.arange(k), 1)
            for kind in KINDS:
                codes = found.codes.copy()
                hit = np.flatnonzero(rng.random(len(codes)) < rate)
                match kind:
                    case "random":
                        codes[hit] = (codes[hit] + rng.integers(1, k, len(hit))) % k
                    case "class pair":
                        codes[hit] = pair[codes[hit]]
                    case _:
                        codes[hit] = near[codes[hit], rng.integers(0, near.shape[1], len(hit))]
                yield name, kind, codes, found.codes, frame["text"]


def _centres(text: pl.Series, codes: np.ndarray, k: int) -> np.ndarray:
    embedded = features.embedding(tokens.tokenise(text)).weighted
    centre = np.stack([embedded[codes == code].mean(axis=0) for code in range(k)])
    return centre / np.linalg.norm(centre, axis=1, keepdims=True)


def _ours(text: pl.Series, codes: np.ndarray) -> tuple[np.ndarray, float]:
    ranking, first = ranked(text, codes, int(codes.max()) + 1)
    return ranking.quality, anchor_noise(label_issues.anchors(codes, first.probabilities)).rate


def _peer(text: pl.Series, codes: np.ndarray) -> np.ndarray:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(text.to_list())
    probabilities = cross_val_predict(
        LogisticRegression(max_iter=100), words, codes, cv=5, method="predict_proba", n_jobs=1
    )
    return get_label_quality_scores(codes, probabilities)


if __name__ == "__main__":
    main()
