"""The review's interval against real noise: how often it holds the truth, and how wide it is, over repeated draws."""

from __future__ import annotations

import numpy as np

from auditor.evidence import classes
from auditor.evidence.review import Sample, rate_of_all
from auditor.review import draw
from benchmarks import data
from benchmarks.ranking import ranked
from benchmarks.results import save, table

DRAWS = 200
SIZES = (100, 200, 400)


def main() -> None:
    """Measures, prints and saves the table."""
    frame = data.noisyag()
    truth = classes.fold_labels(frame["true_label"])
    codes = np.array([truth.names.index(label) for label in frame["label"]], np.int32)
    ranking, first = ranked(frame["text"], codes, len(truth))
    good = ranking.quality
    wrong = (codes != truth.codes).astype(float)
    right = (first.predicted == truth.codes).astype(float)
    agrees = (first.predicted == codes).astype(float)
    lines = []
    for size in SIZES:
        for name, y, guess in (("wrong labels", wrong, 1 - good), ("accuracy against true labels", right, agrees)):
            spans = np.array([_interval(good, size, seed, y, guess) for seed in range(DRAWS)])
            held = (spans[:, 0] <= y.mean()) & (y.mean() <= spans[:, 2])
            width = (spans[:, 2] - spans[:, 0]).mean()
            lines.append([name, size, float(y.mean()), float(spans[:, 1].mean()), float(held.mean()), float(width)])
    save(
        "review",
        "python -m benchmarks.review",
        [
            table(["noisyag_news, train", "reviewed", "truth", "mean estimate", "coverage of 90 %", "width"], lines),
            f"{DRAWS} draws each; verdicts filled from the true labels.",
        ],
    )


def _interval(good: np.ndarray, size: int, seed: int, y: np.ndarray, guess: np.ndarray) -> tuple[float, float, float]:
    sample = draw(good, size, seed)
    rate = rate_of_all(Sample(sample.stratum, sample.sizes), y[sample.rows], guess[sample.rows], guess, "")
    return rate.low or 0.0, rate.value, 1.0 if rate.high is None else rate.high


if __name__ == "__main__":
    main()
