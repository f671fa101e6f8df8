"""Do intervals hold what they say? Accuracy of an ordinary classifier, and what twice the rows add.

``accuracy`` holds the audits of `benchmarks.readiness` against a linear SVM on TF-IDF, trained on earlier rows of the
same export and judged by given labels. ``doubling`` audits 20 exports at a size and at twice that. Finished lines are
kept in ``build``; a stopped run goes on there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.evidence.classes import CLASSES
from auditor.evidence.curve import DOUBLING_ERROR, LEARNING_CURVE
from auditor.evidence.surrogate import SURROGATE
from auditor.judge.draws import LINEAR_AHEAD, LINEAR_SPREAD
from auditor.plan import steps_for
from benchmarks.readiness.lines import append, lines
from benchmarks.readiness.sources import load as source
from benchmarks.results import RESULTS, save, table

LEVELS = (0.5, 0.8, 0.9)
DONE = Path("build/calibration.jsonl")
AUDITS, OUTCOMES = Path("build/readiness/audits.jsonl"), RESULTS / "readiness_outcomes.jsonl"
SIZES = (
    ("banking77", 1000), ("banking77", 2500), ("banking77", 5000), ("clinc150", 1500), ("clinc150", 4000),
    ("nvd", 1500), ("nvd", 5000), ("nvd, ten classes", 1000), ("nvd, ten classes", 3000),
    ("noisyag_news, true labels", 500), ("noisyag_news, true labels", 2000), ("noisyag_news, true labels", 5000),
    ("cfpb, one taxonomy", 1000), ("cfpb, one taxonomy", 3000), ("cfpb", 2500), ("imr_ca, treatment", 1500),
    ("imr_ca, treatment", 5000), ("imr_ca, diagnosis", 2500), ("noisyag_news", 2000), ("intents_es_th, spanish", 800),
)  # fmt: skip


def main() -> None:
    """Measures what is missing and writes the tables."""
    one_blas_thread()
    done = {(line["set"], line["rows"]) for line in lines(DONE)}
    DONE.parent.mkdir(exist_ok=True)
    for name, rows in SIZES:
        if (name, rows) not in done:
            append(DONE, doubled(name, rows))
            print(name, rows, flush=True)
    save("calibration", "python -m benchmarks.calibration", [*_doubling(), *_accuracy()])


def doubled(name: str, rows: int) -> dict[str, Any]:
    """What twice the rows were said to add, and what the audit's own figure gained."""
    column = "given" if name == "noisyag_news" else "truth"
    frame = source(name).select("text", label=column).sample(fraction=1.0, shuffle=True, seed=5)
    (now, said), (then, _) = (_figures(frame.head(size)) for size in (rows, 2 * rows))
    return {"set": name, "rows": rows, "now": now, "then": then, "said": said}


def _figures(frame: pl.DataFrame) -> tuple[float, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.parquet"
        frame.write_parquet(export)
        steps = steps_for(load(Config(export=str(export), text=("text",), label="label")), 0)
        right = steps[SURROGATE].out_of_fold.accuracy(steps[CLASSES].codes)
        return right, steps[LEARNING_CURVE].by_twice_the_rows


def _doubling() -> Iterator[str]:
    found = [line for line in lines(DONE) if line["said"] is not None]
    said, got = np.array([line["said"] for line in found]), np.array([line["then"] - line["now"] for line in found])
    yield "## What twice the rows add"
    yield (
        f"Mean error {100 * np.abs(said - got).mean():.2f} points over {len(found)} sets and sizes, bias "
        f"{100 * (said - got).mean():+.2f}. {_cover(said - got, np.full(len(said), DOUBLING_ERROR))}"
    )
    yield table(
        ["set", "rows", "said to add", "added"],
        [
            [line["set"], f"{line['rows']:,}", f"{100 * a:+.1f}", f"{100 * b:+.1f}"]
            for line, a, b in zip(found, said, got, strict=True)
        ],
    )


def _accuracy() -> Iterator[str]:
    """Judged by given labels, so that wrong ones and changing names count for both."""
    outcomes = {line["scenario"]: line for line in lines(OUTCOMES)}
    found = [(outcomes[line["scenario"]], line["facts"]["ordinary"]) for line in lines(AUDITS)]
    got = np.array([outcome["linear_in_time_given"] for outcome, _ in found])
    rows = np.array([outcome["in_time_rows"] for outcome, _ in found])
    off = np.array([said["value"] for _, said in found]) + LINEAR_AHEAD - got
    spread = np.hypot([said["error"] for _, said in found], LINEAR_SPREAD)
    error = np.hypot(spread, np.sqrt(got * (1 - got) / rows))
    sources = np.array([outcome["scenario"].split(";")[0].split(",")[0] for outcome, _ in found])
    yield "## Accuracy of an ordinary classifier"
    width = 2 * norm.ppf(0.95) * np.median(spread)
    yield f"{_cover(off, error)} Median width {100 * width:.1f} points, bias {100 * off.mean():+.1f}."
    yield table(
        ["source", "exports", "bias in points", "inside 90 %"],
        [
            [name, int(here.sum()), f"{100 * off[here].mean():+.1f}", f"{_share(off[here], error[here], 0.9):.2f}"]
            for name in sorted(set(sources.tolist()))
            for here in [sources == name]
        ],
    )


def _cover(off: NDArray[np.float64], error: NDArray[np.float64]) -> str:
    held = ", ".join(f"{100 * level:.0f} % → {100 * _share(off, error, level):.0f} %" for level in LEVELS)
    return f"Intervals that say so much hold so many of {len(off)}: {held}."


def _share(off: NDArray[np.float64], error: NDArray[np.float64], level: float) -> float:
    return float((np.abs(off) <= norm.ppf((1 + level) / 2) * error).mean())


if __name__ == "__main__":
    main()
