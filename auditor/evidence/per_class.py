"""What the audit measured about each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.intervals import Z_90

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from auditor.evidence import Evidence


@dataclass(frozen=True)
class ClassFacts:
    """One class; shares are None where nothing was there to measure them on."""

    label: str
    rows: int
    unique_rows: int
    volume_share: float
    recall: float | None
    precision: float | None
    retrieval_recall: float | None
    noise_rate: float | None
    first_seen: date | None
    last_seen: date | None
    habit_share: float
    churned: bool
    gain_low: float | None
    gain_high: float | None
    ceiling_recall: float | None
    prompt_recall: float | None = None


def class_facts(evidence: Evidence, *, dated: bool, with_habits: bool) -> tuple[ClassFacts, ...]:
    """Facts per class, largest first. ``dated`` and ``with_habits`` say whether that evidence exists."""
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
    habit_rows = np.zeros(k, np.int64)
    for habit in evidence.habits if with_habits else ():
        habit_rows[habit.given] += len(habit.rows)
        habit_rows[habit.expected] += len(habit.rows)
    return tuple(
        ClassFacts(
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
            float(habit_rows[code] / counts[code]),
            code in churned,
            float(gain[code] - error[code]) if asked[code] else None,
            float(gain[code] + error[code]) if asked[code] else None,
            _ratio(among[code], asked[code]),
        )
        for code, name in enumerate(evidence.classes.names)
    )


def _variance(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the shares ``part / whole``, with two right and two wrong added (Agresti and Coull 1998)."""
    share = (part + 2) / (whole + 4)
    return np.asarray(share * (1 - share) / (whole + 4))


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
