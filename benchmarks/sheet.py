"""A fresh sheet's interval against real noise: how often it holds the truth and how wide it is, over many draws."""

from __future__ import annotations

import numpy as np

from auditor.estimators.people import people
from auditor.estimators.sheet import Sample, rate_of_all
from auditor.evidence import classes
from auditor.evidence.sheet import draw
from auditor.model import Estimate
from benchmarks import data
from benchmarks.ranking import ranked
from benchmarks.results import save, table
from tests.lots import numbered

DRAWS = 200
SIZES = (100, 200, 400)
SHEET, SECOND, TWICE = 300, 50, 1000
# How often each of two people errs; where, if not anywhere; and whether always for the same other class.
PEOPLE = (
    ("never", 0.0, "anywhere", False),
    ("3 %", 0.03, "anywhere", False),
    ("10 %", 0.1, "anywhere", False),
    ("10 %, for the same other class", 0.1, "anywhere", True),
    ("10 %, all on the hardest fifth", 0.1, "doubtful", False),
    ("10 %, all where the given label is wrong", 0.1, "wrong", False),
)


def main() -> None:
    """Measures, prints and saves the tables."""
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
            found = [_rate(good, size, seed, y, guess) for seed in range(DRAWS)]
            lines.append([name, size, float(y.mean()), *_held(found, float(y.mean()))])
    save(
        "sheet",
        "python -m benchmarks.sheet",
        [
            table(["noisyag_news, train", "labelled", "truth", "mean estimate", "coverage of 90 %", "width"], lines),
            f"{DRAWS} draws each; sheets filled from the true labels.",
            "## Two people who err",
            table(
                ["each person errs", "as one person says: mean", "coverage", "put right: mean", "coverage", "width"],
                [[said, *_two(codes, truth.codes, good, *how)] for said, *how in PEOPLE],
            ),
            f"{TWICE:,} draws of {SHEET} records, {SECOND} of them by both; {100 * wrong.mean():.2f} % of the labels "
            "are wrong.",
        ],
    )


def _two(
    given: np.ndarray, truth: np.ndarray, good: np.ndarray, rate: float, where: str, alike: bool
) -> tuple[float, float, float, float, float]:
    rng = np.random.default_rng(0)
    anywhere = np.ones(len(truth), bool)
    prone = {"anywhere": anywhere, "doubtful": good <= np.quantile(good, 0.2), "wrong": given != truth}[where]
    n_classes = int(truth.max()) + 1

    def labels(rows: np.ndarray) -> np.ndarray:
        step = np.ones(len(rows), int) if alike else rng.integers(1, n_classes, len(rows))
        errs = prone[rows] & (rng.random(len(rows)) < rate / prone.mean())
        return np.where(errs, (truth[rows] + step) % n_classes, truth[rows])

    seen, put_right = [], []
    for seed in range(TWICE):
        drawn = draw(good, SHEET, numbered(len(good), seed))
        sample = Sample(drawn.stratum, drawn.sizes)
        one, other = labels(drawn.rows), labels(drawn.rows[:SECOND])
        y = (one != given[drawn.rows]).astype(float)
        seen.append(rate_of_all(sample, y, 1 - good[drawn.rows], float(1 - good.mean()), ""))
        two = people((one[:SECOND] != other).astype(float), sample.weights[:SECOND], n_classes, seed)
        assert two is not None
        was = given[drawn.rows[:SECOND]]
        disputed = ((one[:SECOND] == was) != (other == was)).astype(float)
        put_right.append(two.true_differing(seen[-1], disputed))
    true = float((given != truth).mean())
    return *_held(seen, true)[:2], *_held(put_right, true)


def _held(found: list[Estimate], true: float) -> tuple[float, float, float]:
    """Mean estimate, coverage, mean width."""
    low, value, high = np.transpose([(each.low, each.value, each.high) for each in found])
    return float(value.mean()), float(((low <= true) & (true <= high)).mean()), float((high - low).mean())


def _rate(good: np.ndarray, size: int, seed: int, y: np.ndarray, guess: np.ndarray) -> Estimate:
    drawn = draw(good, size, numbered(len(good), seed))
    return rate_of_all(Sample(drawn.stratum, drawn.sizes), y[drawn.rows], guess[drawn.rows], float(guess.mean()), "")


if __name__ == "__main__":
    main()
