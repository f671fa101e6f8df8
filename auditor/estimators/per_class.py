"""What the audit measured about each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.interval import Z_90
from auditor.model import COUNT, PERCENT, ClassRow, Route, Template, Words
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from numpy.typing import NDArray

CLASS_ROWS: Key[tuple[ClassRow, ...]] = Key("what was measured of each class")

# Under so many different examples a class is learned poorly (OpenAI fine-tuning guide, 2025).
FEW_EXAMPLES = 50
# From these shares on, wrong labels and one source's filing are worth a word (house rule, 2026).
NOISY, FILED_APART = 0.15, 0.05
LOOK_WRONG = Template("look_wrong", "about {share} of its labels look wrong", fields={"share": PERCENT})
DIFFERENT_EXAMPLES = Template("different_examples", "{examples} different examples", fields={"examples": COUNT})


@dataclass(frozen=True)
class ClassCounts:
    """Of each class (K,): its ``rows``, its ``different`` texts, the ``hits`` of a model and what it ``said``; of those
    ``asked`` of its neighbours, how many these ``voted`` for rightly and found ``among`` them; and its ``first`` and
    ``last`` day.
    """

    rows: NDArray[np.int64]
    different: NDArray[np.int64]
    hits: NDArray[np.int64]
    said: NDArray[np.int64]
    asked: NDArray[np.int64]
    voted: NDArray[np.int64]
    among: NDArray[np.int64]
    first: Sequence[date | None]
    last: Sequence[date | None]


def class_rows(
    shown: Sequence[str],
    found: ClassCounts,
    wrong: NDArray[np.float64],
    biased: NDArray[np.int64],
    churned: Collection[int],
    *,
    noise_seen: bool,
) -> tuple[ClassRow, ...]:
    """What was measured of each class, by the names ``shown`` (K,), largest first; where it goes is for the judge.

    Classes that no report names are one row, the last. Of each class so many rows look ``wrong`` (K,), so many are
    ``biased`` (K,) by a source, and the ``churned`` came or went; ``noise_seen`` says that labels look wrong at all.
    """
    names = tuple(dict.fromkeys(shown))
    place = np.array([names.index(name) for name in shown])

    def of_shown(by_code: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(place, weights=by_code).astype(float)

    counts, hits, said = of_shown(found.rows), of_shown(found.hits), of_shown(found.said)
    asked, voted, among = of_shown(found.asked), of_shown(found.voted), of_shown(found.among)
    error = Z_90 * np.sqrt(_variance(hits, counts) + _variance(voted, asked))
    gain = hits / counts - voted / np.maximum(asked, 1)
    unique = of_shown(found.different)
    noise = np.minimum(of_shown(wrong) / counts, 1)
    moved = {int(place[code]) for code in churned}
    apart = of_shown(biased) / counts
    first, last = (
        [choose(days) if (days := _days(each, place, at)) else None for at in range(len(names))]
        for each, choose in ((found.first, min), (found.last, max))
    )
    return tuple(
        ClassRow(
            name,
            int(counts[at]),
            int(unique[at]),
            float(counts[at] / counts.sum()),
            _ratio(hits[at], counts[at]),
            _ratio(hits[at], said[at]),
            _ratio(voted[at], asked[at]),
            float(noise[at]),
            first[at],
            last[at],
            Route.PROMPT,
            _why(int(unique[at]), float(noise[at]) if noise_seen else 0.0, float(apart[at]), at in moved),
            float(gain[at] - error[at]) if asked[at] else None,
            float(gain[at] + error[at]) if asked[at] else None,
            _ratio(among[at], asked[at]),
            habit_share=float(apart[at]),
            churned=at in moved,
        )
        for at, name in enumerate(names)
    )


def _days(of_class: Sequence[date | None], place: NDArray[np.int64], at: int) -> list[date]:
    return [day for day, where in zip(of_class, place, strict=True) if where == at and day is not None]


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
