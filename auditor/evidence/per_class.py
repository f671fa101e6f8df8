"""What the audit measured about each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.churn import CLASS_EVENTS
from auditor.estimators.label_cost import LABEL_COST
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import ROWS
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.sources import SOURCE_BIAS
from auditor.evidence.surrogate import SURROGATE
from auditor.interval import Z_90
from auditor.model import COUNT, PERCENT, ClassRow, Route, Template, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.results import Results


# Under so many different examples a class is learned poorly (OpenAI fine-tuning guide, 2025).
FEW_EXAMPLES = 50
# From these shares on, wrong labels and one source's filing are worth a word (house rule, 2026).
NOISY, FILED_APART = 0.15, 0.05
LOOK_WRONG = Template("look_wrong", "about {share} of its labels look wrong", fields={"share": PERCENT})
DIFFERENT_EXAMPLES = Template("different_examples", "{examples} different examples", fields={"examples": COUNT})


CLASS_ROWS_READ = (
    CLASSES,
    ROWS,
    SURROGATE,
    RETRIEVAL,
    DUPLICATES,
    ANCHOR_NOISE,
    LABEL_COST,
    CLASS_EVENTS,
    SOURCE_BIAS,
)


def class_rows(results: Results) -> tuple[ClassRow, ...]:
    """What was measured of each class, largest first; where it goes is for the judge.

    Classes that no report names are one row, the last.
    """
    codes, k = results[CLASSES].codes, len(results[CLASSES])
    every = results[CLASSES].counts
    names = tuple(dict.fromkeys(results[CLASSES].shown))
    place = np.array([names.index(name) for name in results[CLASSES].shown])

    def of_shown(by_code: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(place, weights=by_code).astype(float)

    def counted(chosen: NDArray[np.generic]) -> NDArray[np.float64]:
        return of_shown(np.bincount(chosen, minlength=k))

    predicted, queries = results[SURROGATE].out_of_fold.predicted, results[RETRIEVAL].queries
    counts, hits, said = of_shown(every), counted(codes[predicted == codes]), counted(predicted)
    asked = counted(codes[queries])
    retrieved = counted(codes[queries][results[RETRIEVAL].vote == codes[queries]])
    among = counted(codes[queries][results[RETRIEVAL].found])
    error = Z_90 * np.sqrt(_variance(hits, counts) + _variance(retrieved, asked))
    gain = hits / counts - retrieved / np.maximum(asked, 1)
    unique = of_shown(results[DUPLICATES].different(codes, k))
    noise = np.minimum(of_shown(results[ANCHOR_NOISE].flow.sum(axis=1)) / counts, 1)
    seen = (
        pl.DataFrame({"place": place[codes], "time": results[ROWS]["time"].dt.date()})
        .group_by("place")
        .agg(first=pl.col("time").min(), last=pl.col("time").max())
        .sort("place")
    )
    churned = {place[event.code] for event in results.get(CLASS_EVENTS) or ()}
    seen_wrong = results[LABEL_COST].rate > 0
    bias_rows = np.zeros(k)
    for bias in results.get(SOURCE_BIAS) or ():
        bias_rows[bias.given] += len(bias.rows)
        bias_rows[bias.expected] += len(bias.rows)
    apart = of_shown(bias_rows) / counts
    return tuple(
        ClassRow(
            name,
            int(counts[at]),
            int(unique[at]),
            float(counts[at] / counts.sum()),
            _ratio(hits[at], counts[at]),
            _ratio(hits[at], said[at]),
            _ratio(retrieved[at], asked[at]),
            float(noise[at]),
            seen["first"][at],
            seen["last"][at],
            Route.PROMPT,
            _why(int(unique[at]), float(noise[at]) if seen_wrong else 0.0, float(apart[at]), at in churned),
            float(gain[at] - error[at]) if asked[at] else None,
            float(gain[at] + error[at]) if asked[at] else None,
            _ratio(among[at], asked[at]),
            habit_share=float(apart[at]),
            churned=at in churned,
        )
        for at, name in enumerate(names)
    )


def _why(unique: int, noise: float, apart: float, churned: bool) -> Words:
    """What is worth knowing of a class beside its figures, in a few words."""
    if apart > FILED_APART:
        return "one source files it differently"
    if noise > NOISY:
        return LOOK_WRONG.of(share=noise)
    if churned:
        return "born or dying in these years"
    return DIFFERENT_EXAMPLES.of(examples=unique) if unique < FEW_EXAMPLES else ""


def _variance(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the shares ``part / whole``, with two right and two wrong added (Agresti and Coull 1998)."""
    share = (part + 2) / (whole + 4)
    return np.asarray(share * (1 - share) / (whole + 4))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
