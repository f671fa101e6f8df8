"""What intervals of the audits of `benchmarks.readiness` hold, as they stand and as they were.

``BEFORE`` keeps what commit 2d8eb08 said of the same exports, by its own ``python -m benchmarks.readiness audits``:
value and 90 % interval, held to the same outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from auditor.estimators.intervals import share_estimate
from benchmarks.judged_rows import SETS, judged
from benchmarks.later import interval_score
from benchmarks.readiness.lines import lines
from benchmarks.readiness.scenarios import TUNING, set_of
from benchmarks.results import RESULTS, table
from checks.benefit import ben001_retrieval_baseline as retrieval

Values = NDArray[np.float64]
Line = dict[str, Any]

LEVELS = (0.5, 0.8, 0.9)
Z = float(norm.ppf(0.95))
SMALL = 2_000
AUDITS, OUTCOMES = Path("build/readiness/audits.jsonl"), RESULTS / "readiness_outcomes.jsonl"
BEFORE = RESULTS / "calibration_before.jsonl"


@dataclass(frozen=True)
class Row:
    """What intervals missed by: ``off`` (n,) with its standard error (n,), the outcome's own in it, and its ``told``
    part alone; t distributions of ``freedom`` (n,).
    """

    figure: str
    part: str
    off: Values
    error: Values
    told: Values
    freedom: Values | float = np.inf

    def take(self, part: str, here: NDArray[np.bool_]) -> Row:
        return Row(self.figure, part, self.off[here], self.error[here], self.told[here], self.freedom)

    def held(self, level: float) -> float:
        return float((np.abs(self.off) <= t.ppf((1 + level) / 2, self.freedom) * self.error).mean())

    @property
    def score(self) -> float:
        """The mean of the interval scores at 90 %."""
        return float(interval_score(self.off, t.ppf(0.95, self.freedom) * self.told).mean())

    @property
    def constant_score(self) -> float:
        """That of the constant interval that holds nine in ten."""
        return float(interval_score(self.off, np.quantile(np.abs(self.off), 0.9)).mean())


def side_by_side(rows: Iterable[tuple[Row, Row | None]]) -> str:
    """Every row with what it was before, where that was measured."""
    found = []
    for row, before in rows:
        covers = [f"{row.held(level):.2f}" for level in LEVELS]
        was = [f"{before.held(0.9):.2f}", f"{before.score:.3f}"] if before else ["–", "–"]
        found.append(
            [row.figure, row.part, len(row.off), *covers, f"{row.score:.3f}", f"{row.constant_score:.3f}", *was]
        )
    levels = [f"{100 * level:.0f} %" for level in LEVELS]
    return table(["figure", "of", "n", *levels, "score", "constant's", "90 % before", "score before"], found)


class Export(NamedTuple):
    """Of one scenario: what other models got, what the audit says, and what it said before."""

    outcome: Line
    now: Line
    before: Line

    @property
    def source(self) -> str:
        return str(self.outcome["scenario"].split(";")[0].split(",")[0])

    @property
    def sound(self) -> bool:
        return bool(self.outcome["wrong_labels"] == 0)


def of_audits() -> Iterator[tuple[Row, Row | None]]:
    """Accuracy, vote and ceiling, by half; accuracy by size and source too."""
    found = exports()
    rows = np.array([each.outcome["rows"] for each in found])
    sources = np.array([each.source for each in found])
    more = {f"under {SMALL:,} rows": rows < SMALL, f"{SMALL:,} rows and more": rows >= SMALL}
    more |= {name: sources == name for name in np.unique(sources)}
    right = "linear_in_time_given"
    yield from _by_part(found, accuracy(found), _before(found, "accuracy_given_labels", right), more)
    voted = [each for each in found if each.sound and each.now["facts"]["vote"]]
    yield from _by_part(voted, vote(voted), _before(voted, "retrieval_accuracy", "vote_in_time_true"))
    yield from _by_part(found, among(found), _before(found, "retrieval_ceiling", "found_in_time_given"))


def _by_part(
    found: list[Export], row: Row, before: Row, more: Mapping[str, NDArray[np.bool_]] = MappingProxyType({})
) -> Iterator[tuple[Row, Row]]:
    tuning = np.isin([each.source for each in found], TUNING)
    parts = {"all": tuning | ~tuning, "tuning half": tuning, "testing half": ~tuning} | more
    for name, here in parts.items():
        part = f"{row.part}, {name}" if row.part else name
        yield row.take(part, here), before.take(part, here)


def accuracy(found: list[Export]) -> Row:
    """Judged by given labels, so that wrong ones and changing names count for both."""
    value, error = np.array([[each.now["facts"]["ordinary"][key] for key in ("value", "error")] for each in found]).T
    told = np.hypot(error, [each.now["facts"]["choice"] for each in found])
    return _held_to("linear_in_time_given", found, "ordinary classifier", "", value, told)


def vote(found: list[Export]) -> Row:
    """Of exports without planted mistakes: the audit's vote against one that shares nothing with it but the texts."""
    value, error = np.array([[each.now["facts"]["vote"][key] for key in ("value", "error")] for each in found]).T
    told = np.hypot(error, retrieval.OTHERS_SPREAD)
    said = value + retrieval.OTHERS_AHEAD
    return _held_to("vote_in_time_true", found, "neighbours' vote", "another retriever", said, told)


