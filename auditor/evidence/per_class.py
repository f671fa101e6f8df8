"""What the audit measured about each class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable
from auditor.evidence.intervals import Z_90
from auditor.model import ClassRoute, ClassRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence import Evidence


# Under so many different examples a class is learned poorly (OpenAI fine-tuning guide, 2025).
FEW_EXAMPLES = 50
# From these shares on, wrong labels and one source's filing are worth a word (house rule, 2026).
NOISY, FILED_APART = 0.15, 0.05


def class_rows(evidence: Evidence, routes: Sequence[ClassRoute]) -> tuple[ClassRow, ...]:
    """A row for each class in the order of ``routes``, largest first: what was measured, and where it goes."""
    dated = _known(lambda: evidence.class_events)
    with_habits = _known(lambda: evidence.habits)
    codes, k = evidence.codes, len(evidence.classes)
    counts = evidence.classes.counts
    predicted, queries = evidence.stand_in.out_of_fold.predicted, evidence.retrieval.queries
    hits = np.bincount(codes[predicted == codes], minlength=k)
    said = np.bincount(predicted, minlength=k)
    asked = np.bincount(codes[queries], minlength=k)
    retrieved = np.bincount(codes[queries][evidence.retrieval.vote == codes[queries]], minlength=k)
    among = np.bincount(codes[queries][evidence.retrieval.found], minlength=k)
    error = Z_90 * np.sqrt(_variance(hits, counts) + _variance(retrieved, asked))
    gain = hits / counts - retrieved / np.maximum(asked, 1)
    unique = evidence.duplicates.different(codes, k)
    noise = np.minimum(evidence.anchor_noise.flow.sum(axis=1) / counts, 1)
    seen = (
        pl.DataFrame({"code": codes, "time": evidence.rows["time"].dt.date()})
        .group_by("code")
        .agg(first=pl.col("time").min(), last=pl.col("time").max())
        .sort("code")
    )
    churned = {event.code for event in evidence.class_events} if dated else set()
    seen_wrong = evidence.label_cost.rate > 0
    habit_rows = np.zeros(k, np.int64)
    for habit in evidence.habits if with_habits else ():
        habit_rows[habit.given] += len(habit.rows)
        habit_rows[habit.expected] += len(habit.rows)
    apart = habit_rows / counts
    return tuple(
        ClassRow(
            name,
            int(counts[code]),
            int(unique[code]),
            float(counts[code] / counts.sum()),
            _ratio(hits[code], counts[code]),
            _ratio(hits[code], said[code]),
            _ratio(retrieved[code], asked[code]),
            float(noise[code]),
            seen["first"][code],
            seen["last"][code],
            routes[code].route,
            _why(int(unique[code]), float(noise[code]) if seen_wrong else 0.0, float(apart[code]), code in churned),
            float(gain[code] - error[code]) if asked[code] else None,
            float(gain[code] + error[code]) if asked[code] else None,
            _ratio(among[code], asked[code]),
            routes[code].prompt_recall,
            float(apart[code]),
            code in churned,
            routes[code].value_a_month,
            routes[code].pooled,
        )
        for code, name in enumerate(evidence.classes.names)
    )


def _why(unique: int, noise: float, apart: float, churned: bool) -> str:
    """What is worth knowing of a class beside its figures, in a few words."""
    if apart > FILED_APART:
        return "one source files it differently"
    if noise > NOISY:
        return f"about {100 * noise:.0f} % of its labels look wrong"
    if churned:
        return "born or dying in these years"
    return f"{unique:,} different examples" if unique < FEW_EXAMPLES else ""


def _known(compute: Callable[[], object]) -> bool:
    try:
        compute()
    except NotApplicable:
        return False
    return True


def _variance(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the shares ``part / whole``, with two right and two wrong added (Agresti and Coull 1998)."""
    share = (part + 2) / (whole + 4)
    return np.asarray(share * (1 - share) / (whole + 4))


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