def among(found: list[Export]) -> Row:
    """How often a record's label is among those of the 20 retrieved, by the audit's retriever and by another."""
    right, asked = np.array([each.now["retrieved"] for each in found], float).T
    value = right / asked
    told = np.hypot(binomial(value, asked), retrieval.OTHERS_SPREAD_AMONG)
    said = value + retrieval.OTHERS_AHEAD_AMONG
    return _held_to("found_in_time_given", found, "among 20 retrieved", "another retriever", said, told)


def _before(found: list[Export], estimate: str, outcome: str) -> Row:
    value, low, high = np.array([each.before["estimates"][estimate] for each in found], float).T
    return _held_to(outcome, found, "", "", value, (high - low) / (2 * Z))


def _held_to(outcome: str, found: list[Export], figure: str, part: str, said: Values, told: Values) -> Row:
    got = np.array([each.outcome[outcome] for each in found])
    asked = np.array([each.outcome["in_time_rows"] for each in found])
    return Row(figure, part, said - got, np.hypot(told, binomial(got, asked)), told)


def bound() -> str:
    """The one-sided bound on wrong labels, as it stands and as it was. Of sets that two readers read, at most so many
    are wrong as the upper end of what they found says, and what was planted besides.
    """
    own = {name: judged(name).high or 0.0 for name in SETS}
    groups: dict[str, list[tuple[Export, float]]] = {}
    for each in exports():
        named = set_of(each.outcome["scenario"])
        sound = "nothing planted, " + ("read" if named in own else "not read")
        group = sound if each.sound else "mistakes planted, or annotators'"
        groups.setdefault(group, []).append((each, each.outcome["wrong_labels"] + own.get(named, 0.0)))
    rows: list[list[object]] = []
    for name, found in sorted(groups.items(), reverse=True):
        wrong = np.array([most for _, most in found])
        said = np.array([share_estimate(each.now["doubted"][0], each.now["doubted"][1], "").low for each, _ in found])
        was = np.array([each.before["estimates"]["label_noise_rate"][1] for each, _ in found])
        shares = [f"{100 * each.mean():.1f}" for each in (wrong, said, was)]
        rows.append([name, len(found), *shares, *(f"{(each <= wrong).mean():.2f}" for each in (said, was))])
    return table(
        ["exports", "n", "planted and read, at most %", "bound, %", "bound before, %", "holds", "held before"], rows
    )


def exports() -> list[Export]:
    """All that are audited, in the order of their names."""
    outcomes, now, before = (
        {line["scenario"]: line for line in lines(path) if "scenario" in line} for path in (OUTCOMES, AUDITS, BEFORE)
    )
    return [Export(outcomes[name], now[name], before[name]) for name in sorted(now)]


def binomial(share: Values, rows: Values) -> Values:
    """The standard error of a share, never none."""
    return np.asarray(np.sqrt((share * (1 - share) + 1 / (rows + 2)) / (rows + 2)))
